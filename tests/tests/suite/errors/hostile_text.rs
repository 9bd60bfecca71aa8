//! Every example, on a platform whose texts try to control the terminal.

use std::fs;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use tests::{
    Outcome, Response, ScriptedServer, TestHome,
    examples::{self, Example},
};

/// Clears the screen, sets colors, reverses text, hides text, begins new lines.
const HOSTILE: &str = "A\u{1b}[2J\u{7}\u{7f}\u{9b}31m\u{85}\u{61c}\u{200b}\u{200d}\u{200e}\u{202e}\u{2060}\u{2066}\u{2028}\u{2029}\
                       \u{feff}\u{e0001}\u{e0041}\u{e007f}\r\nerror: forged";

/// Whether a terminal or a reader could be misled by a character.
fn is_harmful(c: char) -> bool {
    match c {
        '\n' => false,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{feff}' => true,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => true,
        _ => ('\u{e0000}'..='\u{e0fff}').contains(&c),
    }
}

fn check_output(outcome: &Outcome, case: &str) {
    for output in [&outcome.stdout, &outcome.stderr] {
        let harmful: Vec<_> = output.chars().filter(|&c| is_harmful(c)).collect();
        assert!(harmful.is_empty(), "{case}: {harmful:?} in {output:?}");
        let is_forged = output.lines().any(|line| line.starts_with("error: forged"));
        assert!(!is_forged, "{case}: {output:?}");
    }
}

/// A response that most examples can use, with this text as its id and hostile text in everything else.
fn response(status: u16, id: &str, items: &Value) -> Response {
    let mut body = json!({
        "id": id, "client_id": id, "tenant_id": id, "client_secret": "new-s3cret", "access_token": "new-t0ken",
        "expires_on": 4_102_444_800_u32, "version": 1, "status": "saved", "token": "registration-t0ken", "ott": "0ne-time",
        "code": HOSTILE, "message": HOSTILE, HOSTILE: HOSTILE, "items": items,
        "paging": { "cursors": { "after": HOSTILE } },
    });
    for name in [
        "name",
        "kind",
        "login",
        "mode",
        "production_start_date",
        "expires_at",
        "edition",
        "personal_tenant_id",
        "email",
    ] {
        let text = if name == "personal_tenant_id" {
            id
        } else {
            HOSTILE
        };
        set(&mut body, name, text);
    }
    if status >= 300 {
        set(
            &mut body,
            "error",
            json!({ "code": HOSTILE, "message": HOSTILE, "details": { HOSTILE: HOSTILE }, "context": HOSTILE }),
        );
    }
    Response::json(status, body)
}

fn set(object: &mut Value, name: &str, value: impl Into<Value>) {
    let fields = object.as_object_mut().expect("an object");
    fields.insert(name.to_owned(), value.into());
}

/// An item with the fields that any example reads.
fn item(id: &str) -> Value {
    json!({
        "id": id, "name": HOSTILE, "kind": "partner", "type": HOSTILE, "edition": HOSTILE, "usage_name": HOSTILE, "status": "saved",
        "infra_id": HOSTILE, "hostname": HOSTILE, "user_defined_name": HOSTILE, "login": HOSTILE, "version": 1,
        "measurement_unit": HOSTILE, "value": 1, "absolute_value": 1, "context": { "id": id, "name": HOSTILE },
        "policy": [{ "id": id, "name": HOSTILE, "type": HOSTILE, "enabled": true }], "result": { "code": HOSTILE },
        "application_id": id, "severity": HOSTILE, "state": HOSTILE, "messages": [HOSTILE], "issues": [{ "error": { "message": HOSTILE } }],
        "agent_info": [{ "name": HOSTILE }], "platform": { "name": HOSTILE },
    })
}

fn responses() -> Vec<Response> {
    let applied =
        json!([[{ "policy": { "id": "a-1", "type": HOSTILE }, "context": { "id": "a-1" } }]]);
    let mut offering_item = item("a-2");
    set(&mut offering_item, "status", 1);
    vec![
        response(200, "a-1", &json!([item("a-2")])),
        response(200, "a-1", &json!([offering_item])),
        response(200, "a-1", &json!(["a-2"])),
        response(200, "a-1", &applied),
        response(200, HOSTILE, &json!([item(HOSTILE)])),
        response(400, "a-1", &json!([])).header("X-Request-Id", "a\u{9b}31m\tb"),
        Response::empty(200).body("text/\u{9b}31m\tplain", HOSTILE),
    ]
}

fn home(server: &ScriptedServer, id: &str) -> TestHome {
    TestHome::new(&server.url())
        .for_customer()
        .put("partner.json", json!({ "id": id, "name": HOSTILE }))
        .put("customer.json", json!({ "id": id, "name": HOSTILE }))
        .put(
            "user.json",
            json!({ "id": id, "login": HOSTILE, "personal_tenant_id": id }),
        )
}

fn run(example: &Example, home: &TestHome, arg: &str) -> Outcome {
    let name = format!("{}/{}", example.package, example.name);
    home.example(&name)
        .input("yes\ngrace@example.com\n\n\n\n")
        .env("CYBER_PLATFORM_WAIT_SECONDS", "1")
        .arg(arg)
        .end()
}

#[test]
fn text_of_the_platform_cannot_control_the_terminal() {
    let mut succeeded = 0;
    for example in examples::all() {
        for (number, response) in responses().into_iter().enumerate() {
            let server = ScriptedServer::new([]).from_then_on(response);
            let home = home(&server, "a-1");
            if example.name == "create_api_client" {
                fs::remove_file(home.path("api_client.json")).expect("the file exists");
            }

            let outcome = run(example, &home, "--verbose");

            check_output(&outcome, &format!("{}, response {number}", example.name));
            succeeded += usize::from(outcome.code == Some(0));
        }
    }
    assert!(succeeded > 60, "{succeeded}");
}

#[test]
fn text_of_files_and_tokens_cannot_control_the_terminal() {
    let claims = json!({ "client_id": HOSTILE }).to_string();
    let token = format!("a.{}.c", BASE64_URL_SAFE_NO_PAD.encode(claims));
    for example in examples::all() {
        let server = ScriptedServer::new([]).from_then_on(Response::no_items());
        let with_files = home(&server, HOSTILE);
        let with_token = home(&server, "a-1").token("api_token.json", &token, 7200);
        for home in [with_files, with_token] {
            let outcome = run(example, &home, "--verbose");
            check_output(&outcome, &example.name);
        }
        let outcome = run(example, &home(&server, "a-1"), HOSTILE).failed(2);
        check_output(&outcome, &example.name);
    }
}

#[test]
fn printed_json_is_escaped_and_unchanged() {
    let found = json!({ "items": [{ "obj_type": "user", "id": "u", "path": [], "name": HOSTILE, HOSTILE: [1.5] }] });
    for name in [
        "tenants/search_for_tenant_or_user",
        "users/search_for_tenant_or_user",
    ] {
        let server = ScriptedServer::new([Response::json(200, found.clone())]);
        let home = TestHome::new(&server.url()).signed_in();

        let outcome = home
            .example(name)
            .arg("--json")
            .input("text\n")
            .end()
            .success();

        check_output(&outcome, name);
        let printed: Value = serde_json::from_str(&outcome.stdout).expect("it is JSON");
        assert_eq!(printed, found);
    }
}
