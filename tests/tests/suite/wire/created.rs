//! The record of what the examples create, and the files of earlier objects.

use std::{
    fs,
    sync::{Arc, Mutex},
};

use mockito::{Matcher, Server};
use serde_json::{Value, json};
use tests::{
    Response, ScriptedServer, TestHome, redactions, scripted_server::AVAILABLE_ITEMS,
    test_home::CLIENT_ID,
};

use super::{rejection, tenant, with_customer};

const PARTNER: &str = "create_partner_tenant_and_assign_specific_edition";
const USER: &str = "create_user_for_customer_activate_assign_backup_user_role";

#[test]
fn an_object_is_recorded_before_the_call_and_its_id_after_it() {
    let _redacted = redactions::scripted();
    let mut server = Server::new();
    let home = TestHome::new(&format!("{}/", server.url())).signed_in();
    let record = home.path("created.jsonl");
    let during_call = Arc::new(Mutex::new(String::new()));
    let seen = Arc::clone(&during_call);
    let any = || Matcher::Any;
    let items = server
        .mock("GET", any())
        .with_body(AVAILABLE_ITEMS)
        .create();
    let create = server
        .mock("POST", "/api/2/tenants")
        .with_status(201)
        .with_body_from_request(move |_| {
            *seen.lock().unwrap() = fs::read_to_string(&record).unwrap_or_default();
            tenant("partner-1", "P", 1).to_string().into_bytes()
        })
        .create();
    let enable = server.mock("PUT", any()).with_body("{}").create();

    home.run(PARTNER).success();

    for mock in [items, create, enable] {
        mock.assert();
    }
    let during_call = during_call.lock().unwrap().clone();
    insta::assert_snapshot!(home.created(), @"
    1 creating | tenant | Rust Partner RANDOM v3.0 | my-tenant
    1 created | partner-1
    ");
    let all = home.text("created.jsonl");
    let first = all.lines().next().expect("a line");
    assert_eq!(during_call, format!("{first}\n"));

    let line: serde_json::Value = serde_json::from_str(first).expect("a line is JSON");
    assert_eq!(line["platform"], format!("{}/", server.url()));
    let time = line["time"].as_str().expect("a time");
    assert!(time.len() == 20 && time.ends_with('Z'), "{time}");
    #[cfg(unix)]
    assert_eq!(home.mode("created.jsonl"), "600");
}

#[test]
fn an_object_whose_response_is_lost_stays_in_the_record_without_an_id() {
    let _redacted = redactions::scripted();
    let server = ScriptedServer::new([
        Response::available_items(),
        Response::text(201, "{}").cut_short(),
        Response::no_items(),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    let outcome = home.run(PARTNER).failed(1);

    let expected = "no effect of the call was found";
    assert!(outcome.error().ends_with(expected), "{outcome}");
    insta::assert_snapshot!(home.created(), @"1 creating | tenant | Rust Partner RANDOM v3.0 | my-tenant");
}

#[test]
fn an_object_that_the_platform_rejects_is_recorded_as_not_created() {
    let _redacted = redactions::scripted();
    let server = ScriptedServer::new([Response::available_items(), rejection(403)]);
    let home = TestHome::new(&server.url()).signed_in();

    home.run(PARTNER).failed(1);

    insta::assert_snapshot!(home.created(), @"
    1 creating | tenant | Rust Partner RANDOM v3.0 | my-tenant
    1 not_created
    ");
}

#[cfg(unix)]
#[test]
fn nothing_is_created_if_it_cannot_be_recorded() {
    use std::{os::unix::fs::symlink, process::Command};

    for (problem, expected) in [
        ("link", "created.jsonl is a symbolic link"),
        ("pipe", "created.jsonl is not a regular file"),
        ("folder", "created.jsonl is not a regular file"),
    ] {
        let server = ScriptedServer::new([Response::available_items()]);
        let home = TestHome::new(&server.url()).signed_in();
        let path = home.path("created.jsonl");
        match problem {
            "link" => symlink("elsewhere.jsonl", &path).expect("home is writable"),
            "pipe" => {
                let status = Command::new("mkfifo").arg(&path).status();
                assert!(status.expect("mkfifo starts").success());
            }
            _ => fs::create_dir(&path).expect("home is writable"),
        }

        let outcome = home.run(PARTNER).failed(2);

        assert!(outcome.error().ends_with(expected), "{outcome}");
        assert_eq!(server.calls().len(), 1);
        assert!(!home.path("elsewhere.jsonl").exists());
    }
}

#[test]
fn a_broken_line_does_not_stop_an_example_that_creates_something() {
    let server = ScriptedServer::new([
        Response::available_items(),
        Response::json(201, tenant("partner-1", "P", 1)),
        Response::empty(204),
    ]);
    let home = TestHome::new(&server.url())
        .signed_in()
        .put_text("created.jsonl", "{\"entry\": torn");

    let outcome = home.run(PARTNER).success();

    assert_eq!(outcome.stderr, "");
    let record = home.text("created.jsonl");
    let lines: Vec<_> = record.lines().collect();
    assert_eq!(lines[0], "{\"entry\": torn");
    assert_eq!(lines.len(), 3, "{record}");
}

#[test]
fn the_file_of_an_earlier_object_is_kept_under_the_next_number() {
    let partner = |id: &str| {
        [
            Response::available_items(),
            Response::json(201, tenant(id, "P", 1)),
            Response::empty(204),
        ]
    };
    let server = ScriptedServer::new(["a", "b", "c"].into_iter().flat_map(partner));
    let home = TestHome::new(&server.url()).signed_in();

    assert_eq!(home.run(PARTNER).success().stderr, "");
    for (id, copy, previous) in [("b", "partner.1.json", "a"), ("c", "partner.2.json", "b")] {
        let outcome = home.run(PARTNER).success();
        let expected = format!(
            "note: partner.json now refers to the new object; the previous one is in {copy}\n"
        );
        assert_eq!(outcome.stderr, expected);
        assert_eq!(home.file("partner.json")["id"], id);
        assert_eq!(home.file(copy)["id"], previous);
    }
}

#[test]
fn a_user_belongs_to_its_tenant() {
    let server = ScriptedServer::new([
        Response::empty(204),
        Response::json(200, json!({ "id": "user-1", "login": "grace" })),
        Response::empty(204),
        Response::empty(204),
    ]);
    let home = with_customer(&server).put("user.json", json!({ "id": "user-0" }));

    let run = home.example(USER).input("grace\ng@example.com\n");
    let outcome = run.end().success();

    assert!(outcome.stderr.contains("is in user.1.json"), "{outcome}");
    insta::assert_snapshot!(home.created(), @"
    1 creating | user | grace | customer-1
    1 created | user-1
    ");
}

#[test]
fn an_api_client_is_not_sent_to_another_platform() {
    let sandbox = "http://127.0.0.1:8080/";
    let event = |event: Value| {
        let mut line = json!({ "entry": "entry-0", "time": "2026-11-24T00:56:05Z" });
        let fields = line.as_object_mut().expect("an object");
        fields.extend(event.as_object().expect("an object").clone());
        format!("{line}\n")
    };
    let creating = json!({
        "event": "creating", "platform": sandbox, "kind": "api_client", "name": "Rust.Client", "parent": "my-tenant",
    });
    let created = json!({ "event": "created", "id": CLIENT_ID });
    let home = TestHome::new("https://platform.test/")
        .signed_in()
        .put_text("created.jsonl", &(event(creating) + &event(created)));

    let outcome = home.example("get_tenant_usage").refused(2);

    insta::assert_snapshot!(outcome, @"
    ! error: the API client in api_client.json was created on http://127.0.0.1:8080/, but base_url is https://platform.test/; nothing was sent
    ! help: Correct base_url, or use a home folder for each platform, with --home or CYBER_PLATFORM_HOME.
    exit 2
    ");
}
