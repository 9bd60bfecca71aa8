//! All examples, in an order in which each can run after those before it.

use std::{collections::BTreeSet, fs, sync::LazyLock};

use sandbox::tutorial::{EXAMPLES, Example, Input};

use crate::{Run, SandboxProcess, TestHome};

/// Writes the customer-scoped token. An example that needs it works inside one customer.
const CUSTOMER_TOKEN: &str = "issue_customer_scoped_token_for_bc";

/// All examples. Each needs the files and objects that those before it create. Those that read or change all tenants
/// run early, while there are few.
const ORDER: [&str; 42] = [
    "create_api_client",
    "issue_access_token",
    "update_your_partners_to_all_offering_items_for_specific_edition",
    "update_your_partners_to_all_available_editions",
    "navigate_through_tenants",
    "get_tenant_usage",
    "create_report_retrieve",
    "create_sku_report_retrieve",
    "create_partner_tenant_and_assign_specific_edition",
    "create_customer_tenant_and_assign_specific_edition",
    "get_trial_end_date_for_customer",
    "get_trial_end_date_for_customer_legacy",
    "create_partner_tenant_and_assign_all_editions_available",
    "switch_edition_for_customer",
    "switch_edition_for_customer_legacy",
    "create_partner_tenant_and_lock",
    "tenants/search_for_tenant_or_user",
    "create_user_for_customer_activate_assign_backup_user_role",
    "create_user_for_partner_activate_assign_admin_role",
    "ipmpersonate_user_call_me",
    "users/search_for_tenant_or_user",
    "get_agent_installation_token",
    "get_all_agents_info",
    "get_all_agents_info_for_customer",
    "issue_customer_scoped_token_for_bc",
    "create_dynamic_group",
    "get_all_resources_info",
    "get_all_resources_protection_statuses",
    "create_a_backup_plan",
    "get_all_plans_info",
    "apply_plan",
    "start_plan_execution",
    "revoke_plan",
    "get_tasks",
    "get_activities",
    "get_alerts",
    "tasks_pagination",
    "activities_pagination",
    "alerts_pagination",
    "disable_all_applications_for_customer",
    "delete_created_objects",
    "delete_all_tenant_underneath",
];

/// All examples, in this order.
pub static STEPS: LazyLock<Vec<Step>> = LazyLock::new(|| ORDER.map(Step::new).into());

/// An example, ready to run after the steps before it.
#[derive(Debug)]
pub struct Step {
    /// Its name, or `package/name` if two packages have one of this name.
    pub example: &'static str,
    /// Whether it works inside one customer. All others need the customer-scoped token to be removed.
    pub for_customer: bool,
    /// The names of all examples that must run before it.
    pub needs: BTreeSet<&'static str>,
    input: &'static [Input],
}

/// The step of an example, by its name or by `package/name`.
///
/// # Panics
/// If there is none.
pub fn named(example: &str) -> &'static Step {
    let step = STEPS.iter().find(|step| step.example == example);
    step.unwrap_or_else(|| panic!("tests/src/tutorial.rs has no step {example}"))
}

impl Step {
    fn new(example: &'static str) -> Self {
        let entry = EXAMPLES.iter().find(|entry| is_named(entry, example));
        let entry = entry.unwrap_or_else(|| panic!("sandbox/src/tutorial.rs lacks {example}"));
        let needs = entry.all_needs();
        Self {
            example,
            for_customer: example == CUSTOMER_TOKEN || needs.contains(CUSTOMER_TOKEN),
            needs,
            input: entry.input,
        }
    }

    /// Prepares a run of this example. `number` must differ between the runs in one sandbox.
    pub fn run<'a>(&self, sandbox: &SandboxProcess, home: &'a TestHome, number: usize) -> Run<'a> {
        if self.example == "apply_plan" {
            // The machine registers a moment after its installation token is issued: less than this at the speed of the
            // tests.
            sandbox.advance("1s");
        }
        if !self.for_customer {
            // The file may not exist.
            let _ = fs::remove_file(home.path("api_customer_scoped_token.json"));
        }
        home.example(self.example)
            .input(self.input(sandbox, number))
    }

    /// Its input for this sandbox. The logins of new users end in the number.
    pub fn input(&self, sandbox: &SandboxProcess, number: usize) -> String {
        let line = |input: &Input| match input {
            Input::AdminLogin => sandbox.login.clone(),
            Input::AdminPassword => sandbox.password.clone(),
            Input::NewLogin(login) => format!("{login}.{number}"),
            Input::Text(text) => (*text).to_owned(),
            Input::Enter => String::new(),
        };
        self.input.iter().map(|input| line(input) + "\n").collect()
    }
}

/// Whether an example has this name or `package/name`.
fn is_named(example: &Example, name: &str) -> bool {
    match name.split_once('/') {
        Some((package, name)) => example.package == package && example.name == name,
        None => example.name == name,
    }
}
