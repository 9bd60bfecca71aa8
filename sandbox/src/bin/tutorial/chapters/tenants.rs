//! Partners and customers.

use super::{Answer, Chapter, Step};

pub(crate) const CHAPTER: Chapter = Chapter {
    name: "tenants",
    title: "Partners and customers",
    story: "Tenants form a tree of partners and their customers. These examples make some, give them services, and look at what is there.",
    customer_token: false,
    steps: STEPS,
};

const STEPS: &[Step] = &[
    Step {
        title: "Create a partner",
        story: "Tenants form a tree: partners and folders, below them customers, below these units. A new tenant has \
                no services. Which offering items its parent can give depends on the kind of the child and on the \
                edition, so the example asks for them and enables all it is told.",
        package: "tenants",
        binary: "create_partner_tenant_and_assign_specific_edition",
        answers: &[],
        needs: &["create_api_client"],
        then: "",
    },
    Step {
        title: "Create a customer and end its trial",
        story: "The customer is made below the partner. A customer has one storage of a kind, so the items of a second \
                disaster-recovery storage are left out. New customers are in trial: the last call writes the pricing \
                back with the mode production. On the real platform this starts the billing, and there is no way back.",
        package: "tenants",
        binary: "create_customer_tenant_and_assign_specific_edition",
        answers: &[],
        needs: &["create_partner_tenant_and_assign_specific_edition"],
        then: "",
    },
    Step {
        title: "Walk through the tenants",
        story: "From the API client's own tenant down to the last user. Lists of children and users hold ids only, so \
                each tenant and each user is read by a call of its own.",
        package: "tenants",
        binary: "navigate_through_tenants",
        answers: &[],
        needs: &["create_api_client"],
        then: "",
    },
    Step {
        title: "Find a tenant",
        story: "One call searches names, logins and e-mail addresses, in the given tenant and below.",
        package: "tenants",
        binary: "search_for_tenant_or_user",
        answers: &[Answer::Text("Rust")],
        needs: &["create_customer_tenant_and_assign_specific_edition"],
        then: "",
    },
];
