//! The address and the headers of calls.

use serde_json::json;
use tests::{
    Response, ScriptedServer, TestHome,
    scripted_server::USER_AGENT,
    test_home::{LOGIN, ME, PASSWORD},
};

#[test]
fn a_call_has_exactly_these_headers() {
    let server = ScriptedServer::new([
        Response::json(200, json!({ "tenant_id": ME })),
        Response::json(201, json!({ "client_id": "c-1", "client_secret": "s" })),
    ]);
    TestHome::new(&server.url())
        .example("create_api_client")
        .input(format!("{LOGIN}\n{PASSWORD}\n"))
        .end()
        .success();

    let calls = server.calls();
    let names: Vec<_> = calls
        .iter()
        .map(|call| call.headers.keys().cloned().collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(
        names,
        [
            "accept accept-encoding authorization host user-agent",
            "accept accept-encoding authorization content-length content-type host user-agent",
        ]
    );
    for call in calls {
        assert_eq!(call.headers["accept"], "*/*");
        assert_eq!(call.headers["accept-encoding"], "gzip");
        assert_eq!(call.headers["user-agent"], USER_AGENT);
    }
}

#[test]
fn the_user_agent_can_be_set() {
    let server = ScriptedServer::new([Response::token("new-t0ken"), Response::no_items()]);
    TestHome::new(&server.url())
        .client()
        .example("get_tenant_usage")
        .env("CYBER_PLATFORM_USER_AGENT", "Billing/2.1 (nightly export)")
        .end()
        .success();

    for call in server.calls() {
        assert_eq!(call.headers["user-agent"], "Billing/2.1 (nightly export)");
    }
}

#[test]
fn the_base_url_may_have_a_path_and_no_trailing_slash() {
    for (base, path) in [
        ("", "/api/2/tenants"),
        ("w/NAME", "/w/NAME/api/2/tenants"),
        ("w/NAME/", "/w/NAME/api/2/tenants"),
    ] {
        let server = ScriptedServer::new([Response::no_items()]);
        let url = format!("{}{base}", server.url());
        TestHome::new(&url)
            .signed_in()
            .run("get_tenant_usage")
            .success();

        let targets: Vec<_> = server.calls().into_iter().map(|call| call.target).collect();
        assert_eq!(targets, [format!("{path}/{ME}/usages")], "{url}");
    }
}

#[test]
fn the_trailing_slash_of_the_base_url_is_optional() {
    let server = ScriptedServer::new([Response::no_items()]);
    let url = server.url();
    let home = TestHome::new(url.trim_end_matches('/')).signed_in();
    home.run("get_tenant_usage").success();

    assert_eq!(server.calls().len(), 1);
}

#[test]
fn the_environment_overrides_the_settings_and_they_override_the_defaults() {
    let server = ScriptedServer::new([Response::no_items()]);
    let settings =
        json!({ "base_url": "http://127.0.0.1:1/", "edition": "  ", "user_agent": null });
    let defaults = json!({
        "partner_tenant": "partner",
        "customer_tenant": "customer",
        "edition": "pck_per_gigabyte",
        "switch_edition": "pck_per_workload",
        "cyber_protection_application_id": "a",
        "user_agent": "Defaults/1",
    });
    let home = TestHome::empty()
        .put("cyber.platform.cfg.json", settings)
        .put("cyber.platform.cfg.defaults.json", defaults)
        .signed_in();

    home.example("get_tenant_usage")
        .env("CYBER_PLATFORM_BASE_URL", server.url())
        .env("CYBER_PLATFORM_EDITION", "from the environment")
        .end()
        .success();

    assert_eq!(server.calls()[0].headers["user-agent"], "Defaults/1");
}

#[test]
fn home_is_found_from_a_subfolder() {
    let server = ScriptedServer::new([Response::no_items()]);
    let home = TestHome::new(&server.url()).signed_in();
    let below = home.path("a/b");
    std::fs::create_dir_all(&below).expect("home is writable");

    home.example("get_tenant_usage")
        .standing_in(&below)
        .end()
        .success();

    assert!(home.path(&format!("tenant_usage_{ME}.json")).is_file());
}

#[test]
fn calls_to_this_machine_bypass_the_proxy() {
    let server = ScriptedServer::new([Response::no_items()]);
    TestHome::new(&server.url())
        .signed_in()
        .example("get_tenant_usage")
        .env("HTTP_PROXY", "http://127.0.0.1:1/")
        .env("http_proxy", "http://127.0.0.1:1/")
        .env("ALL_PROXY", "http://127.0.0.1:1/")
        .end()
        .success();

    assert_eq!(server.calls().len(), 1);
}
