//! Several examples, or threads, in one home that need a new token at the same time.

use std::{fs::File, thread};

use common::{Config, Home, Page, Platform};
use serde::de::IgnoredAny;
use serde_json::Value;
use tests::{Outcome, Response, ScriptedServer, TestHome};

const EXAMPLE: &str = "get_tenant_usage";
const SCOPED: &str = "api_customer_scoped_token.json";

/// Holds the lock on the tokens, as another process does while it refreshes one.
fn lock_tokens(home: &TestHome) -> File {
    let lock = File::create(home.path(".cyber-platform.lock")).expect("home is writable");
    lock.lock().expect("the lock is free");
    lock
}

#[test]
fn six_runs_with_an_expired_token_refresh_it_once() {
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
    let saved = &home.file("api_token.json")["access_token"];
    assert_eq!(saved, &Value::from("new-t0ken"));
    for (name, content) in home.contents() {
        let content: Result<Value, _> = serde_json::from_slice(&content);
        assert!(content.is_ok(), "{name}");
    }
}

#[test]
fn uses_tokens_that_another_process_has_just_issued() {
    let server = ScriptedServer::new([Response::no_items()]);
    let home = TestHome::new(&server.url())
        .client()
        .token("api_token.json", "old-t0ken", 0)
        .token(SCOPED, "old-scoped-t0ken", 0);

    let lock = lock_tokens(&home);
    let outcome = thread::scope(|scope| {
        let run = scope.spawn(|| home.run(EXAMPLE));
        home.keep_token("api_token.json", "new-t0ken", 7200);
        home.keep_token(SCOPED, "new-scoped-t0ken", 7200);
        drop(lock);
        run.join().expect("the run ends")
    });

    outcome.success();
    let calls = server.calls();
    assert_eq!(calls[0].headers["authorization"], "Bearer new-scoped-t0ken");
    assert_eq!(
        home.file(SCOPED)["access_token"],
        Value::from("new-scoped-t0ken")
    );
}

/// Runs an example whose token is rejected while another process saves this one.
fn run_while_other_saves(server: &ScriptedServer, home: &TestHome, saved: &str) -> Outcome {
    let lock = lock_tokens(home);
    thread::scope(|scope| {
        let run = scope.spawn(|| home.run(EXAMPLE));
        server.wait_for_calls(1);
        home.keep_token("api_token.json", saved, 7200);
        drop(lock);
        run.join().expect("the run ends")
    })
}

#[test]
fn after_a_401_uses_the_token_that_another_process_has_issued() {
    let server = ScriptedServer::new([Response::empty(401), Response::no_items()]);
    let home = TestHome::new(&server.url()).signed_in();

    run_while_other_saves(&server, &home, "new-t0ken").success();

    let calls = server.calls();
    assert_eq!(calls[1].headers["authorization"], "Bearer new-t0ken");
}

#[test]
fn after_a_401_does_not_use_the_rejected_token_again() {
    let responses = [
        Response::empty(401),
        Response::token("new-t0ken"),
        Response::no_items(),
    ];
    let server = ScriptedServer::new(responses);
    let home = TestHome::new(&server.url()).signed_in().secret("new-t0ken");

    run_while_other_saves(&server, &home, tests::test_home::TOKEN).success();

    let calls = server.calls();
    assert_eq!(calls[2].headers["authorization"], "Bearer new-t0ken");
}

#[test]
fn two_threads_of_a_platform_refresh_a_rejected_token_once() {
    let server = ScriptedServer::new([
        Response::empty(401),
        Response::empty(401),
        Response::token("new-t0ken"),
        Response::no_items(),
        Response::no_items(),
    ]);
    let home = TestHome::new(&server.url()).signed_in();
    let folder = Home::new(home.folder());
    let config = Config::read(&folder).expect("the settings are complete");
    let platform = Platform::from_home(folder, config)
        .sign_in()
        .expect("the saved token is valid");

    // Neither thread can refresh the token until both have been rejected.
    let lock = lock_tokens(&home);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let page: Page<IgnoredAny> = platform
                    .get("/api/2/list")
                    .fetch()
                    .expect("the new token is accepted");
                assert!(page.items.is_empty());
            });
        }
        server.wait_for_calls(2);
        drop(lock);
    });

    let calls = server.calls();
    let new_tokens = calls.iter().filter(|call| call.method == "POST").count();
    assert_eq!(new_tokens, 1, "{calls:#?}");
    for call in &calls[3..] {
        assert_eq!(call.headers["authorization"], "Bearer new-t0ken");
    }
}
