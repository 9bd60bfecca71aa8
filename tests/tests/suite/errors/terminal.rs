//! A user at a terminal, who types a password, or cancels.

use std::{
    io::{BufReader, Read, Write},
    os::unix::process::ExitStatusExt,
    process::{self, Child, ExitStatus},
    sync::{
        Arc,
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

use pty_process::blocking::{Command, Pty, open};
use rustix::termios::{LocalModes, Termios, tcgetattr};
use serde_json::json;
use tests::{
    Response, ScriptedServer, TestHome, examples,
    raw_server::RawServer,
    redactions,
    test_home::{LOGIN, PASSWORD},
};

/// The longest time a test waits for output.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A terminal with an example in it.
struct Terminal {
    pty: Arc<Pty>,
    child: Child,
    output: mpsc::Receiver<u8>,
    shown: Vec<u8>,
    before: Termios,
}

impl Terminal {
    /// Starts `create_api_client`.
    fn new(home: &TestHome) -> Self {
        Self::with("create_api_client", home)
    }

    fn with(example: &str, home: &TestHome) -> Self {
        Self::start(example, &[], &[], home)
    }

    fn start(
        example: &str,
        arguments: &[&str],
        variables: &[(&str, &str)],
        home: &TestHome,
    ) -> Self {
        let (pty, pts) = open().expect("a terminal can be opened");
        let pty = Arc::new(pty);
        let before = tcgetattr(&pty).expect("the terminal has attributes");
        let child = Command::new(examples::named(example).binary())
            .args(arguments)
            .env_clear()
            .envs(variables.iter().copied())
            .env("CYBER_PLATFORM_HOME", home.folder())
            .current_dir(home.folder())
            .spawn(pts)
            .expect("the example starts");
        Self {
            output: read(Arc::clone(&pty)),
            pty,
            child,
            shown: Vec::new(),
            before,
        }
    }

    /// Reads the output up to a prompt.
    fn until(&mut self, prompt: &str) {
        while !self.shown.ends_with(prompt.as_bytes()) {
            let byte = self.output.recv_timeout(TIMEOUT);
            self.shown
                .push(byte.expect("the example prompts before it ends"));
        }
    }

    /// Waits until the terminal no longer echoes. No system reports this, so it polls.
    fn until_hidden(&self) {
        let started = Instant::now();
        while self.echoes() {
            assert!(started.elapsed() < TIMEOUT, "the terminal still echoes");
            thread::yield_now();
        }
    }

    fn echoes(&self) -> bool {
        let now = tcgetattr(&self.pty).expect("the terminal has attributes");
        now.local_modes.contains(LocalModes::ECHO)
    }

    fn type_in(&self, keys: &str) {
        (&*self.pty)
            .write_all(keys.as_bytes())
            .expect("the terminal is open");
    }

    /// The complete output, and how the example ended.
    fn end(mut self) -> (String, ExitStatus) {
        loop {
            match self.output.recv_timeout(TIMEOUT) {
                Ok(byte) => self.shown.push(byte),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    self.child.kill().expect("the example is still running");
                    panic!("the example does not end");
                }
            }
        }
        let status = self.child.wait().expect("the example has ended");
        let after = tcgetattr(&self.pty).expect("the terminal has attributes");
        assert_eq!(after.local_modes, self.before.local_modes);
        assert_eq!(after.input_modes, self.before.input_modes);
        assert_eq!(after.output_modes, self.before.output_modes);
        let shown = String::from_utf8(self.shown).expect("an example prints UTF-8");
        let lines: Vec<_> = shown.lines().map(str::trim_end).collect();
        (lines.join("\n"), status)
    }
}

/// The output, byte by byte. At its end, Linux reports an input/output error; other systems report the end.
fn read(pty: Arc<Pty>) -> mpsc::Receiver<u8> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for byte in BufReader::new(&*pty).bytes().map_while(Result::ok) {
            if sender.send(byte).is_err() {
                break;
            }
        }
    });
    receiver
}

