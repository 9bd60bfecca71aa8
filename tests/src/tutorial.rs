//! All examples, in an order in which each can run after those before it, with the input of each.

use std::fs;

use crate::{Run, SandboxProcess, TestHome};

/// An example and its input.
#[derive(Debug)]
pub struct Step {
    /// Its name, or `package/name`.
    pub example: &'static str,
    /// The input. `LOGIN` and `PASSWORD` are the administrator's; `NUMBER` differs between runs.
    input: &'static str,
    /// Whether it works inside one customer. All others need the customer-scoped token to be removed.
    pub for_customer: bool,
}

const fn step(example: &'static str, input: &'static str) -> Step {
    Step {
        example,
        input,
        for_customer: false,
    }
}

const fn for_customer(example: &'static str) -> Step {
    Step {
        example,
        input: "",
        for_customer: true,
    }
}

/// All examples. Each needs the files and objects that those before it create. Those that read or change all tenants
/// come early, while there are few.
pub static STEPS: &[Step] = &[
    step("create_api_client", "LOGIN\nPASSWORD\n"),
    step("issue_access_token", ""),
    step(
        "update_your_partners_to_all_offering_items_for_specific_edition",
        "",
    ),
    step("update_your_partners_to_all_available_editions", ""),
    step("navigate_through_tenants", ""),
    step("get_tenant_usage", ""),
    step("create_report_retrieve", ""),
    step("create_sku_report_retrieve", ""),
    step("create_partner_tenant_and_assign_specific_edition", ""),
    step("create_customer_tenant_and_assign_specific_edition", ""),
    step("get_trial_end_date_for_customer", ""),
    step("get_trial_end_date_for_customer_legacy", ""),
    step(
        "create_partner_tenant_and_assign_all_editions_available",
        "",
    ),
    step("switch_edition_for_customer", "\n"),
    step("switch_edition_for_customer_legacy", "\n"),
    step("create_partner_tenant_and_lock", "\n\n\n\n"),
    step("tenants/search_for_tenant_or_user", "Rust\n"),
    step(
        "create_user_for_customer_activate_assign_backup_user_role",
        "grace.NUMBER\ngrace@example.com\n",
    ),
    step(
        "create_user_for_partner_activate_assign_admin_role",
        "ada.NUMBER\nada@example.com\n",
    ),
    step("ipmpersonate_user_call_me", ""),
    step("users/search_for_tenant_or_user", "grace\n"),
    step("get_agent_installation_token", ""),
    step("get_all_agents_info", ""),
    step("get_all_agents_info_for_customer", ""),
    for_customer("issue_customer_scoped_token_for_bc"),
    for_customer("create_dynamic_group"),
    for_customer("get_all_resources_info"),
    for_customer("get_all_resources_protection_statuses"),
    for_customer("create_a_backup_plan"),
    for_customer("get_all_plans_info"),
    for_customer("apply_plan"),
    for_customer("start_plan_execution"),
    for_customer("revoke_plan"),
    step("get_tasks", ""),
    step("get_activities", ""),
    step("get_alerts", ""),
    step("tasks_pagination", ""),
    step("activities_pagination", ""),
    step("alerts_pagination", ""),
    step("disable_all_applications_for_customer", ""),
    step("delete_all_tenant_underneath", "yes\n"),
];

/// The step of an example, by its name or by `package/name`.
///
/// # Panics
/// If there is none.
pub fn named(example: &str) -> &'static Step {
    let step = STEPS.iter().find(|step| step.example == example);
    step.unwrap_or_else(|| panic!("tests/src/tutorial.rs has no step {example}"))
}

impl Step {
    /// Prepares a run of this example. `number` must differ between the runs in one sandbox.
    pub fn run<'a>(&self, sandbox: &SandboxProcess, home: &'a TestHome, number: usize) -> Run<'a> {
        if self.example == "apply_plan" {
            // The machine registers a moment after its installation token is issued: less than this at the speed of the
            // tests.
            sandbox.advance("1s");
        }
        if !self.for_customer {
            // It may not be there.
            let _ = fs::remove_file(home.path("api_customer_scoped_token.json"));
        }
        home.example(self.example)
            .input(self.input(sandbox, number))
    }

    /// Its input for this sandbox.
    pub fn input(&self, sandbox: &SandboxProcess, number: usize) -> String {
        self.input
            .replace("LOGIN", &sandbox.login)
            .replace("PASSWORD", &sandbox.password)
            .replace("NUMBER", &number.to_string())
    }
}
