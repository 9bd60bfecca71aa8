//! Tests of registration tokens: creating, listing and revoking, on the documented route and the older ones.

use crate::support::{Caller, SandboxFixture, id, text};
use serde_json::{Value, json};

const ANY: &str = "urn:acronis.com:tenant-id::backup_agent_admin";

/// A customer with a user: the customer's id and the user's personal tenant.
fn customer(fixture: &SandboxFixture, me: &Caller, name: &str) -> (String, String) {
    let customer = id(&fixture.tenant(me, &fixture.partner(), "customer", name));
    let user = fixture.user(me, &customer, &format!("user-of-{name}"));
    (customer, text(&user, "personal_tenant_id"))
}

fn path(tenant: &str) -> String {
    format!("/api/2/tenants/{tenant}/registration_tokens")
}

#[test]
fn token_is_created_in_a_personal_tenant() {
    let fixture = SandboxFixture::new();
    let me = fixture.bearer();
    let (_, personal) = customer(&fixture, &me, "C");
    let new = json!({ "expires_in": 3600, "scopes": [ANY] });

    let created = fixture.post(&me, &path(&personal), new);

    assert_eq!(created.status, 200, "{created:?}");
    let created = created.body;
    assert!(created["id"].is_i64(), "{created}");
    let token = text(&created, "token");
    let groups: Vec<_> = token.split('-').collect();
    assert_eq!(groups.len(), 3, "{token}");
    for group in groups {
        assert_eq!(group.len(), 4, "{token}");
        let fits = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
        assert!(group.bytes().all(fits), "{token}");
    }
    let number = fixture.get(&me, &format!("/api/1/groups/{personal}")).ok();
    assert_eq!(created["tenant_id"], json!(number["id"].to_string()));
    assert_eq!(created["tenant_uuid"], json!(personal));
    assert_eq!(created["scopes"], json!([ANY]));
    let at = |field: &str| {
        let at = format!("{}Z", text(&created, field));
        let at: jiff::Timestamp = at.parse().expect("a time");
        at.as_second()
    };
    assert_eq!(at("expires_at") - at("created_at"), 3600);

    assert_eq!(fixture.get(&me, &path(&personal)).items(), [created]);
}

#[test]
fn scope_may_name_a_descendant_and_a_plan() {
    let fixture = SandboxFixture::new();
    let me = fixture.bearer();
    let (mine, personal) = customer(&fixture, &me, "C");
    let (other, _) = customer(&fixture, &me, "D");
    let register = |tenant: &str| format!("urn:acronis.com:tenant-id:{tenant}:backup_agent_admin");
    let apply = |tenant: &str| {
        format!(
            "urn:acronis.com::policy_management:{tenant}|10858a46-db9b-4725-aa60-fff6252841fd:apply_revoke"
        )
    };
    let status = |scopes: Value| {
        let new = json!({ "expires_in": "60", "scopes": scopes });
        fixture.post(&me, &path(&mine), new).status
    };

    assert_eq!(status(json!([register(&personal), apply(&mine)])), 200);
    assert_eq!(status(json!([register(&mine)])), 200);
    assert_eq!(status(json!([register(&other)])), 403);
    let unknown_tenant = "99999999-9999-4999-8999-999999999999";
    assert_eq!(status(json!([register(unknown_tenant)])), 404);
    assert_eq!(status(json!([apply(unknown_tenant)])), 404);
}

