//! Protection plans.

use super::{Chapter, Step};

pub(crate) const CHAPTER: Chapter = Chapter {
    name: "plans",
    title: "Protection plans",
    story: "A plan says what is done for machines, when and where to. It does nothing until it is applied to one.",
    customer_token: true,
    steps: STEPS,
};

const STEPS: &[Step] = &[
    Step {
        title: "Create a backup plan",
        story: "A plan is made of policies: the first one is the plan itself, its children say what it does. This one \
                comes from a template with one child, a backup to the cloud on three nights a week. Whoever makes a \
                plan chooses the ids, so that the child can name its parent.",
        package: "plans",
        binary: "create_a_backup_plan",
        answers: &[],
        needs: &["issue_customer_scoped_token_for_bc"],
        then: "",
    },
    Step {
        title: "List the plans",
        story: "A list of plans has one item for each, with all its policies in it.",
        package: "plans",
        binary: "get_all_plans_info",
        answers: &[],
        needs: &["create_a_backup_plan"],
        then: "",
    },
    Step {
        title: "Apply a plan",
        story: "Three calls: which machines are there, which plans could be applied to the first one, and apply one. \
                Where all goes well the answer is empty; what is to be said about it comes as a list of issues.",
        package: "plans",
        binary: "apply_plan",
        answers: &[],
        needs: &["get_agent_installation_token", "create_a_backup_plan"],
        then: "",
    },
    Step {
        title: "Run the plan",
        story: "By its schedule the plan would run at night. This starts it now: the answer says only that it was \
                heard, and the work goes on by itself, as a task with an activity.",
        package: "plans",
        binary: "start_plan_execution",
        answers: &[],
        needs: &["apply_plan"],
        then: "the backup runs",
    },
    Step {
        title: "Revoke the plan",
        story: "Its machine is protected no more; the plan stays, for others.",
        package: "plans",
        binary: "revoke_plan",
        answers: &[],
        needs: &["apply_plan"],
        then: "",
    },
];
