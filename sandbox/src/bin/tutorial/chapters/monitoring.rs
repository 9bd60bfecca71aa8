//! Monitoring.

use super::{Chapter, Step};

pub(crate) const CHAPTER: Chapter = Chapter {
    name: "monitoring",
    title: "Monitoring",
    story: "What the machines do, what came of it, and what somebody should look at.",
    customer_token: false,
    steps: STEPS,
};

const STEPS: &[Step] = &[
    Step {
        title: "Read the tasks of a week",
        story: "What the machines have done in the last seven days, sorted by how it ended. The filter is an operator with a time.",
        package: "monitoring",
        binary: "get_tasks",
        answers: &[],
        needs: &["create_api_client"],
        then: "",
    },
    Step {
        title: "Read the activities of a week",
        story: "What happened within the tasks.",
        package: "monitoring",
        binary: "get_activities",
        answers: &[],
        needs: &["create_api_client"],
        then: "",
    },
    Step {
        title: "Read the alerts of a week",
        story: "What somebody should look at. Times are nanoseconds here, and severities have a rank.",
        package: "monitoring",
        binary: "get_alerts",
        answers: &[],
        needs: &["create_api_client"],
        then: "",
    },
    Step {
        title: "Read tasks page by page",
        story: "Each page has a cursor that leads to the next one and keeps the filter. The last one has none.",
        package: "monitoring",
        binary: "tasks_pagination",
        answers: &[],
        needs: &["create_api_client"],
        then: "",
    },
    Step {
        title: "Read activities page by page",
        story: "The same with activities.",
        package: "monitoring",
        binary: "activities_pagination",
        answers: &[],
        needs: &["create_api_client"],
        then: "",
    },
    Step {
        title: "Read alerts there and back",
        story: "Alerts can also be read backwards, by the cursor to the page before.",
        package: "monitoring",
        binary: "alerts_pagination",
        answers: &[],
        needs: &["create_api_client"],
        then: "",
    },
];
