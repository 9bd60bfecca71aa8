//! The examples: what is typed into each, and which must have run before it. The guided tour and the tests run them.

use std::collections::BTreeSet;

/// An example of the tutorial.
#[derive(Debug)]
pub struct Example {
    /// The package of the binary.
    pub package: &'static str,
    /// The name of the binary.
    pub name: &'static str,
    /// Its arguments on the command line of the tour.
    pub arguments: &'static [&'static str],
    /// What is typed at its prompts, in their order.
    pub input: &'static [Input],
    /// The examples whose results it needs.
    pub needs: &'static [&'static str],
    /// What the sandbox does afterwards. The tour waits for it.
    pub then: Option<&'static str>,
}

/// A line that is typed at a prompt.
#[derive(Clone, Copy, Debug)]
pub enum Input {
    /// The administrator's login.
    AdminLogin,
    /// The administrator's password, which is not shown.
    AdminPassword,
    /// The login of a new user. A login is unique on the whole platform: a second run needs another one.
    NewLogin(&'static str),
    /// A text.
    Text(&'static str),
    /// Enter alone.
    Enter,
}

impl Example {
    const fn new(
        package: &'static str,
        name: &'static str,
        needs: &'static [&'static str],
    ) -> Self {
        Self {
            package,
            name,
            arguments: &[],
            input: &[],
            needs,
            then: None,
        }
    }

    const fn arguments(mut self, arguments: &'static [&'static str]) -> Self {
        self.arguments = arguments;
        self
    }

    const fn input(mut self, input: &'static [Input]) -> Self {
        self.input = input;
        self
    }

    const fn then(mut self, then: &'static str) -> Self {
        self.then = Some(then);
        self
    }

    /// The command that runs it in the tour.
    #[must_use]
    pub fn command(&self) -> String {
        let command = format!("cargo run -p {} --bin {}", self.package, self.name);
        if self.arguments.is_empty() {
            return command;
        }
        format!("{command} -- {}", self.arguments.join(" "))
    }

    /// The names of all examples that must run before it: those that it needs, and those that they need.
    #[must_use]
    pub fn all_needs(&self) -> BTreeSet<&'static str> {
        let mut all = BTreeSet::new();
        let mut open = self.needs.to_vec();
        while let Some(name) = open.pop() {
            if all.insert(name) {
                let examples = EXAMPLES.iter().filter(|example| example.name == name);
                open.extend(examples.flat_map(|example| example.needs));
            }
        }
        all
    }
}

/// Grove School, a customer of the demo world that is in trial.
pub const TRIAL_CUSTOMER: &str = "2164a751-6b2e-580b-846c-d8775a53e7c1";

const CLIENT: &[&str] = &["create_api_client"];
const PARTNER: &[&str] = &["create_partner_tenant_and_assign_specific_edition"];
const CUSTOMER: &[&str] = &["create_customer_tenant_and_assign_specific_edition"];
const USER: &[&str] = &["create_user_for_customer_activate_assign_backup_user_role"];
const CUSTOMER_TOKEN: &[&str] = &["issue_customer_scoped_token_for_bc"];
const MACHINE_AND_PLAN: &[&str] = &["get_agent_installation_token", "create_a_backup_plan"];
const APPLIED_PLAN: &[&str] = &["apply_plan"];

