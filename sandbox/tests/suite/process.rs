//! The binary: its first line, its exit, and its state on disk.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};

/// The process, killed on drop.
struct Process {
    child: Child,
    line: Value,
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sandbox"));
    command
        .args(["--listen", "127.0.0.1:0", "--seed", "empty"])
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

impl Process {
    fn start(arguments: &[&str]) -> Self {
        Self::of(&mut command(arguments))
    }

    fn of(command: &mut Command) -> Self {
        let mut child = command.spawn().expect("the sandbox");
        let mut line = String::new();
        let out = child.stdout.take().expect("its output");
        BufReader::new(out).read_line(&mut line).expect("a line");
        let line = serde_json::from_str(&line).expect("a line of JSON");
        Self { child, line }
    }

    fn url(&self, path: &str) -> String {
        let base = crate::support::text(&self.line, "url");
        format!("{base}{path}")
    }

    fn call(
        &self,
        method: &str,
        path: &str,
        password: &str,
        body: &Value,
    ) -> crate::support::Response {
        let request = crate::support::http()
            .request(method.parse().expect("a method"), self.url(path))
            .basic_auth("admin", Some(password))
            .json(body);
        crate::support::send(request)
    }

    fn kill(&mut self) {
        // SIGKILL: no cleanup is possible.
        self.child.kill().expect("killed");
        self.child.wait().expect("ended");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn path(folder: &Path) -> &str {
    folder.to_str().expect("a plain path")
}

#[test]
fn warns_if_other_machines_can_reach_it() {
    for (listen, expected) in [("0.0.0.0:0", true), ("127.0.0.1:0", false)] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sandbox"));
        command
            .args(["--ephemeral", "--seed", "empty", "--listen", listen])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut process = Process::of(&mut command);
        // It warns before it accepts connections.
        let health = process.call("GET", "_sandbox/health", "", &Value::Null);
        assert_eq!(health.status, 200);
        process.child.kill().expect("killed");
        let mut text = String::new();
        let errors = process.child.stderr.take().expect("its errors");
        BufReader::new(errors)
            .read_to_string(&mut text)
            .expect("text");
        let warns = text.contains("warning: other machines can reach the sandbox at 0.0.0.0:");
        assert_eq!(warns, expected, "{text}");
    }
}

/// Asserts two lines on standard error, nothing on standard output, and exit code 2.
fn assert_fails(output: &Output, error: &str) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(output.stdout.is_empty());
    let lines: Vec<&str> = text.lines().collect();
    let [first, second] = lines.as_slice() else {
        panic!("two lines: {text}");
    };
    assert!(
        first.starts_with("error: ") && first.contains(error),
        "{first}"
    );
    assert!(second.starts_with("help: "), "{second}");
}

#[test]
fn first_line_has_url_and_credentials() {
    let process = Process::start(&["--ephemeral"]);
    let line = process.line.as_object().expect("an object");
    let fields: Vec<&String> = line.keys().collect();
    assert_eq!(fields, ["url", "admin_login", "admin_password", "data"]);
    assert_eq!(line["admin_login"], "admin");
    assert_eq!(line["data"], Value::Null);
    let password = line["admin_password"].as_str().expect("a password");
    assert_eq!(password.len(), 20);
    assert_eq!(
        process
            .call("GET", "api/2/users/me", password, &Value::Null)
            .status,
        200
    );
}

#[test]
fn completed_changes_survive_a_kill() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("deep").join("state");
    let mut process = Process::start(&["--data", path(&data)]);
    assert_eq!(process.line["data"], json!(path(&data)));
    let password = process.line["admin_password"]
        .as_str()
        .expect("one")
        .to_owned();
    let me = process.call("GET", "api/2/users/me", &password, &Value::Null);
    let top = crate::support::text(&me.body, "tenant_id");
    let mut created = Vec::new();
    for number in 0..20 {
        let new = json!({ "name": format!("C{number}"), "parent_id": top, "kind": "customer" });
        let tenant = process.call("POST", "api/2/tenants", &password, &new);
        assert_eq!(tenant.status, 201);
        created.push(crate::support::id(&tenant.body));
    }
    process.kill();

    let mut process = Process::start(&["--data", path(&data)]);
    assert_eq!(process.line["admin_password"], Value::Null);
    for id in &created {
        let read = process.call(
            "GET",
            &format!("api/2/tenants/{id}"),
            &password,
            &Value::Null,
        );
        assert_eq!(read.status, 200);
    }
    process.kill();

    // A password given at a later start replaces the old one.
    let process = Process::start(&["--data", path(&data), "--admin-password", "another"]);
    assert_eq!(process.line["admin_password"], "another");
    assert_eq!(
        process
            .call("GET", "api/2/users/me", &password, &Value::Null)
            .status,
        401
    );
    assert_eq!(
        process
            .call("GET", "api/2/users/me", "another", &Value::Null)
            .status,
        200
    );
}

