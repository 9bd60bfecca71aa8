//! Where calls go, and what they carry besides what they say.

use serde_json::json;
use tests::{
    Answer, Server, Stage,
    server::USER_AGENT,
    stage::{LOGIN, ME, PASSWORD},
};

#[test]
fn a_call_has_these_headers_and_no_others() {
    let server = Server::new([
        Answer::json(200, json!({ "tenant_id": ME })),
        Answer::json(201, json!({ "client_id": "c-1", "client_secret": "s" })),
    ]);
    Stage::new(&server.url())
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
fn an_integration_gives_its_own_name() {
    let server = Server::new([Answer::token("new-t0ken"), Answer::no_items()]);
    Stage::new(&server.url())
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
fn the_base_url_may_have_a_path_with_and_without_its_last_slash() {
    for (base, path) in [
        ("", "/api/2/tenants"),
        ("w/NAME", "/w/NAME/api/2/tenants"),
        ("w/NAME/", "/w/NAME/api/2/tenants"),
    ] {
        let server = Server::new([Answer::no_items()]);
        let url = format!("{}{base}", server.url());
        Stage::new(&url)
            .signed_in()
            .run("get_tenant_usage")
            .success();

        let targets: Vec<_> = server.calls().into_iter().map(|call| call.target).collect();
        assert_eq!(targets, [format!("{path}/{ME}/usages")], "{url}");
    }
}

#[test]
fn the_base_url_may_lack_its_last_slash() {
    let server = Server::new([Answer::no_items()]);
    let url = server.url();
    let stage = Stage::new(url.trim_end_matches('/')).signed_in();
    stage.run("get_tenant_usage").success();

    assert_eq!(server.calls().len(), 1);
}

#[test]
fn the_environment_wins_over_the_settings_and_these_over_the_defaults() {
    let server = Server::new([Answer::no_items()]);
    let settings =
        json!({ "base_url": "http://127.0.0.1:1/", "edition": "  ", "user_agent": null });
    let defaults = json!({
        "base_url": "http://127.0.0.1:2/",
        "partner_tenant": "partner",
        "customer_tenant": "customer",
        "edition": "pck_per_gigabyte",
        "switch_edition": "pck_per_workload",
        "cyber_protection_application_id": "a",
        "user_agent": "Defaults/1",
    });
    let stage = Stage::empty()
        .put("cyber.platform.cfg.json", settings)
        .put("cyber.platform.cfg.defaults.json", defaults)
        .signed_in();

    stage
        .example("get_tenant_usage")
        .env("CYBER_PLATFORM_BASE_URL", server.url())
        .env("CYBER_PLATFORM_EDITION", "from the environment")
        .end()
        .success();

    assert_eq!(server.calls()[0].headers["user-agent"], "Defaults/1");
}

#[test]
fn home_is_found_from_a_folder_below_it() {
    let server = Server::new([Answer::no_items()]);
    let stage = Stage::new(&server.url()).signed_in();
    let below = stage.path("a/b");
    std::fs::create_dir_all(&below).expect("home is writable");

    stage
        .example("get_tenant_usage")
        .standing_in(&below)
        .end()
        .success();

    assert!(stage.path(&format!("tenant_usage_{ME}.json")).is_file());
}

#[test]
fn calls_to_this_machine_pass_by_the_proxy() {
    let server = Server::new([Answer::no_items()]);
    Stage::new(&server.url())
        .signed_in()
        .example("get_tenant_usage")
        .env("HTTP_PROXY", "http://127.0.0.1:1/")
        .env("http_proxy", "http://127.0.0.1:1/")
        .env("ALL_PROXY", "http://127.0.0.1:1/")
        .end()
        .success();

    assert_eq!(server.calls().len(), 1);
}