/// All examples.
pub const EXAMPLES: &[Example] = &[
    Example::new("authorization", "create_api_client", &[])
        .input(&[Input::AdminLogin, Input::AdminPassword]),
    Example::new("authorization", "issue_access_token", CLIENT),
    Example::new(
        "authorization",
        "issue_customer_scoped_token_for_bc",
        CUSTOMER,
    ),
    Example::new(
        "tenants",
        "create_partner_tenant_and_assign_specific_edition",
        CLIENT,
    ),
    Example::new(
        "tenants",
        "create_customer_tenant_and_assign_specific_edition",
        PARTNER,
    ),
    Example::new("tenants", "get_trial_end_date_for_customer", CUSTOMER)
        .arguments(&["--tenant", TRIAL_CUSTOMER]),
    Example::new(
        "tenants",
        "get_trial_end_date_for_customer_legacy",
        CUSTOMER,
    )
    .arguments(&["--tenant", TRIAL_CUSTOMER]),
    Example::new(
        "tenants",
        "create_partner_tenant_and_assign_all_editions_available",
        CLIENT,
    ),
    Example::new("tenants", "switch_edition_for_customer", CLIENT).input(&[Input::Enter]),
    Example::new("tenants", "switch_edition_for_customer_legacy", CLIENT).input(&[Input::Enter]),
    Example::new(
        "tenants",
        "update_your_partners_to_all_offering_items_for_specific_edition",
        CLIENT,
    ),
    Example::new(
        "tenants",
        "update_your_partners_to_all_available_editions",
        CLIENT,
    ),
    Example::new("tenants", "create_partner_tenant_and_lock", CLIENT).input(&[
        Input::Enter,
        Input::Enter,
        Input::Enter,
        Input::Enter,
    ]),
    Example::new("tenants", "navigate_through_tenants", CLIENT),
    Example::new("tenants", "search_for_tenant_or_user", CUSTOMER)
        .input(&[Input::Text("Editions")]),
    Example::new("tenants", "disable_all_applications_for_customer", CUSTOMER),
    // The API client stays: the last example needs it.
    Example::new("tenants", "delete_created_objects", CUSTOMER)
        .input(&[Input::Text("yes"), Input::Text("no")]),
    Example::new("tenants", "delete_all_tenant_underneath", CUSTOMER).input(&[Input::Text("yes")]),
    Example::new(
        "users",
        "create_user_for_customer_activate_assign_backup_user_role",
        CUSTOMER,
    )
    .input(&[
        Input::NewLogin("grace.hopper"),
        Input::Text("grace@example.com"),
    ]),
    Example::new(
        "users",
        "create_user_for_partner_activate_assign_admin_role",
        PARTNER,
    )
    .input(&[
        Input::NewLogin("ada.lovelace"),
        Input::Text("ada@example.com"),
    ]),
    Example::new("users", "ipmpersonate_user_call_me", USER),
    Example::new("users", "search_for_tenant_or_user", USER).input(&[Input::Text("grace")]),
    Example::new("usage", "get_tenant_usage", CLIENT),
    Example::new("reports", "create_report_retrieve", CLIENT),
    Example::new("reports", "create_sku_report_retrieve", CLIENT),
    Example::new("agent", "get_agent_installation_token", USER).then("the machine registers"),
    Example::new("agent", "get_all_agents_info", CLIENT),
    Example::new("agent", "get_all_agents_info_for_customer", CUSTOMER),
    Example::new("resources", "create_dynamic_group", CUSTOMER_TOKEN),
    Example::new("resources", "get_all_resources_info", CUSTOMER_TOKEN),
    Example::new(
        "resources",
        "get_all_resources_protection_statuses",
        CUSTOMER_TOKEN,
    ),
    Example::new("plans", "create_a_backup_plan", CUSTOMER_TOKEN),
    Example::new("plans", "get_all_plans_info", &["create_a_backup_plan"]),
    Example::new("plans", "apply_plan", MACHINE_AND_PLAN),
    Example::new("plans", "start_plan_execution", APPLIED_PLAN).then("the backup runs"),
    Example::new("plans", "revoke_plan", APPLIED_PLAN),
    Example::new("monitoring", "get_tasks", CLIENT),
    Example::new("monitoring", "get_activities", CLIENT),
    Example::new("monitoring", "get_alerts", CLIENT),
    Example::new("monitoring", "tasks_pagination", CLIENT),
    Example::new("monitoring", "activities_pagination", CLIENT),
    Example::new("monitoring", "alerts_pagination", CLIENT),
];