#[test]
fn rejects_invalid_requests() {
    let fixture = SandboxFixture::new();
    let me = fixture.bearer();
    let (customer, _) = customer(&fixture, &me, "C");
    let year = 365 * 86_400;
    for bad in [
        json!({}),
        json!({ "expires_in": 3600 }),
        json!({ "scopes": [ANY] }),
        json!({ "expires_in": 0, "scopes": [ANY] }),
        json!({ "expires_in": -1, "scopes": [ANY] }),
        json!({ "expires_in": year + 1, "scopes": [ANY] }),
        json!({ "expires_in": i64::MAX, "scopes": [ANY] }),
        json!({ "expires_in": 1.5, "scopes": [ANY] }),
        json!({ "expires_in": "soon", "scopes": [ANY] }),
        json!({ "expires_in": 3600, "scopes": [] }),
        json!({ "expires_in": 3600, "scopes": ANY }),
        json!({ "expires_in": 3600, "scopes": [7] }),
        json!({ "expires_in": 3600, "scopes": ["root_admin"] }),
        json!({ "expires_in": 3600, "scopes": ["urn:acronis.com:tenant-id:7:backup_agent_admin"] }),
        json!([]),
    ] {
        let response = fixture.post(&me, &path(&customer), bad.clone());
        assert_eq!(response.rejection(), (400, 400), "{bad}: {response:?}");
    }
    let longest = json!({ "expires_in": year, "scopes": [ANY] });
    assert_eq!(fixture.post(&me, &path(&customer), longest).status, 200);
    let plain = fixture
        .request(&me, "POST", &path(&customer))
        .body(r#"{"expires_in":60,"scopes":[]}"#);
    assert_eq!(crate::support::send(plain).status, 415);
}

#[test]
fn only_administrators_of_the_tenant_create_and_list_tokens() {
    let fixture = SandboxFixture::new();
    let me = fixture.bearer();
    let (mine, personal) = customer(&fixture, &me, "C");
    let (other, _) = customer(&fixture, &me, "D");
    let beside = fixture.bearer_for(&other);
    let new = || json!({ "expires_in": 3600, "scopes": [ANY] });
    let created = fixture.post(&me, &path(&personal), new()).ok();
    let token_path = format!("/api/2/registration_tokens/{}", created["id"]);

    for caller in [&beside, &Caller::Nobody] {
        let rejected = if matches!(caller, Caller::Nobody) {
            401
        } else {
            403
        };
        assert_eq!(fixture.post(caller, &path(&mine), new()).status, rejected);
        assert_eq!(fixture.get(caller, &path(&mine)).status, rejected);
        assert_eq!(fixture.get(caller, &token_path).status, rejected);
        assert_eq!(fixture.delete(caller, &token_path).status, rejected);
    }
    let all = "/api/2/registration_tokens";
    assert_eq!(fixture.get(&beside, all).items(), [] as [Value; 0]);
    assert_eq!(fixture.get(&me, all).items(), [created]);

    let unknown_tenant = "99999999-9999-4999-8999-999999999999";
    for path in [path(unknown_tenant), path("7")] {
        assert_eq!(fixture.post(&me, &path, new()).status, 404);
        assert_eq!(fixture.get(&me, &path).status, 404);
    }
}

#[test]
fn older_route_takes_the_tenant_from_the_body() {
    let fixture = SandboxFixture::new();
    let me = fixture.bearer();
    let (customer, _) = customer(&fixture, &me, "C");
    let all = "/api/2/registration_tokens";

    let new = json!({ "tenant_id": customer, "expires_in": 3600, "scopes": [ANY] });
    let created = fixture.post(&me, all, new);
    assert_eq!(created.status, 201, "{created:?}");
    assert_eq!(created.body["tenant_uuid"], json!(customer));
    let path = format!("{all}/{}", created.body["id"]);
    assert_eq!(fixture.get(&me, &path).ok(), created.body);

    let deleted = fixture.delete(&me, &path);
    assert_eq!((deleted.status, deleted.body), (204, Value::Null));
    assert_eq!(fixture.get(&me, &path).status, 404);
    assert_eq!(fixture.delete(&me, &path).status, 404);
    assert_eq!(fixture.delete(&me, &format!("{all}/x")).status, 404);
    assert_eq!(fixture.get(&me, all).items(), [] as [Value; 0]);

    let incomplete = json!({ "expires_in": 3600, "scopes": [ANY] });
    assert_eq!(fixture.post(&me, all, incomplete).status, 400);
}

#[test]
fn oldest_route_returns_single_line_json() {
    let fixture = SandboxFixture::new();
    let me = fixture.bearer();
    let (_, personal) = customer(&fixture, &me, "C");
    let scope = format!("urn:acronis.com:tenant-id:{personal}:backup_agent_admin");

    let response = fixture
        .request(&me, "POST", "/bc/api/account_server/registration_tokens")
        .json(&json!({ "expires_in": 3600, "scopes": [scope] }))
        .send()
        .expect("a response");

    assert_eq!(response.status().as_u16(), 200);
    assert_eq!(response.headers()["content-type"], "application/json");
    let body = response.text().expect("text");
    assert!(body.ends_with("}\n") && body.lines().count() == 1, "{body}");
    let created: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(created["tenant_uuid"], json!(personal));
}

#[test]
fn expired_token_is_not_listed() {
    let fixture = SandboxFixture::new();
    let me = fixture.bearer();
    let (customer, _) = customer(&fixture, &me, "C");
    let new = json!({ "expires_in": 1, "scopes": [ANY] });
    let created = fixture.post(&me, &path(&customer), new).ok();
    assert_eq!(fixture.get(&me, &path(&customer)).items().len(), 1);

    while !fixture.get(&me, &path(&customer)).items().is_empty() {
        std::thread::yield_now();
    }

    let token_path = format!("/api/2/registration_tokens/{}", created["id"]);
    assert_eq!(fixture.get(&me, &token_path).status, 404);
}

#[test]
fn log_redacts_tokens() {
    let fixture = SandboxFixture::new();
    let me = fixture.bearer();
    let (customer, _) = customer(&fixture, &me, "C");
    let new = json!({ "expires_in": 3600, "scopes": [ANY] });
    let token = text(&fixture.post(&me, &path(&customer), new).ok(), "token");
    fixture.get(&me, &path(&customer)).ok();

    let log = fixture
        .get(&Caller::Nobody, "/_sandbox/requests")
        .ok()
        .to_string();

    assert!(log.contains("registration_tokens"), "{log}");
    assert!(!log.contains(&token), "{log}");
}
