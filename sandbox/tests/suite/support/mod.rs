//! A sandbox for one test, and its callers. [`demo`] has the demo data and one caller.

#![allow(dead_code, reason = "each test file uses its part of it")]
#![allow(clippy::indexing_slicing, reason = "a panic is how a test fails")]
#![allow(
    clippy::needless_pass_by_value,
    reason = "json!(…) reads better without a &"
)]

pub(crate) mod demo;
pub(crate) mod plans;

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
pub(crate) enum Caller {
    Nobody,
    Password(String, String),
    Token(String),
}

impl SandboxFixture {
    pub(crate) fn new() -> Self {
        Self::with(Options {
            seed: Some(Seed::Empty),
            ..Options::default()
        })
    }

    pub(crate) fn with(options: Options) -> Self {
        Self::of(Sandbox::start(options).expect("a sandbox"))
    }

    pub(crate) fn of(sandbox: Sandbox) -> Self {
        Self {
            sandbox,
            http: http(),
        }
    }

    pub(crate) fn admin(&self) -> Caller {
        let (login, password) = (self.sandbox.admin_login(), self.sandbox.admin_password());
        Caller::Password(login.to_owned(), password.to_owned())
    }

    /// Sends a call with a JSON body, or without one if it is `null`.
    pub(crate) fn call(&self, caller: &Caller, method: &str, path: &str, body: Value) -> Response {
        let mut request = self.request(caller, method, path);
        if !body.is_null() {
            request = request.json(&body);
        }
        send(request)
    }

    pub(crate) fn request(&self, caller: &Caller, method: &str, path: &str) -> RequestBuilder {
        let url = format!("{}{}", self.sandbox.url(), path.trim_start_matches('/'));
        let method: Method = method.parse().expect("a method");
        let request = self.http.request(method, url);
        match caller {
            Caller::Nobody => request,
            Caller::Password(login, password) => request.basic_auth(login, Some(password)),
            Caller::Token(token) => request.bearer_auth(token),
        }
    }

    pub(crate) fn get(&self, caller: &Caller, path: &str) -> Response {
        self.call(caller, "GET", path, Value::Null)
    }

    pub(crate) fn post(&self, caller: &Caller, path: &str, body: Value) -> Response {
        self.call(caller, "POST", path, body)
    }

    pub(crate) fn put(&self, caller: &Caller, path: &str, body: Value) -> Response {
        self.call(caller, "PUT", path, body)
    }

    pub(crate) fn delete(&self, caller: &Caller, path: &str) -> Response {
        self.call(caller, "DELETE", path, Value::Null)
    }

    /// The administrator's tenant.
    pub(crate) fn partner(&self) -> String {
        let me = self.get(&self.admin(), "/api/2/users/me");
        text(&me.body, "tenant_id")
    }

    /// Creates an API client of this tenant: id and secret.
    pub(crate) fn client(&self, caller: &Caller, tenant: &str) -> (String, String) {
        let created = self.post(
            caller,
            "/api/2/clients",
            json!({
                "type": "api_client",
                "tenant_id": tenant,
                "token_endpoint_auth_method": "client_secret_basic",
                "data": { "client_name": "Test" },
            }),
        );
        assert_eq!(created.status, 201, "{created:?}");
        (
            text(&created.body, "client_id"),
            text(&created.body, "client_secret"),
        )
    }

    /// The response of the token endpoint to an API client.
    pub(crate) fn token(&self, id: &str, secret: &str) -> Response {
        let caller = Caller::Password(id.to_owned(), secret.to_owned());
        self.form(
            &caller,
            "/api/2/idp/token",
            &[("grant_type", "client_credentials")],
        )
    }

    pub(crate) fn form(&self, caller: &Caller, path: &str, form: &[(&str, &str)]) -> Response {
        let request = self.request(caller, "POST", path).form(form);
        send(request)
    }

    /// A token of an API client of the administrator's tenant.
    pub(crate) fn bearer(&self) -> Caller {
        self.bearer_for(&self.partner())
    }

    /// A token of an API client of this tenant.
    pub(crate) fn bearer_for(&self, tenant: &str) -> Caller {
        let (id, secret) = self.client(&self.admin(), tenant);
        Caller::Token(text(&self.token(&id, &secret).body, "access_token"))
    }

    /// Creates a tenant.
    pub(crate) fn tenant(&self, caller: &Caller, parent: &str, kind: &str, name: &str) -> Value {
        let new = json!({ "name": name, "parent_id": parent, "kind": kind });
        let created = self.post(caller, "/api/2/tenants", new);
        assert_eq!(created.status, 201, "{created:?}");
        created.body
    }

    /// Creates a user.
    pub(crate) fn user(&self, caller: &Caller, tenant: &str, login: &str) -> Value {
        let email = format!("{login}@example.com");
        let new = json!({ "tenant_id": tenant, "login": login, "contact": { "email": email } });
        let created = self.post(caller, "/api/2/users", new);
        assert_eq!(created.status, 200, "{created:?}");
        created.body
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
