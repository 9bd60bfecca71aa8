//! API clients, tokens, and authentication.

use crate::support::{Caller, SandboxFixture, id, text};
use serde_json::{Value, json};

const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

#[test]
fn client_is_created_changed_and_deleted() {
    let fixture = SandboxFixture::new();
    let (admin, top) = (fixture.admin(), fixture.partner());
    let created = fixture.post(
        &admin,
        "/api/2/clients",
        json!({ "type": "api_client", "tenant_id": top, "data": { "client_name": "Rust.Client" },
                "token_endpoint_auth_method": "client_secret_basic" }),
    );
    assert_eq!(created.status, 201);
    let secret = text(&created.body, "client_secret");
    assert_eq!(secret.len(), 52);
    assert!(created.body["registration_access_token"].is_string());
    let client = text(&created.body, "client_id");
    let path = format!("/api/2/clients/{client}");
    let before = fixture.get(&admin, &path).body;
    assert!(before.get("client_secret").is_none());
    assert_eq!(before["last_access_at"], Value::Null);
    let token = text(&fixture.token(&client, &secret).body, "access_token");
    let after = fixture.get(&Caller::Token(token.clone()), &path).body;
    assert_eq!(after["last_access_from_ip"], "127.0.0.1");

    let disabled = fixture.put(&admin, &path, json!({ "status": "disabled" }));
    assert_eq!(disabled.body["status"], "disabled");
    assert_eq!(
        fixture.get(&Caller::Token(token.clone()), &path).status,
        401
    );
    assert_eq!(fixture.token(&client, &secret).status, 401);
    let data = json!({ "status": "enabled", "data": { "hostname": "h" } });
    assert_eq!(
        fixture.put(&admin, &path, data).body["data"],
        json!({ "hostname": "h" })
    );
    assert_eq!(
        fixture.get(&Caller::Token(token.clone()), &path).status,
        200
    );
    assert_eq!(fixture.delete(&admin, &path).status, 204);
    assert_eq!(fixture.get(&Caller::Token(token), &path).status, 401);
    assert_eq!(fixture.get(&admin, &path).status, 404);
    let rejected = fixture.token(&client, &secret);
    assert_eq!(
        (rejected.status, &rejected.body["error"]),
        (401, &json!("invalid_client"))
    );
}

#[test]
fn rejects_a_client_of_another_tenant_or_with_invalid_fields() {
    let fixture = SandboxFixture::new();
    let (admin, top) = (fixture.admin(), fixture.partner());
    let root = text(
        &fixture.get(&admin, &format!("/api/2/tenants/{top}")).body,
        "parent_id",
    );
    let new = |tenant: &str, kind: &str, method: &str| json!({ "type": kind, "tenant_id": tenant, "token_endpoint_auth_method": method });
    let basic = "client_secret_basic";
    let beside = fixture.post(&admin, "/api/2/clients", new(&root, "api_client", basic));
    assert_eq!((beside.status, beside.code()), (403, 1002));
    for bad in [
        new(&top, "robot", basic),
        new(&top, "api_client", "telepathy"),
        new("nonsense", "api_client", basic),
        json!({ "type": "api_client" }),
        json!([]),
        json!({ "type": 1, "tenant_id": top, "token_endpoint_auth_method": basic }),
    ] {
        assert_eq!(
            fixture.post(&admin, "/api/2/clients", bad.clone()).status,
            400,
            "{bad}"
        );
    }
}

