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
        title: "Ask when a trial ends",
        story: "A trial lasts for one full calendar month, and production begins by itself after it. The pricing tells \
                the day; this customer is in production already, since the step before.",
        package: "tenants",
        binary: "get_trial_end_date_for_customer",
        answers: &[],
        needs: &["create_customer_tenant_and_assign_specific_edition"],
        then: "",
    },
    Step {
        title: "Compute when a trial ends",
        story: "For platforms that do not tell the day: the version of the pricing is a moment in milliseconds, and the \
                rest is counting in months.",
        package: "tenants",
        binary: "get_trial_end_date_for_customer_legacy",
        answers: &[],
        needs: &["create_customer_tenant_and_assign_specific_edition"],
        then: "",
    },
    Step {
        title: "Create a partner with all editions",
        story: "A customer has a service in one edition; a partner may have any number of them. The asterisk asks for \
                all.",
        package: "tenants",
        binary: "create_partner_tenant_and_assign_all_editions_available",
        answers: &[],
        needs: &["create_api_client"],
        then: "",
    },
    Step {
        title: "Switch a customer to another edition",
        story: "Reading the edition is a dry run: it tells what the switch would bring, and changes nothing. Writing it \
                is the switch; quotas and usage go along.",
        package: "tenants",
        binary: "switch_edition_for_customer",
        answers: &[Answer::Text("")],
        needs: &["create_api_client"],
        then: "",
    },
    Step {
        title: "Switch an edition item by item",
        story: "The same without that call: one call switches the items of the old edition off and those of the new one \
                on, as a customer cannot have both.",
        package: "tenants",
        binary: "switch_edition_for_customer_legacy",
        answers: &[Answer::Text("")],
        needs: &["create_api_client"],
        then: "",
    },
    Step {
        title: "Switch on what partners have off",
        story: "Of all partners below the API client's tenant, what is off in one edition goes on. Customers are \
                children too, and are left out. Where one is refused, the others have their turn.",
        package: "tenants",
        binary: "update_your_partners_to_all_offering_items_for_specific_edition",
        answers: &[],
        needs: &["create_api_client"],
        then: "",
    },
    Step {
        title: "Give all editions to all partners",
        story: "What is new in a tenant is not on by itself in those below. This enables every item of every edition for \
                every partner.",
        package: "tenants",
        binary: "update_your_partners_to_all_available_editions",
        answers: &[],
        needs: &["create_api_client"],
        then: "",
    },
    Step {
        title: "Lock a partner, and delete it",
        story: "While a tenant is locked, only the owner of the lock may change it. Each change names the version that it \
                was made for, and each answer has the next one: so nobody overwrites what he has not seen.",
        package: "tenants",
        binary: "create_partner_tenant_and_lock",
        answers: &[
            Answer::Text(""),
            Answer::Text(""),
            Answer::Text(""),
            Answer::Text(""),
        ],
        needs: &["create_api_client"],
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
