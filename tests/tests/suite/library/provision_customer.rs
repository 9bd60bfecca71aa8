//! The program to copy, run on the sandbox.

use std::process::{Command, Output};

use sandbox::{Options, Sandbox};
use tests::examples;

fn run(sandbox: &Sandbox, arguments: &[&str]) -> Output {
    let client = sandbox.api_client().expect("the administrator exists");
    Command::new(examples::program("common", "provision_customer"))
        .args(arguments)
        .env("BASE_URL", sandbox.url())
        .env("CLIENT_ID", client.client_id)
        .env("CLIENT_SECRET", client.client_secret)
        .output()
        .expect("it was built")
}

#[test]
fn provision_customer_creates_a_customer_with_a_user() {
    let sandbox = Sandbox::start(Options::default()).expect("a port is free");

    // The first user is created, but the response is lost.
    let lost =
        r#"{"match":{"method":"POST","path":"/api/2/users"},"times":1,"then":{"reset":"after"}}"#;
    let lost = sandbox.fault(lost.parse().expect("a rule"));
    let output = run(&sandbox, &["Example", "example-user", "user@example.com"]);

    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(printed.starts_with("customer "), "{printed}");
    assert_eq!(sandbox.fault_hits(lost), Some(1));
    let sent = sandbox.outbox().expect("the store is readable");
    assert_eq!(sent.len(), 1);
}

#[test]
fn provision_customer_names_what_is_missing() {
    let sandbox = Sandbox::start(Options::default()).expect("a port is free");
    let output = run(&sandbox, &["Example"]);
    assert!(!output.status.success());
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("pass a login"), "{errors}");
}
