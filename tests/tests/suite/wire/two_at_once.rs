//! Several examples in one home that need a new token at the same moment.

use std::{fs::File, thread};

use serde_json::Value;
use tests::{Outcome, Response, ScriptedServer, TestHome};

const EXAMPLE: &str = "get_tenant_usage";
const SCOPED: &str = "api_customer_scoped_token.json";

/// Holds the turn to change tokens, as another process does while it renews one.
fn other_process(home: &TestHome) -> File {
    let lock = File::create(home.path(".cyber-platform.lock")).expect("home is writable");
    lock.lock().expect("nobody else has it");
    lock
}

#[test]
fn many_that_find_the_token_at_its_end_issue_one() {
    let server =
        ScriptedServer::new([Response::token("new-t0ken")]).from_then_on(Response::no_items());
    let home = TestHome::new(&server.url())
        .client()
        .secret("new-t0ken")
        .token("api_token.json", "old-t0ken", 0);

    thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| home.run(EXAMPLE).success());
        }
    });

    let calls = server.calls();
    assert_eq!(calls.len(), 7, "{calls:#?}");
    for call in &calls[1..] {
        assert_eq!(call.headers["authorization"], "Bearer new-t0ken");
    }
    let kept = &home.file("api_token.json")["access_token"];
    assert_eq!(kept, &Value::from("new-t0ken"));
    for (name, content) in home.contents() {
        let content: Result<Value, _> = serde_json::from_slice(&content);
        assert!(content.is_ok(), "{name}");
    }
}

#[test]
fn what_another_process_has_issued_meanwhile_is_used() {
    let server = ScriptedServer::new([Response::no_items()]);
    let home = TestHome::new(&server.url())
        .client()
        .token("api_token.json", "old-t0ken", 0)
        .token(SCOPED, "old-scoped-t0ken", 0);

    let lock = other_process(&home);
    let outcome = thread::scope(|scope| {
        let run = scope.spawn(|| home.run(EXAMPLE));
        home.keep_token("api_token.json", "new-t0ken", 7200);
        home.keep_token(SCOPED, "new-scoped-t0ken", 7200);
        drop(lock);
        run.join().expect("it ends")
    });

    outcome.success();
    let calls = server.calls();
    assert_eq!(calls[0].headers["authorization"], "Bearer new-scoped-t0ken");
    assert_eq!(
        home.file(SCOPED)["access_token"],
        Value::from("new-scoped-t0ken")
    );
}

/// An example whose token is refused while another process keeps this one.
fn refused_while(server: &ScriptedServer, home: &TestHome, kept: &str) -> Outcome {
    let lock = other_process(home);
    thread::scope(|scope| {
        let run = scope.spawn(|| home.run(EXAMPLE));
        server.wait_for_calls(1);
        home.keep_token("api_token.json", kept, 7200);
        drop(lock);
        run.join().expect("it ends")
    })
}

#[test]
fn a_refused_token_gives_way_to_the_one_that_another_process_has_issued() {
    let server = ScriptedServer::new([Response::empty(401), Response::no_items()]);
    let home = TestHome::new(&server.url()).signed_in();

    refused_while(&server, &home, "new-t0ken").success();

    let calls = server.calls();
    assert_eq!(calls[1].headers["authorization"], "Bearer new-t0ken");
}

#[test]
fn a_refused_token_is_not_taken_for_another_one() {
    let answers = [
        Response::empty(401),
        Response::token("new-t0ken"),
        Response::no_items(),
    ];
    let server = ScriptedServer::new(answers);
    let home = TestHome::new(&server.url()).signed_in().secret("new-t0ken");

    refused_while(&server, &home, tests::test_home::TOKEN).success();

    let calls = server.calls();
    assert_eq!(calls[2].headers["authorization"], "Bearer new-t0ken");
}
