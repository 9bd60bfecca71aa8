//! What each example needs before it can run.

use std::{
    fs,
    sync::atomic::{AtomicUsize, Ordering},
};

use serde_json::{Value, json};
use tests::{SandboxProcess, TestHome, tutorial};

use super::{
    case::Case,
    fault::{self, Fault},
    request::Request,
};

const PARTNER: &str = "create_partner_tenant_and_assign_specific_edition";
const CUSTOMER: &str = "create_customer_tenant_and_assign_specific_edition";
const USER: &str = "create_user_for_customer_activate_assign_backup_user_role";
const SCOPED: &str = "issue_customer_scoped_token_for_bc";
const MACHINE: &str = "get_agent_installation_token";
const PLAN: &str = "create_a_backup_plan";
const APPLY: &str = "apply_plan";
const REVOKE: &str = "revoke_plan";
const DELETE: &str = "delete_all_tenant_underneath";

/// An example and what it needs.
pub(crate) struct Plan {
    /// `package/name` where the name is not enough.
    pub(crate) example: &'static str,
    /// What is run in its home once.
    once: &'static [&'static str],
    /// What is run before each case; it may fail.
    each: &'static [&'static str],
    /// Whether the token has expired, so that the first request is for a new one.
    ended: bool,
}

const fn plan(
    example: &'static str,
    once: &'static [&'static str],
    each: &'static [&'static str],
) -> Plan {
    Plan {
        example,
        once,
        each,
        ended: false,
    }
}

const TENANTS: &[&str] = &[PARTNER, CUSTOMER];
const USERS: &[&str] = &[PARTNER, CUSTOMER, USER];
const MACHINES: &[&str] = &[PARTNER, CUSTOMER, USER, MACHINE, SCOPED];
const PLANS_MADE: &[&str] = &[PARTNER, CUSTOMER, USER, MACHINE, SCOPED, PLAN];

pub(crate) static PLANS: &[Plan] = &[
    plan("create_api_client", &[], &[]),
    plan("issue_access_token", &[], &[]),
    plan(SCOPED, TENANTS, &[]),
    plan(PARTNER, &[], &[]),
    plan(CUSTOMER, &[PARTNER], &[]),
    plan(
        "create_partner_tenant_and_assign_all_editions_available",
        &[],
        &[],
    ),
    plan("create_partner_tenant_and_lock", &[], &[]),
    plan(
        "disable_all_applications_for_customer",
        TENANTS,
        &[CUSTOMER],
    ),
    plan("get_trial_end_date_for_customer", TENANTS, &[]),
    plan("get_trial_end_date_for_customer_legacy", TENANTS, &[]),
    plan("navigate_through_tenants", USERS, &[]),
    plan("tenants/search_for_tenant_or_user", &[], &[]),
    plan("users/search_for_tenant_or_user", &[], &[]),
    plan("switch_edition_for_customer", &[], &[]),
    plan("switch_edition_for_customer_legacy", &[], &[]),
    plan(
        "update_your_partners_to_all_available_editions",
        &[PARTNER],
        &[],
    ),
    plan(
        "update_your_partners_to_all_offering_items_for_specific_edition",
        &[PARTNER],
        &[],
    ),
    plan(DELETE, &[PARTNER], &[DELETE, PARTNER]),
    plan(USER, TENANTS, &[]),
    plan(
        "create_user_for_partner_activate_assign_admin_role",
        &[PARTNER],
        &[],
    ),
    plan("ipmpersonate_user_call_me", USERS, &[]),
    plan(MACHINE, USERS, &[]),
    plan("get_all_agents_info", &[], &[]),
    plan("get_all_agents_info_for_customer", TENANTS, &[]),
    plan("get_tasks", &[], &[]),
    plan("get_activities", &[], &[]),
    plan("get_alerts", &[], &[]),
    plan("tasks_pagination", &[], &[]),
    plan("activities_pagination", &[], &[]),
    plan("alerts_pagination", &[], &[]),
    plan("create_dynamic_group", TENANTS, &[CUSTOMER, SCOPED]),
    plan("get_all_resources_info", MACHINES, &[]),
    plan("get_all_resources_protection_statuses", MACHINES, &[]),
    plan(PLAN, MACHINES, &[]),
    plan("get_all_plans_info", PLANS_MADE, &[]),
    plan(APPLY, PLANS_MADE, &[REVOKE]),
    plan("start_plan_execution", PLANS_MADE, &[REVOKE, APPLY]),
    plan(REVOKE, PLANS_MADE, &[APPLY]),
    plan("create_report_retrieve", &[], &[]),
    plan("create_sku_report_retrieve", &[], &[]),
    plan("get_tenant_usage", &[], &[]),
    Plan {
        ended: true,
        ..plan("navigate_through_tenants", &[], &[])
    },
];

impl Plan {
    /// The name of the example, and how it runs.
    pub(crate) fn name(&self) -> String {
        let how = if self.ended { " without a token" } else { "" };
        format!("{}{how}", self.example)
    }
}

/// A sandbox, and a home with all that the example needs.
pub(crate) struct Place {
    plan: &'static Plan,
    pub(crate) sandbox: SandboxProcess,
    /// Each case has a copy of it.
    home: TestHome,
    requests: Vec<Request>,
    runs: AtomicUsize,
}

