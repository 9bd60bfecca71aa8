//! Cleaning up.

use super::{Answer, Chapter, Step};

pub(crate) const CHAPTER: Chapter = Chapter {
    name: "cleanup",
    title: "Cleaning up",
    story: "How a customer loses its services, and how everything goes again that was made.",
    customer_token: false,
    steps: STEPS,
};

const STEPS: &[Step] = &[
    Step {
        title: "Switch off all applications of a customer",
        story: "A tenant has the applications of which it has offering items; where one goes, its items go with it. \
                Only the platform itself stays, in which the tenant lives.",
        package: "tenants",
        binary: "disable_all_applications_for_customer",
        answers: &[],
        needs: &["create_customer_tenant_and_assign_specific_edition"],
        then: "",
    },
    Step {
        title: "Delete all tenants underneath",
        story: "Shows first what will go, and only the word yes lets it go. A tenant has to be disabled before it can be \
                deleted, so there are three calls for each; all that is in it goes along.",
        package: "tenants",
        binary: "delete_all_tenant_underneath",
        answers: &[Answer::Text("yes")],
        needs: &["create_customer_tenant_and_assign_specific_edition"],
        then: "",
    },
];