#[test]
fn a_password_is_not_echoed() {
    let _redacted = redactions::scripted();
    let server = ScriptedServer::new([
        Response::json(200, json!({ "tenant_id": "t" })),
        Response::json(201, json!({ "client_id": "c-1", "client_secret": "s" })),
    ]);
    let home = TestHome::new(&server.url());
    let mut terminal = Terminal::new(&home);

    terminal.until(": ");
    assert!(terminal.echoes());
    terminal.type_in(&format!("{LOGIN}\n"));
    terminal.until("Password: ");
    terminal.until_hidden();
    terminal.type_in(&format!("{PASSWORD}\n"));
    let (shown, status) = terminal.end();

    assert!(status.success(), "{shown}");
    insta::assert_snapshot!(shown, @"
    Login at http://127.0.0.1:PORT: admin@example.com
    Password:
    API client c-1 created; its id and secret are saved in api_client.json
    ");
    let basic = &server.calls()[0];
    assert!(basic.to_string().contains(PASSWORD), "{basic}");
}

#[test]
fn ctrl_c_at_the_password_restores_the_terminal() {
    const CTRL_C: &str = "\u{3}";
    const SIGINT: i32 = 2;

    let server = ScriptedServer::unused();
    let home = TestHome::new(&server.url());
    let before = home.contents();
    let mut terminal = Terminal::new(&home);

    terminal.until(": ");
    terminal.type_in("admin\n");
    terminal.until("Password: ");
    terminal.until_hidden();
    terminal.type_in(CTRL_C);
    let (shown, status) = terminal.end();

    assert_eq!(status.signal(), Some(SIGINT), "{status}: {shown}");
    assert_eq!(home.contents(), before);
    assert_eq!(server.conversation(), "");
}

#[test]
fn ctrl_c_between_two_changes_prints_what_is_done_and_what_to_do_next() {
    const CTRL_C: &str = "\u{3}";
    const SIGINT: i32 = 2;

    let _redacted = redactions::scripted();
    let server = ScriptedServer::new([
        Response::available_items(),
        Response::json(
            200,
            json!({ "id": "partner-1", "name": "P", "kind": "partner", "version": 1 }),
        ),
        Response::no_items(),
        Response::json(
            200,
            json!({ "id": "partner-1", "name": "P", "kind": "partner", "version": 2 }),
        ),
    ]);
    let home = TestHome::new(&server.url()).signed_in();
    let mut terminal = Terminal::with("create_partner_tenant_and_lock", &home);

    terminal.until("Press Enter to lock the partner: ");
    terminal.type_in("\n");
    terminal.until("Press Enter to unlock the partner: ");
    terminal.type_in(CTRL_C);
    let (shown, status) = terminal.end();

    assert_eq!(status.signal(), Some(SIGINT), "{status}: {shown}");
    insta::assert_snapshot!(shown, @"
    Rust Locked Partner RANDOM v3.0 created with 1 offering item of pck_per_gigabyte
    Press Enter to lock the partner:
    Locked
    Press Enter to unlock the partner: ^C
    error: interrupted; completed steps are not undone
    done: create the partner Rust Locked Partner RANDOM v3.0, enable the offering items, lock the partner
    not done: unlock the partner, disable the partner, delete the partner
    next: the partner may exist. delete_created_objects unlocks it if it is locked, and deletes it.
    ");
}

#[test]
fn ctrl_c_during_a_change_says_that_it_may_have_taken_effect() {
    const CTRL_C: &str = "\u{3}";

    let server = RawServer::new(|_| {
        loop {
            thread::park();
        }
    });
    let home = TestHome::new(&server.url()).for_customer();
    let terminal = Terminal::with("create_dynamic_group", &home);
    let started = Instant::now();
    while server.calls().is_empty() {
        assert!(started.elapsed() < TIMEOUT, "no call arrives");
        thread::yield_now();
    }
    terminal.type_in(CTRL_C);
    let (shown, _) = terminal.end();

    insta::assert_snapshot!(shown, @"
    ^C
    error: create the group: interrupted; it may have taken effect
    next: the group may exist. Run the example again only if get_all_resources_info does not list it.
    ");
}

#[test]
fn sigterm_at_the_password_restores_the_terminal() {
    const SIGTERM: i32 = 15;

    let server = ScriptedServer::unused();
    let home = TestHome::new(&server.url());
    let mut terminal = Terminal::new(&home);

    terminal.until(": ");
    terminal.type_in("admin\n");
    terminal.until("Password: ");
    terminal.until_hidden();
    let kill = format!("kill -TERM {}", terminal.child.id());
    let status = process::Command::new("/bin/sh")
        .args(["-c", &kill])
        .status();
    assert!(status.is_ok_and(|status| status.success()), "{kill}");
    let (shown, status) = terminal.end();

    assert_eq!(status.signal(), Some(SIGTERM), "{status}: {shown}");
}

#[test]
fn the_end_of_input_is_reported_on_its_own_line() {
    let _redacted = redactions::scripted();
    const CTRL_D: &str = "\u{4}";

    let server = ScriptedServer::unused();
    let home = TestHome::new(&server.url());
    let mut terminal = Terminal::new(&home);
    terminal.until(": ");
    terminal.type_in(CTRL_D);
    let (shown, status) = terminal.end();
    assert_eq!(status.code(), Some(2), "{shown}");
    insta::assert_snapshot!(shown, @"
    Login at http://127.0.0.1:PORT:
    error: no login at http://127.0.0.1:PORT was given: the input ended
    help: Run the example again and type an answer, or pipe in one line per prompt.
    ");

    let server = ScriptedServer::unused();
    let home = TestHome::new(&server.url());
    let mut terminal = Terminal::new(&home);

    terminal.until(": ");
    terminal.type_in("admin\n");
    terminal.until("Password: ");
    terminal.until_hidden();
    terminal.type_in(CTRL_D);
    let (shown, status) = terminal.end();

    assert_eq!(status.code(), Some(2), "{shown}");
    insta::assert_snapshot!(shown, @"
    Login at http://127.0.0.1:PORT: admin
    Password:
    error: no password was given: the input ended
    help: Run the example again and type an answer, or pipe in one line per prompt.
    ");
    assert_eq!(server.conversation(), "");
}

#[test]
fn the_call_log_is_shorter_on_a_terminal() {
    let answer = || Response::json(200, json!({ "items": [], "a": "ä".repeat(1000) }));
    let server = ScriptedServer::new([answer(), answer()]);
    let home = TestHome::new(&server.url()).signed_in();

    let run = Terminal::start("get_tenant_usage", &["--verbose"], &[], &home);
    let (on_terminal, status) = run.end();
    assert!(status.success(), "{on_terminal}");
    let run = home.example("get_tenant_usage").arg("--verbose").end();
    let in_pipe = run.success().stderr;

    assert!(
        on_terminal.contains("ä… (519 more characters)"),
        "{on_terminal}"
    );
    assert!(!in_pipe.contains("more characters"), "{in_pipe}");
}

#[test]
fn the_tenants_are_printed_as_a_tree() {
    let tenant = |id: &str, name: &str| {
        let tenant = json!({ "id": id, "name": name, "kind": "partner", "version": 1, "enabled": id != "b" });
        Response::json(200, tenant)
    };
    let ids = |ids: &[&str]| Response::items(json!(ids));
    let server = ScriptedServer::new([
        tenant("my-tenant", "Root"),
        ids(&["a", "b"]),
        tenant("a", "Partner A"),
        ids(&["u"]),
        Response::json(200, json!({ "login": "ada" })),
        ids(&["c"]),
        tenant("c", "Customer C"),
        ids(&[]),
        ids(&[]),
        tenant("b", "Customer B"),
        ids(&[]),
        ids(&[]),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    let (shown, status) = Terminal::with("navigate_through_tenants", &home).end();

    assert!(status.success(), "{shown}");
    insta::assert_snapshot!(shown, @"
    Root (partner) my-tenant
    ├─ Partner A (partner) a
    │    user ada
    │  └─ Customer C (partner) c
    └─ Customer B (partner, disabled) b
    4 tenants, 1 user
    ");
}

#[test]
fn the_kind_of_each_line_of_a_report_is_colored_on_a_terminal() {
    let server = ScriptedServer::new([
        Response::empty(503),
        Response::available_items(),
        Response::json(
            201,
            json!({ "id": "p", "name": "P", "kind": "partner", "version": 1 }),
        ),
        Response::empty(400),
    ]);
    let home = TestHome::new(&server.url()).signed_in();
    let example = "create_partner_tenant_and_assign_specific_edition";
    let variables = [
        ("TERM", "xterm"),
        ("CYBER_PLATFORM_RETRY_PAUSE_SECONDS", "0.001"),
    ];

    let (shown, _) = Terminal::start(example, &[], &variables, &home).end();

    let kinds: Vec<_> = shown
        .lines()
        .filter_map(|line| Some(line.split_once(':')?.0.replace('\u{1b}', "")))
        .collect();
    let expected = [
        "[1m[33mwarning",
        "[1m[31merror",
        "[1m[36mhelp",
        "[1m[32mdone",
        "[1m[33mnot done",
        "[1m[36mnext",
    ];
    assert_eq!(kinds, expected, "{shown:?}");
}

#[test]
fn nothing_is_colored_if_no_color_is_set_or_in_a_pipe() {
    for variables in [
        &[("TERM", "xterm"), ("NO_COLOR", "1")][..],
        &[("TERM", "xterm"), ("CLICOLOR", "0")],
        &[("TERM", "dumb")],
    ] {
        let server = ScriptedServer::new([Response::json(404, json!({ "a": 1 }))]);
        let home = TestHome::new(&server.url()).signed_in();
        let run = Terminal::start("get_tenant_usage", &["-v"], variables, &home);
        let (shown, _) = run.end();
        assert!(!shown.contains('\u{1b}'), "{variables:?}: {shown:?}");
        assert!(shown.contains("\nerror: "), "{variables:?}: {shown:?}");
    }

    let server = ScriptedServer::new([Response::json(404, json!({ "a": 1 }))]);
    let home = TestHome::new(&server.url()).signed_in();
    let run = home
        .example("get_tenant_usage")
        .arg("-v")
        .env("TERM", "xterm");
    let outcome = run.end().failed(1);
    assert!(!outcome.stderr.contains('\u{1b}'), "{outcome}");
    assert!(outcome.stderr.contains(r#"<   {"a":1}"#), "{outcome}");
}

#[test]
fn bodies_in_the_call_log_are_indented_and_colored_on_a_terminal() {
    let server = ScriptedServer::new([Response::json(404, json!({ "a": ["b", 1] }))]);
    let home = TestHome::new(&server.url()).signed_in();
    let in_color = [("TERM", "xterm")];

    let (shown, _) = Terminal::start("get_tenant_usage", &["-v"], &in_color, &home).end();

    let [key, string, number, end] = ["\u{1b}[34m", "\u{1b}[32m", "\u{1b}[33m", "\u{1b}[0m"];
    let expected = format!(
        "<   {{\n<     {key}\"a\"{end}: [\n<       {string}\"b\"{end},\n<       {number}1{end}\n<     ]\n<   }}\n"
    );
    assert!(shown.contains(&expected), "{shown:?}");
}