impl Place {
    pub(crate) fn prepare(plan: &'static Plan) -> Self {
        let sandbox = SandboxProcess::start();
        let client = match plan.example {
            "create_api_client" => None,
            // These read the history of the demo data.
            it if it.contains("pagination")
                || it.starts_with("get_a")
                || it.starts_with("get_t") =>
            {
                Some(client_of_root(&sandbox))
            }
            _ => Some(client_of_new_partner(&sandbox)),
        };
        let mut home = sandbox.home();
        if let Some(client) = client {
            home = home.put("api_client.json", client);
            home.run("issue_access_token").success();
        }
        let mut place = Self {
            plan,
            sandbox,
            home,
            requests: Vec::new(),
            runs: AtomicUsize::new(0),
        };
        for name in plan.once {
            place
                .home
                .example(name)
                .input(place.input(name))
                .end()
                .success();
        }
        place.before();
        place.sandbox.skip();
        let home = place.home(&place.sandbox.url);
        home.example(plan.example)
            .input(place.input(plan.example))
            .end()
            .success();
        place.requests = Request::all(&place.sandbox.new_calls());
        place
    }

    /// All cases of this example. A fault that happens each time is one case for all requests to one path.
    pub(crate) fn cases(&self) -> Vec<Case> {
        let mut cases = Vec::new();
        for (number, request) in self.requests.iter().enumerate() {
            let faults = fault::ALL.iter();
            cases.extend(
                faults
                    .filter(|fault| **fault != Fault::Status500 || request.turn == 1)
                    .map(|fault| Case {
                        example: self.plan.example,
                        request: request.clone(),
                        is_first: number == 0,
                        fault: *fault,
                    }),
            );
        }
        cases
    }

    /// A copy of the home, for the platform at this URL.
    pub(crate) fn home(&self, url: &str) -> TestHome {
        let mut home = TestHome::new(url).secret(&self.sandbox.password);
        for (name, content) in self.home.contents() {
            let is_kept = !(self.plan.ended && name == "api_token.json");
            if is_kept && name != "cyber.platform.cfg.json" && name.ends_with(".json") {
                let content = String::from_utf8(content).expect("it is JSON");
                home = home.put_text(&name, &content);
            }
        }
        home
    }

    /// Restores the state before the first case.
    pub(crate) fn before(&self) {
        if self.plan.each.contains(&SCOPED) {
            // With this token only its customer can be reached.
            let _ = fs::remove_file(self.home.path("api_customer_scoped_token.json"));
        }
        for name in self.plan.each {
            self.home.example(name).input(self.input(name)).end();
        }
        if self.plan.example == "update_your_partners_to_all_offering_items_for_specific_edition" {
            self.switch_an_item_off();
        }
    }

    /// The input of an example. Each run has another login.
    pub(crate) fn input(&self, example: &str) -> String {
        let number = self.runs.fetch_add(1, Ordering::Relaxed);
        tutorial::named(example).input(&self.sandbox, number)
    }

    pub(crate) fn customer_token(&self) -> bool {
        self.plan.once.contains(&SCOPED) || self.plan.each.contains(&SCOPED)
    }

    fn switch_an_item_off(&self) {
        let partner = self.home.file("partner.json");
        let path = format!(
            "/api/2/tenants/{}/offering_items",
            partner["id"].as_str().expect("an id")
        );
        let of_edition = format!("{path}?edition=pck_per_gigabyte");
        let items = self.sandbox.as_admin("GET", &of_edition, &Value::Null);
        let mut item = items["items"][0].clone();
        item["status"] = 0.into();
        self.sandbox
            .as_admin("PUT", &path, &json!({ "offering_items": [item] }));
    }
}

fn client_of_root(sandbox: &SandboxProcess) -> Value {
    let me = sandbox.as_admin("GET", "/api/2/users/me", &Value::Null);
    client(sandbox, &me["tenant_id"])
}

/// An API client of a partner without tenants below it.
fn client_of_new_partner(sandbox: &SandboxProcess) -> Value {
    let me = sandbox.as_admin("GET", "/api/2/users/me", &Value::Null);
    let root = me["tenant_id"].as_str().expect("an id");
    let request = json!({ "name": "Rust Fault Matrix", "parent_id": root, "kind": "partner" });
    let partner = sandbox.as_admin("POST", "/api/2/tenants", &request);
    let path =
        format!("/api/2/tenants/{root}/offering_items/available_for_child?kind=partner&edition=*");
    let items = sandbox.as_admin("GET", &path, &Value::Null);
    let path = format!(
        "/api/2/tenants/{}/offering_items",
        partner["id"].as_str().expect("an id")
    );
    sandbox.as_admin("PUT", &path, &json!({ "offering_items": items["items"] }));
    client(sandbox, &partner["id"])
}

fn client(sandbox: &SandboxProcess, tenant: &Value) -> Value {
    let request = json!({
        "type": "api_client",
        "tenant_id": tenant,
        "token_endpoint_auth_method": "client_secret_basic",
        "data": { "client_name": "Rust.Client" },
    });
    sandbox.as_admin("POST", "/api/2/clients", &request)
}
