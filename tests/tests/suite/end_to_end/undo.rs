//! Deleting what the examples have created.

use serde_json::{Value, json};
use tests::{SandboxProcess, TestHome, redactions};

use super::{with_client, with_user};

const UNDO: &str = "delete_created_objects";

/// The id in a saved file.
fn id(home: &TestHome, file: &str) -> String {
    let object = home.file(file);
    let id = object.get("id").and_then(Value::as_str);
    id.expect("an id").to_owned()
}

/// Whether a tenant was not deleted.
fn exists(sandbox: &SandboxProcess, tenant: &str) -> bool {
    let path = format!("/api/2/tenants/{tenant}?allow_deleted=true");
    let tenant = sandbox.as_admin("GET", &path, &Value::Null);
    tenant.get("deleted_at").is_some_and(Value::is_null)
}

#[test]
fn everything_that_was_created_is_deleted_except_what_contains_something_else() {
    let _redacted = redactions::sandbox();
    let sandbox = SandboxProcess::start();
    let home = with_user(&sandbox);
    for example in [
        "create_partner_tenant_and_assign_all_editions_available",
        "get_agent_installation_token",
        "create_report_retrieve",
        "issue_customer_scoped_token_for_bc",
        "create_dynamic_group",
        "create_a_backup_plan",
    ] {
        home.run(example).success();
    }
    sandbox.advance("1s");
    home.run("apply_plan").success();
    let [partner, customer, other] =
        ["partner.json", "customer.json", "partner_all_editions.json"].map(|file| id(&home, file));
    insta::assert_snapshot!(home.created(), @"
    1 creating | api_client | Rust.Client | ID
    1 created | ID
    2 creating | tenant | Rust Partner RANDOM v3.0 | ID
    2 created | ID
    3 creating | tenant | Rust Customer RANDOM v3.0 | ID
    3 created | ID
    4 creating | user | grace.hopper | ID
    4 created | ID
    5 creating | tenant | Rust Partner All Editions RANDOM v3.0 | ID
    5 created | ID
    6 creating | registration_token | ID | ID
    6 created | 1
    7 creating | report | usage_current | ID
    7 created | ID
    8 creating | group | My Dynamic Group | ID
    9 creating | plan | Rust Protection Plan | ID
    9 created | ID
    10 creating | plan_application | ID | ID
    ");

    // Somebody else uses one of the partners.
    let request = json!({ "name": "Foreign", "parent_id": other, "kind": "customer" });
    let foreign = sandbox.as_admin("POST", "/api/2/tenants", &request);
    sandbox.skip();
    let outcome = home.example(UNDO).input("yes\n").end().success();
    insta::assert_snapshot!(outcome, @"
    name                                   kind                id                                    what happens
    ID   applied plan                                              is deleted with Rust Customer RANDOM v3.0
    Rust Protection Plan                   plan                ID  is deleted with Rust Customer RANDOM v3.0
    My Dynamic Group                       group                                                     is deleted with Rust Customer RANDOM v3.0
    usage_current                          report              ID  is deleted
    ID   registration token  1                                     is deleted with grace.hopper
    Rust Partner All Editions RANDOM v3.0  tenant              ID  stays: it contains tenant ID, which no example has created
    grace.hopper                           user                ID  is deleted
    Rust Customer RANDOM v3.0              tenant              ID  is deleted
    Rust Partner RANDOM v3.0               tenant              ID  is deleted
    usage_current deleted
    grace.hopper deleted
    Rust Customer RANDOM v3.0 deleted
    Rust Partner RANDOM v3.0 deleted
    partner.json removed
    customer.json removed
    api_customer_scoped_token.json removed
    customer_offering_items.json removed
    plan_creation_response.json removed
    user.json removed
    agent_installation_token.json removed
    The API client stays: you need it to delete the rest
    ! This deletes the objects as listed above. The platform is http://127.0.0.1:PORT/. Type yes to continue:
    ");
    insta::assert_snapshot!(sandbox.conversation(), @"
    GET /api/2/reports/ID 200
    GET /api/2/tenants/ID 200
    GET /api/2/tenants/ID/children 200
    GET /api/2/tenants/ID/users 200
    GET /api/2/users/ID 200
    GET /api/2/tenants/ID 200
    GET /api/2/tenants/ID/children 200
    GET /api/2/tenants/ID/users 200
    GET /api/2/tenants/ID 200
    GET /api/2/tenants/ID/children 200
    GET /api/2/tenants/ID/users 200
    GET /api/2/reports/ID 200
    DELETE /api/2/reports/ID 204
    GET /api/2/users/ID 200
    PUT /api/2/users/ID 200
    DELETE /api/2/users/ID 204
    GET /api/2/tenants/ID 200
    GET /api/2/tenants/ID/children 200
    GET /api/2/tenants/ID/users 200
    PUT /api/2/tenants/ID 200
    DELETE /api/2/tenants/ID 204
    GET /api/2/tenants/ID 200
    GET /api/2/tenants/ID/children 200
    GET /api/2/tenants/ID/users 200
    PUT /api/2/tenants/ID 200
    DELETE /api/2/tenants/ID 204
    ");
    insta::assert_snapshot!(home.names(), @"
    api_client.json
    api_token.json
    cyber.platform.cfg.json
    partner_all_editions.json
    report_for_tenant_ID.csv
    ");
    for (tenant, expected) in [(&partner, false), (&customer, false), (&other, true)] {
        assert_eq!(exists(&sandbox, tenant), expected);
    }

    // They are done with it.
    let path = format!("/api/2/tenants/{}", foreign["id"].as_str().expect("an id"));
    let disable = json!({ "enabled": false, "version": 1 });
    let disabled = sandbox.as_admin("PUT", &path, &disable);
    let path = format!("{path}?version={}", disabled["version"]);
    sandbox.as_admin("DELETE", &path, &Value::Null);
    sandbox.skip();
    let outcome = home.example(UNDO).input("yes\nclient\n").end().success();
    insta::assert_snapshot!(outcome, @"
    name                                   kind    id                                    what happens
    Rust Partner All Editions RANDOM v3.0  tenant  ID  is deleted
    Rust Partner All Editions RANDOM v3.0 deleted
    partner_all_editions.json removed
    API client ID deleted with its files
    ! This deletes the objects as listed above. The platform is http://127.0.0.1:PORT/. Type yes to continue:
    ! The API client ID and its files are deleted too. Type client to continue:
    ");
    insta::assert_snapshot!(home.names(), @"
    cyber.platform.cfg.json
    report_for_tenant_ID.csv
    ");
    assert!(!exists(&sandbox, &other));

    let outcome = home.example(UNDO).refused(2);
    assert!(
        outcome.error().ends_with("api_client.json is missing"),
        "{outcome}"
    );
}

#[test]
fn nothing_is_left_after_a_second_run() {
    let sandbox = SandboxProcess::start();
    let home = with_client(&sandbox);
    home.example("create_partner_tenant_and_lock")
        .input("\n\n")
        .end()
        .failed(2);
    let outcome = home.example(UNDO).input("yes\n").end().success();
    assert!(outcome.stdout.contains(" v3.0 deleted\n"), "{outcome}");

    let outcome = home.run(UNDO).success();
    assert!(
        outcome.stdout.starts_with("Nothing to delete on "),
        "{outcome}"
    );
}