#[test]
fn token_response_has_the_fields_that_clients_read() {
    let fixture = SandboxFixture::new();
    let (client, secret) = fixture.client(&fixture.admin(), &fixture.partner());
    let token = fixture.token(&client, &secret);
    assert_eq!(token.status, 200);
    assert_eq!(token.body["token_type"], "bearer");
    assert!(token.body["expires_on"].is_i64());
    assert_eq!(token.body["expires_in"], 7200);
    assert!(token.body["id_token"].is_string());
    let access = text(&token.body, "access_token");
    let caller = Caller::Token(access.clone());
    let me = fixture.get(&caller, "/api/2/users/me");
    assert_eq!(me.body["tenant_id"], json!(fixture.partner()));

    // The published key verifies it.
    let keys = fixture.get(&Caller::Nobody, "/api/2/idp/keys").body;
    let key = jsonwebtoken::DecodingKey::from_rsa_components(
        &text(&keys["keys"][0], "n"),
        &text(&keys["keys"][0], "e"),
    )
    .expect("a key");
    let mut rules = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
    rules.set_audience(&["127.0.0.1"]);
    rules.set_issuer(&[format!("{}bc", fixture.sandbox.url())]);
    let read = jsonwebtoken::decode::<Value>(&access, &key, &rules).expect("a valid token");
    assert_eq!(read.claims["sub"], json!(client));
    assert_eq!(read.claims["scope"][0]["role"], "partner_admin");
    assert_eq!(read.header.kid, Some(text(&keys["keys"][0], "kid")));

    let form = [("token", access.as_str())];
    let seen = fixture.form(&caller, "/api/2/idp/introspect_token", &form);
    assert_eq!((seen.status, &seen.body["active"]), (200, &json!(true)));
    let bad = fixture.form(&caller, "/api/2/idp/introspect_token", &[("token", "x")]);
    assert_eq!(bad.body, json!({ "active": false }));
    let own = Caller::Password(client, secret);
    let revoked = fixture.form(&own, "/api/2/idp/revoke_token", &form);
    assert_eq!((revoked.status, revoked.body), (200, Value::Null));
    assert_eq!(fixture.get(&caller, "/api/2/users/me").status, 401);
    assert_eq!(
        fixture.form(&own, "/api/2/idp/revoke_token", &form).status,
        200
    );
}

#[test]
fn customer_scoped_token_has_access_only_to_the_customer() {
    let fixture = SandboxFixture::new();
    let (admin, top) = (fixture.admin(), fixture.partner());
    let customer = id(&fixture.tenant(&admin, &top, "customer", "C"));
    let (client, secret) = fixture.client(&admin, &top);
    let base = text(&fixture.token(&client, &secret).body, "access_token");
    let ask = |scope: &str| {
        let form = [
            ("grant_type", JWT_BEARER),
            ("assertion", &base),
            ("scope", scope),
        ];
        fixture.form(&Caller::Token(base.clone()), "/bc/idp/token", &form)
    };
    let scoped = ask(&format!("urn:acronis.com:tenant-id:{customer}"));
    assert_eq!(scoped.status, 200, "{scoped:?}");
    let scoped = Caller::Token(text(&scoped.body, "access_token"));
    assert_eq!(
        fixture
            .get(&scoped, &format!("/api/2/tenants/{customer}"))
            .status,
        200
    );
    assert_eq!(
        fixture
            .get(&scoped, &format!("/api/2/tenants/{top}/children"))
            .status,
        403
    );
    let root = text(
        &fixture.get(&admin, &format!("/api/2/tenants/{top}")).body,
        "parent_id",
    );
    let beyond = ask(&format!("urn:acronis.com:tenant-id:{root}"));
    assert_eq!(
        (beyond.status, &beyond.body["error"]),
        (403, &json!("access_denied"))
    );
    assert_eq!(ask("everything").status, 400);
    // It expires with the token it was exchanged for.
    let own = Caller::Password(client, secret);
    fixture.form(&own, "/api/2/idp/revoke_token", &[("token", &base)]);
    assert_eq!(
        fixture
            .get(&scoped, &format!("/api/2/tenants/{customer}"))
            .status,
        401
    );
}

