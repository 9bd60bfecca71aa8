//! Machines and groups of a customer.

use super::{Chapter, Step};

pub(crate) const CHAPTER: Chapter = Chapter {
    name: "resources",
    title: "Machines and groups of a customer",
    story: "Machines live in the context of one customer, and calls about them take a token for that customer.",
    customer_token: true,
    steps: STEPS,
};

const STEPS: &[Step] = &[
    Step {
        title: "Issue a token for one customer",
        story: "Protection plans and machines live in a customer's context. For these the API client exchanges its \
                token for one that reaches this customer only. While its file is there, all examples use it, so it \
                comes last.",
        package: "authorization",
        binary: "issue_customer_scoped_token_for_bc",
        answers: &[],
        needs: &["create_customer_tenant_and_assign_specific_edition"],
        then: "",
    },
    Step {
        title: "Create a dynamic group",
        story: "A dynamic group has every machine that meets its condition, those to come included.",
        package: "resources",
        binary: "create_dynamic_group",
        answers: &[],
        needs: &["issue_customer_scoped_token_for_bc"],
        then: "",
    },
    Step {
        title: "List machines and groups",
        story: "Every machine and group of the customer, with all attributes.",
        package: "resources",
        binary: "get_all_resources_info",
        answers: &[],
        needs: &["issue_customer_scoped_token_for_bc"],
        then: "",
    },
    Step {
        title: "Read how well they are protected",
        story: "One status for each machine: what is running, which plans are applied, when they ran and will run.",
        package: "resources",
        binary: "get_all_resources_protection_statuses",
        answers: &[],
        needs: &["issue_customer_scoped_token_for_bc"],
        then: "",
    },
];
