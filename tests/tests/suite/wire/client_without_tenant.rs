//! An `api_client.json` written by hand: only id and secret. The tenant is looked up.

use serde_json::json;
use tests::{
    Response, ScriptedServer, TestHome,
    test_home::{CLIENT_ID, CLIENT_SECRET, ME, TOKEN},
};

const LOOK_UP: &str = "GET /api/2/clients/my-client\n  authorization: Bearer kept-t0ken\n";

fn home(server: &ScriptedServer) -> TestHome {
    TestHome::new(&server.url())
        .put(
            "api_client.json",
            json!({ "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET }),
        )
        .token("api_token.json", TOKEN, 7200)
}

fn client() -> Response {
    Response::json(200, json!({ "client_id": CLIENT_ID, "tenant_id": ME }))
}

#[test]
fn the_tenant_is_looked_up_and_the_file_stays_unchanged() {
    let server = ScriptedServer::new([client(), Response::no_items()]);
    let home = home(&server);
    let before = home.text("api_client.json");

    home.run("get_tenant_usage").success();

    let usage = format!("GET /api/2/tenants/{ME}/usages\n  authorization: Bearer {TOKEN}\n");
    assert_eq!(server.conversation(), format!("{LOOK_UP}{usage}"));
    assert_eq!(home.text("api_client.json"), before);
}

#[test]
fn the_look_up_uses_the_token_of_the_client_even_if_there_is_one_for_a_customer() {
    let server = ScriptedServer::new([client(), Response::no_items()]);
    let home = home(&server).token("api_customer_scoped_token.json", "customer-t0ken", 7200);

    home.run("get_all_plans_info").success();

    let plans = "GET /api/policy_management/v4/policies\n  authorization: Bearer customer-t0ken\n";
    assert_eq!(server.conversation(), format!("{LOOK_UP}{plans}"));
}

#[test]
fn no_tenant_is_looked_up_to_issue_a_token() {
    let server = ScriptedServer::new([Response::token("new-t0ken")]);
    home(&server).run("issue_access_token").success();
    assert_eq!(server.calls().len(), 1);
}

#[test]
fn a_rejected_look_up_names_the_field_to_add() {
    for (status, reason) in [(403, "Forbidden"), (404, "Not Found")] {
        let server = ScriptedServer::new([Response::empty(status)]);

        let outcome = home(&server).example("get_tenant_usage").refused(1);

        assert_eq!(
            outcome.error(),
            format!(
                "look up the tenant of the API client: GET /api/2/clients/{CLIENT_ID}: {status} {reason}"
            )
        );
        assert_eq!(
            outcome.help(),
            "Add \"tenant_id\" to api_client.json: the id of the tenant in which the client was created. \
             guide/src/account.md says where to find it."
        );
    }
}

#[test]
fn a_tenant_id_of_another_type_is_an_error() {
    for (tenant, reason) in [
        (
            json!(7),
            "tenant_id: invalid type: integer `7`, expected a string",
        ),
        (json!("../x"), r#"tenant_id: "../x" is not an id"#),
    ] {
        let server = ScriptedServer::new([Response::json(200, json!({ "tenant_id": tenant }))]);

        let outcome = home(&server).example("get_tenant_usage").refused(1);

        assert_eq!(
            outcome.error(),
            format!(
                "look up the tenant of the API client: GET /api/2/clients/{CLIENT_ID}: unexpected response: {reason}"
            )
        );
    }
}

#[test]
fn a_tenant_that_does_not_exist_may_be_a_mistake_in_the_file() {
    let server = ScriptedServer::new([Response::json(404, json!({ "message": "No" }))]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.example("get_tenant_usage").refused(1);

    assert_eq!(
        outcome.help(),
        "The tenant_id in api_client.json may be wrong. Remove it, and it is looked up. Check base_url, too."
    );
}
