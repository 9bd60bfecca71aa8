//! Agents.

use super::{Chapter, Step};

pub(crate) const CHAPTER: Chapter = Chapter {
    name: "agent",
    title: "Agents",
    story: "A program on each machine does the work there. It registers once, with a token.",
    customer_token: false,
    steps: STEPS,
};

const STEPS: &[Step] = &[Step {
    title: "Get a token for an agent",
    story: "Whoever installs the agent gives it this token, and the machine belongs to the user from then on. The \
            token is made in the user's personal tenant, a unit that every user of a customer has.",
    package: "agent",
    binary: "get_agent_installation_token",
    answers: &[],
    needs: &["create_user_for_customer_activate_assign_backup_user_role"],
    then: "the machine registers",
}];
