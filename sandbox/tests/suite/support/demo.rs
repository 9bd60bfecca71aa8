//! A sandbox with the demo data, and an API client of its administrator.

use std::sync::OnceLock;
use std::time::SystemTime;

use reqwest::Method;
use reqwest::blocking::RequestBuilder;
use sandbox::Id;
use sandbox::{Options, Sandbox};
use serde_json::{Value, json};

pub(crate) use super::send;
use super::{Caller, Response, SandboxFixture};

/// The application of most offering items.
pub(crate) const BACKUP: &str = "6e6d758d-8e74-3ae3-ac84-50eb0dff12eb";
/// The second disaster-recovery storage.
pub(crate) const GOOGLE: &str = "ba2976d0-c13e-4661-ae60-b4593583fce2";

/// Paths without a leading `/` are relative to `/api/2/`.
pub(crate) struct DemoFixture {
    fixture: SandboxFixture,
    caller: Caller,
    /// The administrator's tenant.
    pub(crate) me: String,
}

impl DemoFixture {
    /// A copy of the demo world, which takes less time than seeding it again.
    pub(crate) fn new() -> Self {
        static WORLD: OnceLock<Sandbox> = OnceLock::new();
        let world = WORLD.get_or_init(|| Sandbox::start(Options::default()).expect("a sandbox"));
        Self::of(SandboxFixture::of(world.fork().expect("a sandbox")))
    }

    pub(crate) fn with(options: Options) -> Self {
        Self::of(SandboxFixture::with(options))
    }

    fn of(fixture: SandboxFixture) -> Self {
        let me = fixture.partner();
        let caller = fixture.bearer_for(&me);
        Self {
            fixture,
            caller,
            me,
        }
    }

    pub(crate) fn sandbox(&self) -> &Sandbox {
        &self.fixture.sandbox
    }

    /// A call as an API client of another tenant, not yet sent.
    pub(crate) fn as_client_of(&self, tenant: &str, method: Method, path: &str) -> RequestBuilder {
        self.request(&self.fixture.bearer_for(tenant), &method, path)
    }

    /// A call as the API client, not yet sent.
    pub(crate) fn call(&self, method: Method, path: &str) -> RequestBuilder {
        self.request(&self.caller, &method, path)
    }

    /// A call with the login and password of the administrator, not yet sent.
    pub(crate) fn basic(&self, method: Method, path: &str) -> RequestBuilder {
        self.request(&self.fixture.admin(), &method, path)
    }

    /// A call without credentials, not yet sent.
    pub(crate) fn as_nobody(&self, method: Method, path: &str) -> RequestBuilder {
        self.request(&Caller::Nobody, &method, path)
    }

    fn request(&self, caller: &Caller, method: &Method, path: &str) -> RequestBuilder {
        if path.starts_with('/') {
            return self.fixture.request(caller, method.as_str(), path);
        }
        self.fixture
            .request(caller, method.as_str(), &format!("/api/2/{path}"))
    }

    pub(crate) fn get(&self, path: &str) -> Response {
        send(self.call(Method::GET, path))
    }

    pub(crate) fn put(&self, path: &str, body: &Value) -> Response {
        send(self.call(Method::PUT, path).json(body))
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Response {
        send(self.call(Method::POST, path).json(body))
    }

    pub(crate) fn delete(&self, path: &str) -> Response {
        send(self.call(Method::DELETE, path))
    }

    /// Creates a tenant and returns its id.
    pub(crate) fn tenant(&self, parent: &str, kind: &str) -> String {
        let name = format!("{kind} {}", Id::random());
        let new = json!({ "name": name, "parent_id": parent, "kind": kind });
        let tenant = self.post("tenants", &new).ok();
        tenant["id"].as_str().expect("an id").to_owned()
    }

    /// Creates a tenant with all items of an edition, as the tutorial does, and returns its id.
    pub(crate) fn tenant_with(&self, parent: &str, kind: &str, edition: &str) -> String {
        let id = self.tenant(parent, kind);
        let mut items = self.available(parent, kind, edition);
        if kind == "customer" {
            items.retain(|item| item["infra_id"] != GOOGLE);
        }
        self.put(
            &format!("tenants/{id}/offering_items"),
            &json!({ "offering_items": items }),
        )
        .ok();
        id
    }

    pub(crate) fn available(&self, tenant: &str, kind: &str, edition: &str) -> Vec<Value> {
        self.get(&format!(
            "tenants/{tenant}/offering_items/available_for_child?kind={kind}&edition={edition}"
        ))
        .items()
    }

    /// Changes offering items of a tenant.
    pub(crate) fn set(&self, tenant: &str, items: &[Value]) -> Response {
        self.put(
            &format!("tenants/{tenant}/offering_items"),
            &json!({ "offering_items": items }),
        )
    }
}

/// An offering item of the backup application.
pub(crate) fn item(name: &str, status: i64) -> Value {
    json!({ "application_id": BACKUP, "name": name, "status": status })
}

/// The names of items.
pub(crate) fn names(items: &[Value]) -> Vec<&str> {
    items
        .iter()
        .map(|item| item["name"].as_str().expect("a name"))
        .collect()
}

/// The id of a tenant of the demo data.
pub(crate) fn demo(name: &str) -> String {
    Id::named(&format!("tenant {name}")).to_string()
}

/// Compares two readings. It repeats if usage was updated in between, which happens every half hour.
pub(crate) fn assert_same<T: std::fmt::Debug + PartialEq>(read: impl Fn() -> (T, T)) {
    let half_hour = || {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        now.expect("a time").as_secs() / 1800
    };
    loop {
        let at = half_hour();
        let (left, right) = read();
        if half_hour() == at {
            assert_eq!(left, right);
            return;
        }
    }
}

/// Formatted JSON, for snapshots.
pub(crate) fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).expect("JSON")
}
