//! Machines and groups of a customer.

use super::{Chapter, Step};

pub(crate) const CHAPTER: Chapter = Chapter {
    name: "resources",
    title: "Machines and groups of a customer",
    story: "Machines live in the context of one customer, and calls about them take a token for that customer.",
    customer_token: true,
    steps: STEPS,
};

const STEPS: &[Step] = &[Step {
    title: "Issue a token for one customer",
    story: "Protection plans and machines live in a customer's context. For these the API client exchanges its \
                token for one that reaches this customer only. While its file is there, all examples use it, so it \
                comes last.",
    package: "authorization",
    binary: "issue_customer_scoped_token_for_bc",
    answers: &[],
    needs: &["create_customer_tenant_and_assign_specific_edition"],
    then: "",
}];
