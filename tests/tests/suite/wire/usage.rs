//! The usage of a tenant.

use serde_json::json;
use tests::{Response, ScriptedServer, TestHome, test_home::ME};

#[test]
fn saves_the_response_unchanged() {
    let server = ScriptedServer::new([Response::text(
        200,
        r#"{"items":[{"name":"storage","measurement_unit":"quantity","absolute_value":18446744073709551617,"value":0.10,"zeta":1,"alpha":"\u00fc"},{"name":"vm_storage","measurement_unit":"bytes","value":0,"edition":null}],"more":"Ünï"}"#,
    )]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.run("get_tenant_usage").success();

    insta::assert_snapshot!(outcome, @"
    item     edition  used                  quota
    storage           18446744073709551617

    2 usages saved in tenant_usage_my-tenant.json
    ");
    insta::assert_snapshot!(server.conversation(), @"
    GET /api/2/tenants/my-tenant/usages
      authorization: Bearer kept-t0ken
    ");
    insta::assert_snapshot!(home.text(&format!("tenant_usage_{ME}.json")), @r#"
    {
      "items": [
        {
          "name": "storage",
          "measurement_unit": "quantity",
          "absolute_value": 18446744073709551617,
          "value": 0.10,
          "zeta": 1,
          "alpha": "\u00fc"
        },
        {
          "name": "vm_storage",
          "measurement_unit": "bytes",
          "value": 0,
          "edition": null
        }
      ],
      "more": "Ünï"
    }
    "#);
    insta::assert_snapshot!(home.names(), @"
    api_client.json
    api_token.json
    cyber.platform.cfg.json
    tenant_usage_my-tenant.json
    ");
}

#[test]
fn shows_usage_against_quota() {
    let usage = |name: &str, unit: &str, used: u64, quota: serde_json::Value| {
        json!({
            "name": name,
            "edition": "pck_per_gigabyte",
            "measurement_unit": unit,
            "value": used,
            "absolute_value": used,
            "offering_item": { "status": 1, "quota": quota },
        })
    };
    let server = ScriptedServer::new([Response::items(json!([
        usage("pg_base_storage", "bytes", 53_687_091_200, json!({ "value": 107_374_182_400_u64, "overage": null })),
        usage("pg_base_servers", "quantity", 12, json!({ "value": 10, "overage": 5 })),
        usage("pg_base_compute", "seconds", 9000, json!({ "value": null, "overage": null })),
        usage("pg_base_vms", "quantity", 0, json!({ "value": null })),
        { "name": "vm_storage", "measurement_unit": "bytes", "value": 0 },
    ]))]);
    let home = TestHome::new(&server.url()).signed_in();

    insta::assert_snapshot!(home.run("get_tenant_usage").success(), @"
    item             edition           used       quota
    pg_base_storage  pck_per_gigabyte  50.00 GiB  100.00 GiB  #####-----  50 %
    pg_base_servers  pck_per_gigabyte  12         10          ########## 120 %
    pg_base_compute  pck_per_gigabyte  2.5 h

    5 usages saved in tenant_usage_my-tenant.json
    ");
    server.calls();
}
