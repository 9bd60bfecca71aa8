//! What each example needs before it can run.

use std::{
    fs,
    sync::atomic::{AtomicUsize, Ordering},
};

use serde_json::{Value, json};
use tests::{
    SandboxProcess, TestHome,
    tutorial::{self, STEPS, Step},
};

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
const APPLY: &str = "apply_plan";
const REVOKE: &str = "revoke_plan";
const DELETE: &str = "delete_all_tenant_underneath";
const UNDO: &str = "delete_created_objects";
const UPDATE: &str = "update_your_partners_to_all_offering_items_for_specific_edition";

/// What the examples have created.
const RECORD: &str = "created.jsonl";

/// Whose API client an example uses.
#[derive(Clone, Copy)]
enum Client {
    /// None: the example creates it.
    None,
    /// That of the administrator's tenant, which sees the history of the demo data.
    OfAdministrator,
    /// That of a partner without tenants below it, so that the example sends few requests.
    NewPartner,
}

/// An example, and what runs before it.
pub(crate) struct Plan {
    /// `package/name` where the name is not enough.
    pub(crate) example: &'static str,
    client: Client,
    /// The examples that run once, in addition to those it needs, so that it has something to read.
    also: &'static [&'static str],
    /// The examples that run before each case; they may fail.
    each: &'static [&'static str],
    /// Whether the token has expired, so that the first request is for a new one.
    ended: bool,
}

const fn plan(example: &'static str) -> Plan {
    Plan {
        example,
        client: Client::NewPartner,
        also: &[],
        each: &[],
        ended: false,
    }
}

pub(crate) static PLANS: &[Plan] = &[
    plan("create_api_client").client(Client::None),
    plan("issue_access_token"),
    plan(SCOPED),
    plan(PARTNER),
    plan(CUSTOMER),
    plan("create_partner_tenant_and_assign_all_editions_available"),
    plan("create_partner_tenant_and_lock"),
    plan("disable_all_applications_for_customer").each(&[CUSTOMER]),
    plan("get_trial_end_date_for_customer"),
    plan("get_trial_end_date_for_customer_legacy"),
    plan("navigate_through_tenants").also(&[USER]),
    plan("navigate_through_tenants").token_ended(),
    plan("tenants/search_for_tenant_or_user"),
    plan("users/search_for_tenant_or_user"),
    plan("switch_edition_for_customer"),
    plan("switch_edition_for_customer_legacy"),
    plan("update_your_partners_to_all_available_editions").also(&[PARTNER]),
    plan(UPDATE).also(&[PARTNER]),
    plan(DELETE).each(&[DELETE, PARTNER]),
    plan(UNDO).each(&[PARTNER]),
    plan(USER),
    plan("create_user_for_partner_activate_assign_admin_role"),
    plan("ipmpersonate_user_call_me"),
    plan(MACHINE),
    plan("get_all_agents_info").client(Client::OfAdministrator),
    plan("get_all_agents_info_for_customer"),
    plan("get_tasks").client(Client::OfAdministrator),
    plan("get_activities").client(Client::OfAdministrator),
    plan("get_alerts").client(Client::OfAdministrator),
    plan("tasks_pagination").client(Client::OfAdministrator),
    plan("activities_pagination").client(Client::OfAdministrator),
    plan("alerts_pagination").client(Client::OfAdministrator),
    plan("create_dynamic_group").each(&[CUSTOMER, SCOPED]),
    plan("get_all_resources_info").also(&[MACHINE]),
    plan("get_all_resources_protection_statuses").also(&[MACHINE]),
    plan("create_a_backup_plan"),
    plan("get_all_plans_info"),
    plan(APPLY).each(&[REVOKE]),
    plan("start_plan_execution").each(&[REVOKE, APPLY]),
    plan(REVOKE).each(&[APPLY]),
    plan("create_report_retrieve"),
    plan("create_sku_report_retrieve"),
    plan("get_tenant_usage"),
];

impl Plan {
    const fn client(mut self, client: Client) -> Self {
        self.client = client;
        self
    }

    const fn also(mut self, examples: &'static [&'static str]) -> Self {
        self.also = examples;
        self
    }

    const fn each(mut self, examples: &'static [&'static str]) -> Self {
        self.each = examples;
        self
    }

    const fn token_ended(mut self) -> Self {
        self.ended = true;
        self
    }

    /// The name of the example, and how it runs.
    pub(crate) fn name(&self) -> String {
        let how = if self.ended { " without a token" } else { "" };
        format!("{}{how}", self.example)
    }

    /// The examples that run once, in order. The API client already exists.
    fn once(&self) -> impl Iterator<Item = &'static Step> {
        let mut names = tutorial::named(self.example).needs.clone();
        for name in self.also {
            names.insert(name);
            names.extend(&tutorial::named(name).needs);
        }
        names.remove("create_api_client");
        STEPS
            .iter()
            .filter(move |step| names.contains(step.example))
    }
}

/// A sandbox, and a home folder with all that the example needs.
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
        let client = match plan.client {
            Client::None => None,
            Client::OfAdministrator => Some(client_of_administrator(&sandbox)),
            Client::NewPartner => Some(client_of_new_partner(&sandbox)),
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
        for step in plan.once() {
            step.run(&place.sandbox, &place.home, place.next_run())
                .end()
                .success();
        }
        place.before();
        place.sandbox.skip();
        let home = place.home(&place.sandbox.url);
        home.example(plan.example)
            .input(place.input())
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

    /// A copy of the home folder, for the platform at this URL.
    pub(crate) fn home(&self, url: &str) -> TestHome {
        let mut home = TestHome::new(url).secret(&self.sandbox.password);
        for (name, content) in self.home.contents() {
            let is_kept = !(self.plan.ended && name == "api_token.json");
            if is_kept && name != "cyber.platform.cfg.json" && name.ends_with(".json") {
                let content = String::from_utf8(content).expect("it is JSON");
                home = home.put_text(&name, &content);
            }
        }
        if let Ok(record) = fs::read_to_string(self.home.path(RECORD)) {
            home = home.put_text(RECORD, &record.replace(&self.sandbox.url, url));
        }
        home
    }

    /// Restores the state before the first case.
    pub(crate) fn before(&self) {
        if self.plan.example == UNDO {
            // Only what is created for this case. The file may not exist.
            let _ = fs::remove_file(self.home.path(RECORD));
        }
        for name in self.plan.each {
            tutorial::named(name)
                .run(&self.sandbox, &self.home, self.next_run())
                .end();
        }
        if self.plan.example == UPDATE {
            self.switch_an_item_off();
        }
    }

    /// The input of the example. Each run has another login.
    pub(crate) fn input(&self) -> String {
        tutorial::named(self.plan.example).input(&self.sandbox, self.next_run())
    }

    fn next_run(&self) -> usize {
        self.runs.fetch_add(1, Ordering::Relaxed)
    }

    /// Whether the example runs with a customer-scoped token.
    pub(crate) fn customer_token(&self) -> bool {
        self.plan.once().any(|step| step.example == SCOPED)
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

fn client_of_administrator(sandbox: &SandboxProcess) -> Value {
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
