//! Reports.

use super::{Chapter, Step};

pub(crate) const CHAPTER: Chapter = Chapter {
    name: "reports",
    title: "Reports",
    story: "What the tenants used, as files for billing.",
    customer_token: false,
    steps: STEPS,
};

const STEPS: &[Step] = &[
    Step {
        title: "Make a report and download it",
        story: "A report takes its time: it is ordered, looked for until its stored file is saved, and downloaded as \
                CSV.",
        package: "reports",
        binary: "create_report_retrieve",
        answers: &[],
        needs: &["create_api_client"],
        then: "",
    },
    Step {
        title: "Make a report with article numbers",
        story: "For a bill: what the partners and customers right below used last month, each line with the number of \
                the article (SKU) in the price list.",
        package: "reports",
        binary: "create_sku_report_retrieve",
        answers: &[],
        needs: &["create_api_client"],
        then: "",
    },
];
