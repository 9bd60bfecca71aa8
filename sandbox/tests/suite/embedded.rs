//! The sandbox as a library, in the tests of other programs.

use std::time::Duration;

use sandbox::{Filter, Options, Rule, Sandbox, Seed};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::support::{SandboxFixture, http};

fn sandbox() -> Sandbox {
    Sandbox::start(Options {
        seed: Some(Seed::Empty),
        ..Options::default()
    })
    .expect("a sandbox")
}

#[test]
fn api_client_gets_a_token_for_the_administrators_tenant() {
    let sandbox = sandbox();
    let client = sandbox.api_client().expect("a client");
    let token: Value = http()
        .post(format!("{}api/2/idp/token", sandbox.url()))
        .basic_auth(&client.client_id, Some(&client.client_secret))
        .form(&[("grant_type", "client_credentials")])
        .send()
        .and_then(reqwest::blocking::Response::json)
        .expect("a token");
    let token = token["access_token"].as_str().expect("a token");
    let tenant = http()
        .get(format!(
            "{}api/2/tenants/{}",
            sandbox.url(),
            client.tenant_id
        ))
        .bearer_auth(token)
        .send()
        .expect("a response");
    assert_eq!(tenant.status(), 200);
}

#[test]
fn default_filter_matches_all_calls() {
    let sandbox = sandbox();
    for path in ["a", "b", "c"] {
        let response = http().get(format!("{}{path}", sandbox.url())).send();
        assert_eq!(response.expect("a response").status(), 404);
    }
    let calls = sandbox.requests(&Filter::default());
    let paths: Vec<_> = calls.iter().map(|call| call.path.as_str()).collect();
    assert_eq!(paths, ["/a", "/b", "/c"]);
}

#[test]
fn rule_is_part_of_a_larger_document() {
    #[derive(Debug, Deserialize)]
    struct Scenario {
        rules: Vec<Rule>,
    }
    let rule = |status: u16| json!({ "then": { "status": status } });
    let scenario: Scenario =
        serde_json::from_value(json!({ "rules": [rule(503), rule(429)] })).expect("rules");
    assert_eq!(scenario.rules.len(), 2);

    let error = serde_json::from_value::<Scenario>(json!({ "rules": [{ "then": {} }] }));
    let error = error.expect_err("a rule without an effect").to_string();
    assert!(error.contains("then: give at least one of"), "{error}");
}

#[test]
fn a_fork_is_an_independent_copy() {
    let original = SandboxFixture::new();
    let sandbox = &original.sandbox;
    sandbox
        .advance(Duration::from_secs(3600))
        .expect("time advances");
    let before = sandbox.now();
    sandbox.fault(r#"{"then":{"status":503}}"#.parse().expect("a rule"));

    let fork = SandboxFixture::of(sandbox.fork().expect("a fork"));

    // It has the data and the clock, but neither the calls nor the fault rules.
    assert!(fork.sandbox.now() >= before);
    let me = fork.get(&original.admin(), "/api/2/users/me");
    assert_eq!(me.status, 200, "{me:?}");
    assert_eq!(fork.sandbox.requests(&Filter::default()).len(), 1);
    assert!(sandbox.requests(&Filter::default()).is_empty());

    // Changes stay in it.
    let (id, secret) = fork.client(&original.admin(), &fork.partner());
    assert_eq!(fork.token(&id, &secret).status, 200);
    let original = SandboxFixture::of(sandbox.fork().expect("a fork"));
    assert_eq!(original.token(&id, &secret).status, 401);
}
