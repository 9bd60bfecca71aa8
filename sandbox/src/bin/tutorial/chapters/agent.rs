//! Agents.

use super::{Chapter, Step};

pub(crate) const CHAPTER: Chapter = Chapter {
    name: "agent",
    title: "Agents",
    story: "A program on each machine does the work there. It registers once, with a token.",
    customer_token: false,
    steps: STEPS,
};

const STEPS: &[Step] = &[
    Step {
        title: "Get a token for an agent",
        story: "Whoever installs the agent gives it this token, and the machine belongs to the user from then on. The \
            token is made in the user's personal tenant, a unit that every user of a customer has.",
        package: "agent",
        binary: "get_agent_installation_token",
        answers: &[],
        needs: &["create_user_for_customer_activate_assign_backup_user_role"],
        then: "the machine registers",
    },
    Step {
        title: "List all agents",
        story: "The agents of all tenants that the API client reaches, and which of them can be reached now.",
        package: "agent",
        binary: "get_all_agents_info",
        answers: &[],
        needs: &["create_api_client"],
        then: "",
    },
    Step {
        title: "List the agents of one customer",
        story: "This service knows tenants by a number from before they had UUIDs, which is asked for first.",
        package: "agent",
        binary: "get_all_agents_info_for_customer",
        answers: &[],
        needs: &["create_customer_tenant_and_assign_specific_edition"],
        then: "",
    },
];
