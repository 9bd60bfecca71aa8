//! Several examples in one home that need a new token at the same moment.

use std::{fs::File, thread};

use serde_json::Value;
use tests::{Answer, Outcome, Server, Stage};

const EXAMPLE: &str = "get_tenant_usage";
const SCOPED: &str = "api_customer_scoped_token.json";

/// Holds the turn to change tokens, as another process does while it renews one.
fn other_process(stage: &Stage) -> File {
    let lock = File::create(stage.path(".cyber-platform.lock")).expect("home is writable");
    lock.lock().expect("nobody else has it");
    lock
}

#[test]
fn many_that_find_the_token_at_its_end_issue_one() {
    let server = Server::new([Answer::token("new-t0ken")]).from_then_on(Answer::no_items());
    let stage = Stage::new(&server.url())
        .client()
        .secret("new-t0ken")
        .token("api_token.json", "old-t0ken", 0);

    thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| stage.run(EXAMPLE).success());
        }
    });

    let calls = server.calls();
    assert_eq!(calls.len(), 7, "{calls:#?}");
    for call in &calls[1..] {
        assert_eq!(call.headers["authorization"], "Bearer new-t0ken");
    }
    let kept = &stage.file("api_token.json")["access_token"];
    assert_eq!(kept, &Value::from("new-t0ken"));
    for (name, content) in stage.contents() {
        let content: Result<Value, _> = serde_json::from_slice(&content);
        assert!(content.is_ok(), "{name}");
    }
}

#[test]
fn what_another_process_has_issued_meanwhile_is_used() {
    let server = Server::new([Answer::no_items()]);
    let stage = Stage::new(&server.url())
        .client()
        .token("api_token.json", "old-t0ken", 0)
        .token(SCOPED, "old-scoped-t0ken", 0);

    let lock = other_process(&stage);
    let outcome = thread::scope(|scope| {
        let run = scope.spawn(|| stage.run(EXAMPLE));
        stage.keep_token("api_token.json", "new-t0ken", 7200);
        stage.keep_token(SCOPED, "new-scoped-t0ken", 7200);
        drop(lock);
        run.join().expect("it ends")
    });

    outcome.success();
    let calls = server.calls();
    assert_eq!(calls[0].headers["authorization"], "Bearer new-scoped-t0ken");
    assert_eq!(
        stage.file(SCOPED)["access_token"],
        Value::from("new-scoped-t0ken")
    );
}

/// An example whose token is refused while another process keeps this one.
fn refused_while(server: &Server, stage: &Stage, kept: &str) -> Outcome {
    let lock = other_process(stage);
    thread::scope(|scope| {
        let run = scope.spawn(|| stage.run(EXAMPLE));
        server.wait_for_calls(1);
        stage.keep_token("api_token.json", kept, 7200);
        drop(lock);
        run.join().expect("it ends")
    })
}

#[test]
fn a_refused_token_gives_way_to_the_one_that_another_process_has_issued() {
    let server = Server::new([Answer::empty(401), Answer::no_items()]);
    let stage = Stage::new(&server.url()).signed_in();

    refused_while(&server, &stage, "new-t0ken").success();

    let calls = server.calls();
    assert_eq!(calls[1].headers["authorization"], "Bearer new-t0ken");
}

#[test]
fn a_refused_token_is_not_taken_for_another_one() {
    let answers = [
        Answer::empty(401),
        Answer::token("new-t0ken"),
        Answer::no_items(),
    ];
    let server = Server::new(answers);
    let stage = Stage::new(&server.url()).signed_in().secret("new-t0ken");

    refused_while(&server, &stage, tests::stage::TOKEN).success();

    let calls = server.calls();
    assert_eq!(calls[2].headers["authorization"], "Bearer new-t0ken");
}