#[test]
fn rejects_a_second_sandbox_in_the_same_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = path(folder.path());
    let first = Process::start(&["--data", data]);
    let second = command(&["--data", data]).output().expect("the output");
    assert_fails(&second, "in use by another sandbox");
    let password = first.line["admin_password"].as_str().expect("one");
    assert_eq!(
        first
            .call("GET", "api/2/users/me", password, &Value::Null)
            .status,
        200
    );
}

#[test]
fn rejects_another_seed_or_administrator_than_the_existing_ones() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = path(folder.path());
    drop(Process::start(&["--data", data]));
    let start = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_sandbox"))
            .args(["--listen", "127.0.0.1:0", "--data", data])
            .args(arguments)
            .output()
            .expect("the output")
    };
    for (arguments, error) in [
        (["--seed", "partner"], "has the seed empty, not partner"),
        (["--tenants", "5"], "has the seed empty, not tenants 5"),
        (
            ["--admin-login", "root"],
            "has the administrator admin, not root",
        ),
    ] {
        assert_fails(&start(&arguments), error);
    }
    // The same values, or none, are accepted.
    drop(Process::start(&["--data", data, "--admin-login", "admin"]));
}

#[test]
fn reset_keeps_the_seed_of_the_state() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = path(folder.path());
    drop(Process::start(&["--data", data]));
    let process = Process::of(
        Command::new(env!("CARGO_BIN_EXE_sandbox"))
            .args(["--listen", "127.0.0.1:0", "--data", data])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped()),
    );
    let tenants = || {
        let health = process.call("GET", "_sandbox/health", "", &Value::Null);
        health.body["counts"]["tenants"].clone()
    };
    let empty = tenants();
    process.call("POST", "_sandbox/reset", "", &Value::Null);
    assert_eq!(tenants(), empty);
}

#[test]
fn state_is_next_to_the_settings_file() {
    let home = tempfile::tempdir().expect("a folder");
    std::fs::write(home.path().join("cyber.platform.cfg.json"), "{}").expect("a file");
    let below = home.path().join("tenants").join("src");
    std::fs::create_dir_all(&below).expect("folders");
    let process = Process::of(command(&[]).current_dir(&below));
    let data = home.path().join(".sandbox");
    assert!(data.join("state.sqlite").exists());
    let printed = process.line["data"].as_str().expect("a folder");
    assert_eq!(
        std::fs::canonicalize(printed).expect("a folder"),
        std::fs::canonicalize(&data).expect("a folder")
    );
}

#[test]
fn state_is_in_the_current_folder_without_a_settings_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let process = Process::of(command(&[]).current_dir(folder.path()));
    assert!(folder.path().join(".sandbox/state.sqlite").exists());
    drop(process);
}

#[test]
fn rejects_a_newer_state_and_keeps_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("state.sqlite");
    let db = rusqlite::Connection::open(&file).expect("a database");
    db.execute_batch("PRAGMA user_version = 1000; CREATE TABLE future (x);")
        .expect("a newer state");
    drop(db);
    let before = std::fs::read(&file).expect("a file");
    let rejected = command(&["--data", path(folder.path())])
        .output()
        .expect("the output");
    assert_fails(&rejected, "version 1000");
    assert_eq!(std::fs::read(&file).expect("a file"), before);
}

#[test]
fn rejects_a_file_that_is_not_a_state() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(
        folder.path().join("state.sqlite"),
        "not a database, but long enough",
    )
    .expect("a file");
    let rejected = command(&["--data", path(folder.path())])
        .output()
        .expect("the output");
    assert_fails(&rejected, "the state cannot be used");
    let file = folder.path().join("state.sqlite");
    let rejected = command(&["--data", path(&file)])
        .output()
        .expect("the output");
    assert_fails(&rejected, "cannot be used");
}

#[test]
fn rejects_a_used_port_before_creating_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("state");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let rejected = Command::new(env!("CARGO_BIN_EXE_sandbox"))
        .args(["--listen", &address, "--data", path(&data)])
        .output()
        .expect("the output");
    assert_fails(&rejected, &address);
    assert!(!data.exists());
}

