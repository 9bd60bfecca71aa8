//! Partners and customers: editions, trials, locks and deletion.

use std::collections::BTreeSet;

use ::tenants::{OfferingItem, keep_one_storage_of_each_kind};
use common::Lossless;
use sandbox::{Id, tutorial::TRIAL_CUSTOMER};
use serde_json::{Value, json};
use tests::{Run, SandboxProcess, TestHome, redactions};

use super::{CUSTOMER, PARTNER, with_client, with_customer, with_partner};

const ALL: &str = "create_partner_tenant_and_assign_all_editions_available";
const LOCK: &str = "create_partner_tenant_and_lock";
const SWITCH: &str = "switch_edition_for_customer";
const LEGACY: &str = "switch_edition_for_customer_legacy";
const TRIAL: &str = "get_trial_end_date_for_customer";
const TRIAL_LEGACY: &str = "get_trial_end_date_for_customer_legacy";
const EVERYTHING: &str = "update_your_partners_to_all_available_editions";
const ONE: &str = "update_your_partners_to_all_offering_items_for_specific_edition";
const DISABLE: &str = "disable_all_applications_for_customer";
const DELETE: &str = "delete_all_tenant_underneath";

const BACKUP: &str = "6e6d758d-8e74-3ae3-ac84-50eb0dff12eb";

fn id(value: &Value) -> String {
    let id = value.get("id").and_then(Value::as_str);
    id.unwrap_or_else(|| panic!("an id in {value}")).to_owned()
}

/// A home folder with a token.
fn signed_in(sandbox: &SandboxProcess) -> TestHome {
    let home = with_client(sandbox);
    home.run("issue_access_token").success();
    sandbox.skip();
    home
}

/// The names of the enabled items of a tenant in an edition.
fn enabled_items(sandbox: &SandboxProcess, tenant: &str, edition: &str) -> Vec<String> {
    let path = format!("/api/2/tenants/{tenant}/offering_items?edition={edition}&status=1");
    let response = sandbox.as_admin("GET", &path, &Value::Null);
    sandbox.skip();
    let items = response.get("items").and_then(Value::as_array);
    let names = items.expect("a list").iter().map(|item| {
        let name = item.get("name").and_then(Value::as_str);
        name.expect("a name").to_owned()
    });
    names.collect()
}

/// The quotas of a tenant's items that are not unlimited, with their versions.
fn quotas(sandbox: &SandboxProcess, tenant: &str) -> Vec<Value> {
    let path = format!("/api/2/tenants/{tenant}/offering_items?edition=*");
    let response = sandbox.as_admin("GET", &path, &Value::Null);
    sandbox.skip();
    let items = response.get("items").and_then(Value::as_array);
    let quotas = items
        .expect("a list")
        .iter()
        .filter_map(|item| item.get("quota"));
    let limited = quotas.filter(|quota| quota.get("value").is_some_and(Value::is_number));
    limited.cloned().collect()
}

/// Creates a tenant as the administrator.
fn create(sandbox: &SandboxProcess, parent: &str, kind: &str, name: &str) -> String {
    let tenant = json!({ "name": name, "parent_id": parent, "kind": kind });
    id(&sandbox.as_admin("POST", "/api/2/tenants", &tenant))
}

/// A home with the API client of a partner below the administrator's tenant. Below that partner are three partners, each
/// with a disabled item, and a customer. The administrator's tenant has locked one of the partners, Birch.
fn of_partner_with_locked_child(sandbox: &SandboxProcess) -> TestHome {
    let above = signed_in(sandbox);
    above.run(ALL).success();
    let partner = id(&above.file("partner_all_editions.json"));
    for name in ["Alder", "Birch", "Cedar"] {
        let child = create(sandbox, &partner, "partner", name);
        for status in [1, 0] {
            let item = json!({ "application_id": BACKUP, "name": "pg_base_vms", "status": status });
            let path = format!("/api/2/tenants/{child}/offering_items");
            sandbox.as_admin("PUT", &path, &json!({ "offering_items": [item] }));
        }
        if name == "Birch" {
            let lock = json!({ "version": 1, "update_lock": { "enabled": true } });
            sandbox.as_admin("PUT", &format!("/api/2/tenants/{child}"), &lock);
        }
    }
    create(sandbox, &partner, "customer", "Dune");
    let client = json!({
        "type": "api_client",
        "tenant_id": partner,
        "token_endpoint_auth_method": "client_secret_basic",
        "data": { "client_name": "Partner" },
    });
    let client = sandbox.as_admin("POST", "/api/2/clients", &client);
    let home = sandbox.home().put("api_client.json", client);
    home.run("issue_access_token").success();
    sandbox.skip();
    home
}