#[test]
fn token_errors_have_the_oauth_form() {
    let fixture = SandboxFixture::new();
    let path = "/api/2/idp/token";
    for (form, status, error) in [
        (vec![], 400, "invalid_request"),
        (vec![("grant_type", "magic")], 400, "invalid_request"),
        (vec![("grant_type", "password")], 400, "invalid_request"),
        (
            vec![("grant_type", "client_credentials")],
            401,
            "invalid_client",
        ),
        (
            vec![("grant_type", JWT_BEARER), ("assertion", "x")],
            401,
            "access_denied",
        ),
        (
            vec![
                ("grant_type", "password"),
                ("username", "admin"),
                ("password", "no"),
            ],
            401,
            "access_denied",
        ),
    ] {
        let rejected = fixture.form(&Caller::Nobody, path, &form);
        assert_eq!(
            (rejected.status, &rejected.body["error"]),
            (status, &json!(error)),
            "{form:?}"
        );
        assert!(rejected.body["error_description"].is_string());
    }
    let json = fixture.post(
        &Caller::Nobody,
        path,
        json!({ "grant_type": "client_credentials" }),
    );
    assert_eq!(
        (json.status, &json.body["error"]),
        (400, &json!("invalid_request"))
    );
}

#[test]
fn rejects_unknown_credentials() {
    let fixture = SandboxFixture::new();
    let basic = |login: &str, password: &str| Caller::Password(login.into(), password.into());
    let forged =
        "eyJhbGciOiJub25lIn0.eyJqdGkiOiIwMDAwMDAwMC0wMDAwLTQwMDAtODAwMC0wMDAwMDAwMDAwMDAifQ.";
    for caller in [
        Caller::Nobody,
        basic("admin", "wrong"),
        basic("nobody", "x"),
        Caller::Token("nonsense".into()),
        Caller::Token(forged.into()),
    ] {
        let rejected = fixture.get(&caller, "/api/2/users/me");
        assert_eq!((rejected.status, rejected.code()), (401, 401), "{caller:?}");
        assert_eq!(rejected.body["error"]["domain"], "PlatformAccountServer");
    }
    for header in [
        "",
        "Basic",
        "Basic !!!",
        "Basic YQ==",
        "Digest x",
        "Bearer ",
    ] {
        let request = fixture.request(&Caller::Nobody, "GET", "/api/2/users/me");
        let response = request
            .header("Authorization", header)
            .send()
            .expect("a response");
        assert_eq!(response.status().as_u16(), 401, "{header}");
    }
}

#[test]
fn disabled_tenant_rejects_its_users_and_clients() {
    let fixture = SandboxFixture::new();
    let (admin, top) = (fixture.admin(), fixture.partner());
    let partner = id(&fixture.tenant(&admin, &top, "partner", "P"));
    let below = id(&fixture.tenant(&admin, &partner, "partner", "Q"));
    let (client, secret) = fixture.client(&admin, &below);
    let caller = Caller::Token(text(&fixture.token(&client, &secret).body, "access_token"));
    assert_eq!(fixture.get(&caller, "/api/2/users/me").status, 200);
    let path = format!("/api/2/tenants/{partner}");
    fixture.put(&admin, &path, json!({ "version": 1, "enabled": false }));
    assert_eq!(fixture.get(&caller, "/api/2/users/me").status, 401);
    assert_eq!(fixture.token(&client, &secret).status, 401);
    fixture.put(&admin, &path, json!({ "version": 2, "enabled": true }));
    assert_eq!(fixture.get(&caller, "/api/2/users/me").status, 200);
}

#[test]
fn deleted_clients_are_listed_on_request() {
    let fixture = SandboxFixture::new();
    let (me, top) = (fixture.admin(), fixture.partner());
    let (kept, _) = fixture.client(&me, &top);
    let (gone, _) = fixture.client(&me, &top);
    let path = format!("/api/2/clients/{gone}");
    assert_eq!(fixture.delete(&me, &path).status, 204);
    let ids = |query: &str| {
        let list = fixture.get(&me, &format!("/api/2/clients{query}")).body;
        let items = list["items"].as_array().expect("a list").clone();
        items
            .iter()
            .map(|client| text(client, "client_id"))
            .collect::<Vec<_>>()
    };
    let all = [kept, gone.clone()];
    assert_eq!(ids(""), all[..1]);
    assert_eq!(ids("?allow_deleted=true"), all);
    assert_eq!(ids(&format!("?uuids={gone}&allow_deleted=1")), all[1..]);
    assert!(ids(&format!("?uuids={gone}")).is_empty());
}
