//! The usage.

use tests::{Answer, Server, Stage, stage::ME};

#[test]
fn the_usage_is_kept_as_it_came() {
    let server = Server::new([Answer::text(
        200,
        r#"{"items":[{"name":"storage","absolute_value":18446744073709551617,"value":0.10,"edition":null},{"zeta":1,"alpha":2}],"more":"Ünï"}"#,
    )]);
    let stage = Stage::new(&server.url()).signed_in();

    let outcome = stage.run("get_tenant_usage").success();

    insta::assert_snapshot!(outcome, @"2 usages are in tenant_usage_11111111-aaaa-4aaa-8aaa-111111111111.json");
    insta::assert_snapshot!(server.conversation(), @"
    GET /api/2/tenants/11111111-aaaa-4aaa-8aaa-111111111111/usages
      authorization: Bearer kept-t0ken
    ");
    insta::assert_snapshot!(stage.text(&format!("tenant_usage_{ME}.json")), @r#"
    {
      "items": [
        {
          "name": "storage",
          "absolute_value": 18446744073709551617,
          "value": 0.10,
          "edition": null
        },
        {
          "zeta": 1,
          "alpha": 2
        }
      ],
      "more": "Ünï"
    }
    "#);
    insta::assert_snapshot!(stage.names(), @"
    api_client.json
    api_token.json
    cyber.platform.cfg.json
    tenant_usage_11111111-aaaa-4aaa-8aaa-111111111111.json
    ");
}