#[test]
fn a_partner_is_created_with_all_editions() {
    let _redacted = redactions::sandbox();
    let sandbox = SandboxProcess::start();
    let home = signed_in(&sandbox);

    insta::assert_snapshot!(home.run(ALL).success(), @"Rust Partner All Editions RANDOM v3.0 created with N offering items of all editions and 7 of no edition, saved in partner_all_editions.json");
    insta::assert_snapshot!(sandbox.conversation(), @"
    GET /api/2/tenants/ID/offering_items/available_for_child 200
    POST /api/2/tenants 201
    PUT /api/2/tenants/ID/offering_items 200
    ");

    let partner = id(&home.file("partner_all_editions.json"));
    let on = enabled_items(&sandbox, &partner, "*");
    for name in ["pg_base_vms", "pw_base_vms", "vms", "notary_storage"] {
        assert!(on.iter().any(|item| item == name), "{name} in {on:?}");
    }
}

#[test]
fn a_partner_is_locked_unlocked_disabled_and_deleted() {
    let _redacted = redactions::sandbox();
    let sandbox = SandboxProcess::start();
    let home = signed_in(&sandbox);

    let outcome = home.example(LOCK).input("\n\n\n\n").end().success();

    insta::assert_snapshot!(outcome, @"
    Rust Locked Partner RANDOM v3.0 created with N offering items of pck_per_gigabyte and 7 of no edition
    Locked
    Unlocked
    Disabled
    Rust Locked Partner RANDOM v3.0 deleted
    ! Press Enter to lock the partner:
    ! Press Enter to unlock the partner:
    ! Press Enter to disable the partner:
    ! Press Enter to delete the partner:
    ");
    // Consecutive calls to one path are one line.
    insta::assert_snapshot!(sandbox.conversation(), @"
    GET /api/2/tenants/ID/offering_items/available_for_child 200
    POST /api/2/tenants 201
    PUT /api/2/tenants/ID/offering_items 200
    PUT /api/2/tenants/ID 200
    DELETE /api/2/tenants/ID 204
    ");
}

#[test]
fn an_edition_is_switched_in_one_call_and_item_by_item() {
    let _redacted = redactions::sandbox();
    let sandbox = SandboxProcess::start();
    let home = signed_in(&sandbox);
    let me = home.file("api_client.json")["tenant_id"].clone();
    let me = me.as_str().expect("an id");

    insta::assert_snapshot!(home.example(SWITCH).input("\n").end().success(), @"
    Rust Switch Edition Customer RANDOM v3.0 created with N offering items of pck_per_gigabyte and 7 of no edition
    The platform warns: NewFeaturesBecomeAvailable
    The platform warns: AllDevicesWithBackupsPreserved
    The platform warns: UsageStatisticsWillMigrate
    Rust Switch Edition Customer RANDOM v3.0 switched to pck_per_workload
    ! Press Enter to switch it to pck_per_workload:
    ");
    insta::assert_snapshot!(sandbox.conversation(), @"
    GET /api/2/tenants/ID/offering_items/available_for_child 200
    POST /api/2/tenants 201
    PUT /api/2/tenants/ID/offering_items 200
    GET /api/2/tenants/ID/edition 200
    PUT /api/2/tenants/ID/edition 200
    ");

    insta::assert_snapshot!(home.example(LEGACY).input("\n").end().success(), @"
    Rust Switch Edition Customer RANDOM v3.0 created with N offering items of pck_per_gigabyte and 7 of no edition
    Rust Switch Edition Customer RANDOM v3.0: N offering items of pck_per_workload enabled, 27 of pck_per_gigabyte disabled
    ! Press Enter to switch it to pck_per_workload:
    ");
    insta::assert_snapshot!(sandbox.conversation(), @"
    GET /api/2/tenants/ID/offering_items/available_for_child 200
    POST /api/2/tenants 201
    PUT /api/2/tenants/ID/offering_items 200
    GET /api/2/tenants/ID/offering_items/available_for_child 200
    PUT /api/2/tenants/ID/offering_items 200
    ");

    let path = format!("/api/2/tenants/{me}/children?include_details=true");
    let children = sandbox.as_admin("GET", &path, &Value::Null);
    let mut switched = 0;
    for child in children["items"].as_array().expect("a list") {
        let name = child["name"].as_str().expect("a name");
        if !name.starts_with("Rust Switch Edition Customer ") {
            continue;
        }
        let on = enabled_items(&sandbox, &id(child), "*");
        assert!(on.iter().any(|item| item == "pw_base_vms"), "{on:?}");
        assert!(!on.iter().any(|item| item.starts_with("pg_")), "{on:?}");
        assert!(on.iter().any(|item| item == "notary_storage"), "{on:?}");
        switched += 1;
    }
    assert_eq!(switched, 2);
}

#[test]
fn a_misspelled_edition_creates_nothing() {
    let _redacted = redactions::sandbox();
    let sandbox = SandboxProcess::start();
    let home = with_partner(&sandbox);
    let tenants = || sandbox.get("/_sandbox/health")["counts"]["tenants"].clone();
    let before = tenants();

    for name in [PARTNER, CUSTOMER, LOCK, SWITCH, LEGACY] {
        let run = home
            .example(name)
            .env("CYBER_PLATFORM_EDITION", "pck_per_gigabit");
        let error = run.refused(2).error().to_owned();
        let (error, editions) = error.split_once("; available: ").expect("a list");
        assert!(
            error.starts_with("the edition pck_per_gigabit is not available for a "),
            "{error}"
        );
        assert!(
            editions.starts_with("pck_per_gigabyte, pck_per_workload, standard, "),
            "{editions}"
        );
        insta::allow_duplicates! {
            insta::assert_snapshot!(sandbox.conversation(), @"GET /api/2/tenants/ID/offering_items/available_for_child 200");
        }
    }
    assert_eq!(tenants(), before);
}

#[test]
fn an_unknown_edition_is_rejected_by_the_preview_of_the_switch() {
    let _redacted = redactions::sandbox();
    let sandbox = SandboxProcess::start();
    let home = signed_in(&sandbox);

    let outcome = home
        .example(SWITCH)
        .env("CYBER_PLATFORM_SWITCH_EDITION", "gold")
        .input("\n")
        .refused(1);

    insta::assert_snapshot!(outcome, @r#"
    Rust Switch Edition Customer RANDOM v3.0 created with N offering items of pck_per_gigabyte and 7 of no edition
    ! Press Enter to switch it to gold:
    ! error: preview the switch: GET /api/2/tenants/ID/edition: 400 Bad Request, code 1027, Business rules do not allow this. (Application ID has no edition "gold".; {"id":"ID"}) [request ID]
    ! help: Read the platform's message above and run the example again with other input. Kinds and editions are set in cyber.platform.cfg.json.
    ! done: create the customer Rust Switch Edition Customer RANDOM v3.0, enable the offering items
    ! not done: switch the edition
    ! next: the customer may exist. Run the example again; delete_created_objects deletes both customers.
    exit 1
    "#);
    assert!(sandbox.conversation().ends_with("/edition 400"));
}

#[test]
fn the_returned_and_the_computed_end_of_the_trial_agree() {
    let sandbox = SandboxProcess::start();
    let home = signed_in(&sandbox);
    let me = home.file("api_client.json")["tenant_id"].clone();
    // Still in trial, unlike the one that the example creates.
    let customer = create(&sandbox, me.as_str().expect("an id"), "customer", "Trial");
    let home = home.put("customer.json", json!({ "id": customer }));
    sandbox.skip();

    // The one of the file, and the one that the guide names.
    let by_option = &["--tenant", TRIAL_CUSTOMER][..];
    for (customer, arguments) in [(customer.as_str(), &[][..]), (TRIAL_CUSTOMER, by_option)] {
        let call = format!("GET /api/2/tenants/{customer}/pricing 200");
        let [returned, computed] = [TRIAL, TRIAL_LEGACY].map(|name| {
            let run = arguments.iter().fold(home.example(name), Run::arg);
            let outcome = run.end().success();
            assert_eq!(sandbox.conversation(), call);
            outcome.stdout
        });

        let (_, start) = returned
            .trim_end()
            .rsplit_once(' ')
            .expect("a date and a time");
        let (end, time) = computed
            .trim_end()
            .strip_prefix("End of trial (UTC): ")
            .and_then(|end| end.split_once(' '))
            .expect("a date and a time");
        assert_eq!(time, "23:59:59.999999");
        assert_eq!(end.len(), "2026-11-30".len(), "{computed}");
        // Production starts on the first day of the next month.
        assert!(start.ends_with("-01T00:00:00"), "{returned}");
        assert!(end < start, "{end} {start}");
    }
}

/// The original tutorial leaves out the items of one storage of the vendor's data center, by its id.
#[test]
fn the_items_of_a_customer_are_those_of_the_original_tutorial() {
    fn text<'a>(item: &'a Value, field: &str) -> Option<&'a str> {
        item.get(field).and_then(Value::as_str)
    }
    let left_out_by_id = |item: &Value| {
        let usage_name = text(item, "usage_name").expect("a name");
        text(item, "infra_id") == Some("ba2976d0-c13e-4661-ae60-b4593583fce2")
            && match text(item, "type") {
                Some("infra") => true,
                Some("feature") => usage_name.starts_with("dr_"),
                _ => false,
            }
    };
    let sandbox = SandboxProcess::start();
    let me = sandbox.as_admin("GET", "/api/2/users/me", &Value::Null);
    let me = text(&me, "tenant_id").expect("an id");
    let available = |edition: &str| {
        let path = format!(
            "/api/2/tenants/{me}/offering_items/available_for_child?kind=customer&edition={edition}"
        );
        let response = sandbox.as_admin("GET", &path, &Value::Null);
        response["items"].as_array().expect("a list").clone()
    };

    let editions: BTreeSet<String> = available("*")
        .iter()
        .filter_map(|item| Some(text(item, "edition")?.to_owned()))
        .collect();
    assert!(editions.len() > 10, "{editions:?}");
    let mut left_out = 0;
    for edition in editions.iter().map(String::as_str).chain(["*"]) {
        let mut items: Vec<Lossless<OfferingItem>> =
            serde_json::from_value(available(edition).into()).expect("items");
        keep_one_storage_of_each_kind(&mut items);

        let mut expected = available(edition);
        expected.retain(|item| !left_out_by_id(item));
        left_out += available(edition).len() - expected.len();
        let items = serde_json::to_value(&items).expect("JSON");
        assert_eq!(items, Value::from(expected), "{edition}");
    }
    assert!(left_out > 0);
}

#[test]
fn all_partners_are_updated_and_customers_are_not() {
    let _redacted = redactions::sandbox();
    let sandbox = SandboxProcess::start();
    let home = signed_in(&sandbox);

    insta::assert_snapshot!(home.run(ONE).success(), @"
    Blue Harbour Cloud: N offering items enabled
    Northlight IT Services: N offering items enabled
    2 partners updated to all offering items of pck_per_gigabyte
    ");
    insta::assert_snapshot!(sandbox.conversation(), @"
    GET /api/2/tenants/ID/children 200
    GET /api/2/tenants/ID/offering_items 200
    PUT /api/2/tenants/ID/offering_items 200
    GET /api/2/tenants/ID/offering_items 200
    ");

    // No item is disabled now.
    home.run(ONE).success();
    assert!(!sandbox.conversation().contains("PUT "));

    let partner = Id::named("tenant Northlight IT Services").to_string();
    let quotas = || quotas(&sandbox, &partner);
    let before = quotas();
    assert_eq!(before.len(), 2, "{before:?}");
    insta::assert_snapshot!(home.run(EVERYTHING).success(), @"
    Blue Harbour Cloud: N offering items of all editions enabled
    Northlight IT Services: N offering items of all editions enabled
    2 partners updated to all editions
    ");
    insta::assert_snapshot!(sandbox.conversation(), @"
    GET /api/2/tenants/ID/children 200
    GET /api/2/tenants/ID/offering_items/available_for_child 200
    GET /api/2/tenants/ID/offering_items 200
    PUT /api/2/tenants/ID/offering_items 200
    GET /api/2/tenants/ID/offering_items 200
    PUT /api/2/tenants/ID/offering_items 200
    ");
    assert_eq!(quotas(), before);
}

#[test]
fn a_locked_partner_is_skipped_and_the_others_are_updated() {
    let _redacted = redactions::sandbox();
    let sandbox = SandboxProcess::start();
    let home = of_partner_with_locked_child(&sandbox);

    insta::assert_snapshot!(home.example(ONE).refused(1), @r#"
    Alder: 1 offering item enabled
    Cedar: 1 offering item enabled
    2 partners updated to all offering items of pck_per_gigabyte
    ! warning: enable the offering items for Birch: PUT /api/2/tenants/ID/offering_items: 403 Forbidden, code 1012, The tenant is locked. (Tenant ID is locked by tenant ID.; {"id":"ID"}) [request ID]
    ! error: the platform rejected 1 tenant
    ! help: The warnings above name each one and the reason. Changes to other tenants are kept. Resolve the reasons, then run the example again.
    ! done: enable the offering items for Alder, enable the offering items for Cedar
    ! next: some partners are updated. Run the example again: it does not change them twice.
    exit 1
    "#);
    insta::assert_snapshot!(sandbox.conversation(), @"
    GET /api/2/tenants/ID/children 200
    GET /api/2/tenants/ID/offering_items 200
    PUT /api/2/tenants/ID/offering_items 200
    GET /api/2/tenants/ID/offering_items 200
    PUT /api/2/tenants/ID/offering_items 403
    GET /api/2/tenants/ID/offering_items 200
    PUT /api/2/tenants/ID/offering_items 200
    ");

    let outcome = home.example(EVERYTHING).refused(1);
    assert_eq!(outcome.error(), "the platform rejected 1 tenant");
    insta::assert_snapshot!(outcome.stdout, @"
    Alder: N offering items of all editions enabled
    Cedar: N offering items of all editions enabled
    2 partners updated to all editions
    ");
    insta::assert_snapshot!(sandbox.conversation(), @"
    GET /api/2/tenants/ID/children 200
    GET /api/2/tenants/ID/offering_items/available_for_child 200
    GET /api/2/tenants/ID/offering_items 200
    PUT /api/2/tenants/ID/offering_items 200
    GET /api/2/tenants/ID/offering_items 200
    PUT /api/2/tenants/ID/offering_items 403
    GET /api/2/tenants/ID/offering_items 200
    PUT /api/2/tenants/ID/offering_items 200
    ");
}

#[test]
fn all_applications_of_a_customer_except_the_management_console_are_disabled() {
    let _redacted = redactions::sandbox();
    let sandbox = SandboxProcess::start();
    let home = with_customer(&sandbox);

    insta::assert_snapshot!(home.run(DISABLE).success(), @"
    Backup disabled
    Notary disabled
    Physical Data Shipping disabled
    3 applications disabled for customer ID
    ");
    insta::assert_snapshot!(sandbox.conversation(), @"
    GET /api/2/applications 200
    GET /api/2/tenants/ID/applications 200
    DELETE /api/2/applications/ID/bindings/tenants/ID 204
    DELETE /api/2/applications/ID/bindings/tenants/ID 204
    DELETE /api/2/applications/ID/bindings/tenants/ID 204
    ");

    let customer = id(&home.file("customer.json"));
    assert_eq!(
        enabled_items(&sandbox, &customer, "*"),
        Vec::<String>::new()
    );
    // A second run has nothing to do.
    insta::assert_snapshot!(home.run(DISABLE).success(), @"0 applications disabled for customer ID");
}

#[test]
fn tenants_are_deleted_only_after_the_word_yes() {
    let _redacted = redactions::sandbox();
    let sandbox = SandboxProcess::start();
    let home = signed_in(&sandbox);
    let tenants = || sandbox.get("/_sandbox/health")["counts"]["tenants"].clone();
    let before = tenants();

    insta::assert_snapshot!(home.example(DELETE).input("no\n").refused(2), @"
    4 tenants below Sandbox Partner
    name                    kind      id
    Blue Harbour Cloud      partner   ID
    Fern Consulting         customer  ID
    Grove School            customer  ID
    Northlight IT Services  partner   ID
    ! All of this is deleted on http://127.0.0.1:PORT/, with everything in it. Type yes to continue:
    ! error: not confirmed; nothing was deleted
    ! help: Run the example again and type yes, or pipe it in.
    exit 2
    ");
    insta::assert_snapshot!(sandbox.conversation(), @"
    GET /api/2/tenants/ID 200
    GET /api/2/tenants/ID/children 200
    GET /api/2/tenants/ID 200
    GET /api/2/tenants/ID 200
    GET /api/2/tenants/ID 200
    GET /api/2/tenants/ID 200
    ");
    assert_eq!(tenants(), before);

    insta::assert_snapshot!(home.example(DELETE).input("yes\n").end().success(), @"
    4 tenants below Sandbox Partner
    name                    kind      id
    Blue Harbour Cloud      partner   ID
    Fern Consulting         customer  ID
    Grove School            customer  ID
    Northlight IT Services  partner   ID
    Blue Harbour Cloud deleted
    Fern Consulting deleted
    Grove School deleted
    Northlight IT Services deleted
    4 tenants deleted
    ! All of this is deleted on http://127.0.0.1:PORT/, with everything in it. Type yes to continue:
    ");
    insta::assert_snapshot!(sandbox.conversation(), @"
    GET /api/2/tenants/ID 200
    GET /api/2/tenants/ID/children 200
    GET /api/2/tenants/ID 200
    GET /api/2/tenants/ID 200
    GET /api/2/tenants/ID 200
    GET /api/2/tenants/ID 200
    PUT /api/2/tenants/ID 200
    GET /api/2/tenants/ID 200
    DELETE /api/2/tenants/ID 204
    PUT /api/2/tenants/ID 200
    GET /api/2/tenants/ID 200
    DELETE /api/2/tenants/ID 204
    PUT /api/2/tenants/ID 200
    GET /api/2/tenants/ID 200
    DELETE /api/2/tenants/ID 204
    PUT /api/2/tenants/ID 200
    GET /api/2/tenants/ID 200
    DELETE /api/2/tenants/ID 204
    ");

    insta::assert_snapshot!(home.run(DELETE).success(), @"
    0 tenants below Sandbox Partner
    Nothing was deleted
    ");
}

#[test]
fn a_locked_tenant_is_skipped_and_the_others_are_deleted() {
    let _redacted = redactions::sandbox();
    let sandbox = SandboxProcess::start();
    let home = of_partner_with_locked_child(&sandbox);

    insta::assert_snapshot!(home.example(DELETE).input("yes\n").refused(1), @r#"
    4 tenants below Rust Partner All Editions RANDOM v3.0
    name   kind      id
    Alder  partner   ID
    Birch  partner   ID
    Cedar  partner   ID
    Dune   customer  ID
    Alder deleted
    Cedar deleted
    Dune deleted
    3 tenants deleted
    ! All of this is deleted on http://127.0.0.1:PORT/, with everything in it. Type yes to continue:
    ! warning: disable Birch: PUT /api/2/tenants/ID: 403 Forbidden, code 1012, The tenant is locked. (Tenant ID is locked by tenant ID.; {"id":"ID"}) [request ID]
    ! error: the platform rejected 1 tenant
    ! help: The warnings above name each one and the reason. Changes to other tenants are kept. Resolve the reasons, then run the example again.
    ! done: disable Alder, delete Alder, disable Cedar, delete Cedar, disable Dune, delete Dune
    ! next: some tenants are deleted, and one may be disabled. Run the example again to delete the others.
    exit 1
    "#);
    insta::assert_snapshot!(sandbox.conversation(), @"
    GET /api/2/tenants/ID 200
    GET /api/2/tenants/ID/children 200
    GET /api/2/tenants/ID 200
    GET /api/2/tenants/ID 200
    GET /api/2/tenants/ID 200
    GET /api/2/tenants/ID 200
    PUT /api/2/tenants/ID 200
    GET /api/2/tenants/ID 200
    DELETE /api/2/tenants/ID 204
    PUT /api/2/tenants/ID 403
    PUT /api/2/tenants/ID 200
    GET /api/2/tenants/ID 200
    DELETE /api/2/tenants/ID 204
    PUT /api/2/tenants/ID 200
    GET /api/2/tenants/ID 200
    DELETE /api/2/tenants/ID 204
    ");

    let walk = home.run("navigate_through_tenants").success().stdout;
    assert!(walk.contains("Birch") && !walk.contains("Cedar"), "{walk}");
}
