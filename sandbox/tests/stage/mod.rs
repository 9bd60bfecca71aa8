//! A sandbox with the demo world and an API client of its administrator, for the tests of one domain.

#![allow(dead_code, reason = "each test crate uses a part of it")]
#![expect(clippy::indexing_slicing, reason = "a panic is how a test fails")]

use std::time::SystemTime;

use reqwest::Method;
use reqwest::blocking::{Client, RequestBuilder, Response};
use sandbox::id::Id;
use sandbox::{Options, Sandbox};
use serde_json::{Value, json};

/// The application that most items belong to.
pub(crate) const BACKUP: &str = "6e6d758d-8e74-3ae3-ac84-50eb0dff12eb";
/// The second disaster-recovery storage.
pub(crate) const GOOGLE: &str = "ba2976d0-c13e-4661-ae60-b4593583fce2";

pub(crate) struct Stage {
    pub(crate) sandbox: Sandbox,
    pub(crate) http: Client,
    pub(crate) token: String,
    /// The administrator's tenant.
    pub(crate) me: String,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Answer {
    /// Status and the code in the error body.
    pub(crate) fn refusal(&self) -> (u16, i64) {
        (
            self.status,
            self.body["error"]["code"].as_i64().unwrap_or(0),
        )
    }

    /// The body of a success.
    pub(crate) fn ok(self) -> Value {
        assert!(self.status < 300, "{}: {}", self.status, self.body);
        self.body
    }

    /// The field `items` of a success.
    pub(crate) fn items(self) -> Vec<Value> {
        let body = self.ok();
        body["items"].as_array().expect("a list").clone()
    }
}

impl Stage {
    pub(crate) fn new() -> Stage {
        Stage::with(Options::default())
    }

    pub(crate) fn with(options: Options) -> Stage {
        let sandbox = Sandbox::start(options).expect("a sandbox");
        let http = client();
        let basic = |request: RequestBuilder| {
            request.basic_auth(sandbox.admin_login(), Some(sandbox.admin_password()))
        };
        let at = |path: &str| format!("{}{path}", sandbox.url());
        let me = answer(basic(http.get(at("api/2/users/me")))).ok();
        let me = me["tenant_id"].as_str().expect("a tenant").to_owned();
        let mut stage = Stage {
            sandbox,
            http,
            token: String::new(),
            me,
        };
        stage.token = stage.token_for(&stage.me);
        stage
    }

    /// The token of a new API client of a tenant.
    fn token_for(&self, tenant: &str) -> String {
        let new = json!({
            "type": "api_client",
            "tenant_id": tenant,
            "token_endpoint_auth_method": "client_secret_basic",
            "data": { "client_name": "Test" },
        });
        let client = answer(self.basic(Method::POST, "clients").json(&new)).ok();
        let id = client["client_id"].as_str().expect("an id");
        let request = self
            .http
            .post(format!("{}api/2/idp/token", self.sandbox.url()))
            .basic_auth(id, client["client_secret"].as_str())
            .form(&[("grant_type", "client_credentials")]);
        let token = answer(request).ok();
        token["access_token"].as_str().expect("a token").to_owned()
    }

    /// A call as an API client of another tenant.
    pub(crate) fn as_client_of(&self, tenant: &str, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}api/2/{path}", self.sandbox.url());
        self.http
            .request(method, url)
            .bearer_auth(self.token_for(tenant))
    }

    /// A call as the API client, not sent yet. Of a path without `/` in front the part after `/api/2/` is given.
    pub(crate) fn call(&self, method: Method, path: &str) -> RequestBuilder {
        let url = match path.strip_prefix('/') {
            Some(path) => format!("{}{path}", self.sandbox.url()),
            None => format!("{}api/2/{path}", self.sandbox.url()),
        };
        self.http.request(method, url).bearer_auth(&self.token)
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        answer(self.call(Method::GET, path))
    }

    pub(crate) fn put(&self, path: &str, body: &Value) -> Answer {
        answer(self.call(Method::PUT, path).json(body))
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        answer(self.call(Method::POST, path).json(body))
    }

    pub(crate) fn delete(&self, path: &str) -> Answer {
        answer(self.call(Method::DELETE, path))
    }

    /// A call as the administrator, with login and password.
    pub(crate) fn basic(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}api/2/{path}", self.sandbox.url());
        let login = self.sandbox.admin_login();
        self.http
            .request(method, url)
            .basic_auth(login, Some(self.sandbox.admin_password()))
    }

    /// A new tenant under the administrator's, or under another one; its id.
    pub(crate) fn tenant(&self, parent: &str, kind: &str) -> String {
        let name = format!("{kind} {}", Id::random());
        let new = json!({ "name": name, "parent_id": parent, "kind": kind });
        let tenant = self.post("tenants", &new).ok();
        tenant["id"].as_str().expect("an id").to_owned()
    }

    /// A new tenant with all items of an edition, as the tutorial makes them: its id.
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

    /// Sets some offering items of a tenant.
    pub(crate) fn set(&self, tenant: &str, items: &[Value]) -> Answer {
        self.put(
            &format!("tenants/{tenant}/offering_items"),
            &json!({ "offering_items": items }),
        )
    }
}

/// A backup item to be switched on or off.
pub(crate) fn item(name: &str, status: i64) -> Value {
    json!({ "application_id": BACKUP, "name": name, "status": status })
}

/// The names of items, in their order.
pub(crate) fn names(items: &[Value]) -> Vec<&str> {
    items
        .iter()
        .map(|item| item["name"].as_str().expect("a name"))
        .collect()
}

/// The id of a tenant of the demo world.
pub(crate) fn demo(name: &str) -> String {
    Id::named(&format!("tenant {name}")).to_string()
}

/// A client that reads no certificates, since the sandbox speaks plain HTTP on this machine, and unpacks nothing.
fn client() -> Client {
    // An error means that another test was first, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .tls_certs_only([])
        .no_proxy()
        .no_gzip()
        .build()
        .expect("a client")
}

/// Compares what is read in two ways, again if the figures of usage were refreshed meanwhile: they are each half hour.
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

/// As one would write it, for snapshots.
pub(crate) fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).expect("JSON")
}

pub(crate) fn answer(request: RequestBuilder) -> Answer {
    read(request.send().expect("an answer"))
}

fn read(response: Response) -> Answer {
    let status = response.status().as_u16();
    let text = response.text().expect("a body");
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Answer { status, body }
}