#[test]
fn rejects_invalid_flags() {
    for (arguments, error) in [
        (&["--seed", "atlantis"][..], "demo, partner, empty"),
        (&["--seed"], "--seed <WORLD>"),
        (&["--seed", "a\nb"], "a b"),
        (&["--seed=demo", "--seed=demo"], "multiple times"),
        (&["--speed", "0"], "0.001 to 1000000"),
        (&["--speed", "NaN"], "0.001 to 1000000"),
        (&["--tenants", "0"], "1..=1000000"),
        (&["--latency", "-1"], "-1"),
        (&["--latency", "600001"], "600000"),
        (&["--log-size", "many"], "many"),
        (&["--admin-login", ""], "cannot be empty"),
        (&["--admin-login", "a:b"], "colon"),
        (&["--admin-password", ""], "--admin-password"),
        (&["--data", ""], "--data"),
        (&["--ephemeral", "--data", "x"], "cannot be used with"),
        (&["--seed", "demo", "--tenants", "5"], "cannot be used with"),
        (&["--listen", "nonsense"], "nonsense"),
        (&["--listen", "127.0.0.1:99999"], "127.0.0.1:99999"),
        (&["--fault", "503"], "a rule must be a JSON object, not 503"),
        (&["--fault", "{"], "the rule is not valid JSON: EOF"),
        (
            &["--fault", r#"{"then":{"statsu":503}}"#],
            "then.statsu: unknown field `statsu`",
        ),
        (
            &["--fault", r#"{"nth":0,"then":{"status":503}}"#],
            "nth: must be at least 1",
        ),
        (&["--nonsense"], "--nonsense"),
        (&["--see", "demo"], "--see"),
        (&["nonsense"], "nonsense"),
    ] {
        let rejected = Command::new(env!("CARGO_BIN_EXE_sandbox"))
            .args(arguments)
            .output()
            .expect("the output");
        assert_fails(&rejected, error);
    }
}

#[test]
fn clock_survives_a_kill() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("state");
    let mut process = Process::start(&["--data", path(&data)]);
    let request = json!({ "set": "2040-01-01T00:00:00Z", "speed": 2 });
    let response = process.call("PUT", "_sandbox/clock", "", &request);
    assert_eq!(response.status, 200);
    process.kill();

    let process = Process::start(&["--data", path(&data)]);
    let clock = process.call("GET", "_sandbox/clock", "", &Value::Null).body;
    let now = crate::support::text(&clock, "now");
    assert!(now.starts_with("2040-01-01T00:0"), "{now}");
    assert_eq!(clock["speed"].to_string(), "2.0");
}

#[test]
fn faults_from_the_command_line_apply() {
    let rule = |path: &str, status: u16| {
        json!({ "match": { "path": path }, "then": { "status": status } }).to_string()
    };
    let (first, second) = (rule("/a", 503), rule("/b", 429));
    let process = Process::start(&["--ephemeral", "--fault", &first, "--fault", &second]);
    let status = |path: &str| process.call("GET", path, "", &Value::Null).status;
    assert_eq!((status("a"), status("b"), status("c")), (503, 429, 404));
}

#[test]
fn rejects_an_invalid_fault_before_creating_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("state");
    let rejected = command(&["--data", path(&data), "--fault", r#"{"then":{}}"#])
        .output()
        .expect("the output");
    assert_fails(&rejected, "then: give at least one of status");
    assert!(!data.exists());
}

#[test]
fn help_and_version_succeed() {
    for (flag, text) in [("--help", "--listen <ADDR>"), ("--version", "sandbox 0.")] {
        let output = Command::new(env!("CARGO_BIN_EXE_sandbox"))
            .arg(flag)
            .output()
            .expect("the output");
        assert_eq!(output.status.code(), Some(0));
        assert!(String::from_utf8_lossy(&output.stdout).contains(text));
        assert!(output.stderr.is_empty());
    }
}

#[test]
fn closed_standard_output_does_not_stop_it() {
    let mut child = command(&["--ephemeral"]).spawn().expect("the sandbox");
    // Closed before anything is printed.
    drop(child.stderr.take());
    let mut line = String::new();
    let out = child.stdout.take().expect("its output");
    BufReader::new(out).read_line(&mut line).expect("a line");
    let line = serde_json::from_str(&line).expect("a line of JSON");
    let process = Process { child, line };
    let health = process.call("GET", "_sandbox/health", "", &Value::Null);
    assert_eq!(health.status, 200);
}

#[cfg(unix)]
#[test]
fn signal_stops_it_cleanly() {
    for signal in ["-INT", "-TERM"] {
        let mut process = Process::start(&["--ephemeral"]);
        // An open connection does not delay the exit.
        let address = process.url("");
        let address = address
            .trim_start_matches("http://")
            .trim_end_matches('/')
            .to_owned();
        let _open = std::net::TcpStream::connect(address).expect("a connection");
        let pid = process.child.id().to_string();
        let sent = Command::new("kill").args([signal, &pid]).status();
        assert!(sent.expect("kill").success());
        assert_eq!(
            process.child.wait().expect("the output").code(),
            Some(0),
            "{signal}"
        );
        let mut stderr = String::new();
        let file = process.child.stderr.as_mut().expect("its messages");
        file.read_to_string(&mut stderr).expect("text");
        let lines: Vec<&str> = stderr.lines().collect();
        let [started, hint, stopped] = lines.as_slice() else {
            panic!("three lines: {stderr}");
        };
        // The first line of standard output has the password.
        let password = process.line["admin_password"].as_str().expect("one");
        assert!(!started.contains(password), "{started}");
        assert!(started.ends_with("which is shown only now."), "{started}");
        assert!(hint.ends_with("Press Ctrl-C to stop."), "{hint}");
        assert_eq!(*stopped, "Sandbox stopped. Its state was in memory only.");
    }
}
