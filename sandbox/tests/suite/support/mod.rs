//! A sandbox for one test, and its callers. [`demo`] has the demo data and one caller.

#![allow(dead_code, reason = "each test file uses its part of it")]
#![allow(clippy::indexing_slicing, reason = "a panic is how a test fails")]
#![allow(
    clippy::needless_pass_by_value,
    reason = "json!(…) reads better without a &"
)]

pub(crate) mod demo;

use reqwest::Method;
use reqwest::blocking::{Client, RequestBuilder};
use sandbox::{Options, Sandbox, Seed};
use serde_json::{Value, json};

/// A sandbox with one partner and its administrator.
pub(crate) struct SandboxFixture {
    pub(crate) sandbox: Sandbox,
    http: Client,
}

/// Status and body of a response; `null` without a body.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

/// The credentials of a call.
#[derive(Clone, Debug)]
pub(crate) enum By {
    Nobody,
    Password(String, String),
    Token(String),
}

impl SandboxFixture {
    pub(crate) fn new() -> Self {
        Self::with(Options {
            seed: Seed::Empty,
            ..Options::default()
        })
    }

    pub(crate) fn with(options: Options) -> Self {
        Self {
            sandbox: Sandbox::start(options).expect("a sandbox"),
            http: http(),
        }
    }

    pub(crate) fn admin(&self) -> By {
        let (login, password) = (self.sandbox.admin_login(), self.sandbox.admin_password());
        By::Password(login.to_owned(), password.to_owned())
    }

    /// Sends a call with a JSON body, or without one if it is `null`.
    pub(crate) fn call(&self, by: &By, method: &str, path: &str, body: Value) -> Response {
        let mut request = self.request(by, method, path);
        if !body.is_null() {
            request = request.json(&body);
        }
        send(request)
    }

    pub(crate) fn request(&self, by: &By, method: &str, path: &str) -> RequestBuilder {
        let url = format!("{}{}", self.sandbox.url(), path.trim_start_matches('/'));
        let method: Method = method.parse().expect("a method");
        let request = self.http.request(method, url);
        match by {
            By::Nobody => request,
            By::Password(login, password) => request.basic_auth(login, Some(password)),
            By::Token(token) => request.bearer_auth(token),
        }
    }

    pub(crate) fn get(&self, by: &By, path: &str) -> Response {
        self.call(by, "GET", path, Value::Null)
    }

    pub(crate) fn post(&self, by: &By, path: &str, body: Value) -> Response {
        self.call(by, "POST", path, body)
    }

    pub(crate) fn put(&self, by: &By, path: &str, body: Value) -> Response {
        self.call(by, "PUT", path, body)
    }

    pub(crate) fn delete(&self, by: &By, path: &str) -> Response {
        self.call(by, "DELETE", path, Value::Null)
    }

    /// The administrator's tenant.
    pub(crate) fn partner(&self) -> String {
        let me = self.get(&self.admin(), "/api/2/users/me");
        text(&me.body, "tenant_id")
    }

    /// Creates an API client of this tenant: id and secret.
    pub(crate) fn client(&self, by: &By, tenant: &str) -> (String, String) {
        let made = self.post(
            by,
            "/api/2/clients",
            json!({
                "type": "api_client",
                "tenant_id": tenant,
                "token_endpoint_auth_method": "client_secret_basic",
                "data": { "client_name": "Test" },
            }),
        );
        assert_eq!(made.status, 201, "{made:?}");
        (
            text(&made.body, "client_id"),
            text(&made.body, "client_secret"),
        )
    }

    /// The response of the token endpoint to an API client.
    pub(crate) fn token(&self, id: &str, secret: &str) -> Response {
        let by = By::Password(id.to_owned(), secret.to_owned());
        self.form(
            &by,
            "/api/2/idp/token",
            &[("grant_type", "client_credentials")],
        )
    }

    pub(crate) fn form(&self, by: &By, path: &str, form: &[(&str, &str)]) -> Response {
        let request = self.request(by, "POST", path).form(form);
        send(request)
    }

    /// A token of an API client of the administrator's tenant.
    pub(crate) fn bearer(&self) -> By {
        self.bearer_for(&self.partner())
    }

    /// A token of an API client of this tenant.
    pub(crate) fn bearer_for(&self, tenant: &str) -> By {
        let (id, secret) = self.client(&self.admin(), tenant);
        By::Token(text(&self.token(&id, &secret).body, "access_token"))
    }

    /// Creates a tenant.
    pub(crate) fn tenant(&self, by: &By, parent: &str, kind: &str, name: &str) -> Value {
        let new = json!({ "name": name, "parent_id": parent, "kind": kind });
        let made = self.post(by, "/api/2/tenants", new);
        assert_eq!(made.status, 201, "{made:?}");
        made.body
    }

    /// Creates a user.
    pub(crate) fn user(&self, by: &By, tenant: &str, login: &str) -> Value {
        let email = format!("{login}@example.com");
        let new = json!({ "tenant_id": tenant, "login": login, "contact": { "email": email } });
        let made = self.post(by, "/api/2/users", new);
        assert_eq!(made.status, 200, "{made:?}");
        made.body
    }
}

impl Response {
    /// The code in the error body.
    pub(crate) fn code(&self) -> i64 {
        self.body["error"]["code"].as_i64().unwrap_or(0)
    }

    /// Status and code of an error.
    pub(crate) fn rejection(&self) -> (u16, i64) {
        (self.status, self.code())
    }

    /// The body, if the call succeeded.
    pub(crate) fn ok(self) -> Value {
        assert!(self.status < 300, "{}: {}", self.status, self.body);
        self.body
    }

    /// The field `items`, if the call succeeded.
    pub(crate) fn items(self) -> Vec<Value> {
        let body = self.ok();
        body["items"].as_array().expect("a list").clone()
    }
}

pub(crate) fn send(request: RequestBuilder) -> Response {
    let response = request.send().expect("a response");
    let status = response.status().as_u16();
    let text = response.text().expect("a body");
    let body = match text.as_str() {
        "" => Value::Null,
        text => serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned())),
    };
    Response { status, body }
}

/// An HTTP client without certificates, proxies and decompression: the sandbox speaks plain HTTP on this machine.
pub(crate) fn http() -> Client {
    // An error means that another test has installed it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .tls_certs_only([])
        .no_proxy()
        .no_gzip()
        .build()
        .expect("a client")
}

pub(crate) fn text(value: &Value, field: &str) -> String {
    value[field]
        .as_str()
        .unwrap_or_else(|| panic!("no {field} in {value}"))
        .to_owned()
}

pub(crate) fn id(value: &Value) -> String {
    text(value, "id")
}
