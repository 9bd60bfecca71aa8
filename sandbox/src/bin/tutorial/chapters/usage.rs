//! Usage.

use super::{Chapter, Step};

pub(crate) const CHAPTER: Chapter = Chapter {
    name: "usage",
    title: "Usage",
    story: "What the tenants use, as it is now.",
    customer_token: false,
    steps: STEPS,
};

const STEPS: &[Step] = &[Step {
    title: "Read the usage",
    story: "What the tenant and all below it use now, against their quotas. The platform refreshes the figures \
                about every half hour; bills are made of reports, not of these.",
    package: "usage",
    binary: "get_tenant_usage",
    answers: &[],
    needs: &["create_api_client"],
    then: "",
}];
