//! The sandbox as a process, on a free port.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read, Seek, Write},
    net::TcpStream,
    process::{Child, ChildStdout, Command, Stdio},
    sync::{
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use crate::{examples, test_home::TestHome};

/// The longest time to wait for the sandbox.
const LONGEST: Duration = Duration::from_secs(30);

/// A sandbox with its state in memory. It is stopped on drop.
#[derive(Debug)]
pub struct SandboxProcess {
    process: Child,
    /// Kept open: the process may print more.
    stdout: BufReader<ChildStdout>,
    stderr: File,
    /// The base URL, with a trailing slash.
    pub url: String,
    /// The login of the administrator.
    pub login: String,
    /// The password of the administrator.
    pub password: String,
    /// The number of the last call that the test has seen.
    seen: AtomicU64,
}

impl SandboxProcess {
    /// Starts a sandbox. It accepts connections when this returns.
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// Starts a sandbox with additional flags.
    pub fn with(flags: &[&str]) -> Self {
        let stderr = tempfile::tempfile().expect("a temporary file can be created");
        let mut process = Command::new(examples::sandbox())
            .args(["--listen", "127.0.0.1:0", "--ephemeral", "--speed", "1000"])
            .args(flags)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(stderr.try_clone().expect("a handle can be cloned"))
            .spawn()
            .expect("the sandbox starts");
        let mut stdout = BufReader::new(process.stdout.take().expect("its output is piped"));
        let (sender, first_line) = mpsc::channel();
        let reader = thread::spawn(move || {
            let mut line = String::new();
            if stdout.read_line(&mut line).is_ok() {
                // The receiver is gone if the test has timed out.
                let _ = sender.send(line);
            }
            stdout
        });
        let Ok(line) = first_line.recv_timeout(LONGEST) else {
            process.kill().expect("it is still running");
            panic!("the sandbox does not print its URL");
        };
        let stdout = reader.join().expect("the thread does not panic");
        let first: Value = serde_json::from_str(&line)
            .unwrap_or_else(|cause| panic!("its first line is JSON, not {line:?}: {cause}"));
        let text = |key: &str| {
            let text = first.get(key).and_then(Value::as_str);
            text.unwrap_or_else(|| panic!("{key} in {first}"))
                .to_owned()
        };
        Self {
            process,
            stdout,
            stderr,
            url: text("url"),
            login: text("admin_login"),
            password: text("admin_password"),
            seen: AtomicU64::new(0),
        }
    }

    /// A home with settings for this sandbox and no other file.
    pub fn home(&self) -> TestHome {
        TestHome::new(&self.url).secret(&self.password)
    }

    /// The calls since the last time, one per line: `GET /api/2/users/me 200`. Consecutive equal calls are one line.
    ///
    /// # Panics
    /// If there was more than one connection: an example uses one.
    pub fn conversation(&self) -> String {
        let calls = self.new_calls();
        let number = |call: &Value, key: &str| call.get(key).and_then(Value::as_u64);
        let text = |call: &Value, key: &str| {
            let text = call.get(key).and_then(Value::as_str);
            text.unwrap_or_else(|| panic!("{key} in {call}")).to_owned()
        };

        let mut connections: Vec<_> = calls
            .iter()
            .map(|call| number(call, "connection"))
            .collect();
        connections.dedup();
        assert!(
            connections.len() <= 1,
            "more than one connection: {calls:#?}"
        );

        let mut lines: Vec<_> = calls
            .iter()
            .map(|call| {
                let status = number(call, "status").expect("a call has a status");
                format!("{} {} {status}", text(call, "method"), text(call, "path"))
            })
            .collect();
        lines.dedup();
        lines.join("\n")
    }

    /// How many of the calls since the last time were this one, like `GET /api/2/users/me`, on any connection.
    pub fn count(&self, call: &str) -> usize {
        let calls = self.new_calls();
        let text = |call: &Value, key| call.get(key).and_then(Value::as_str).map(str::to_owned);
        let is_it = |logged: &&Value| {
            let (method, path) = (text(logged, "method"), text(logged, "path"));
            method
                .zip(path)
                .map(|(method, path)| format!("{method} {path}"))
                .as_deref()
                == Some(call)
        };
        calls.iter().filter(is_it).count()
    }

    /// Starts the next [`SandboxProcess::conversation`] here.
    pub fn skip(&self) {
        self.new_calls();
    }

    /// The entries of the request log since the last time.
    pub fn new_calls(&self) -> Vec<Value> {
        let seen = self.seen.load(Ordering::Relaxed);
        let log = self.get(&format!("/_sandbox/requests?after={seen}"));
        let calls = log.get("items").and_then(Value::as_array);
        let calls = calls.unwrap_or_else(|| panic!("no calls in {log}"));
        let last = calls.last().and_then(|call| call.get("number")?.as_u64());
        self.seen.store(last.unwrap_or(seen), Ordering::Relaxed);
        calls.clone()
    }

    /// The response to GET on a control path, `/_sandbox/…`.
    pub fn get(&self, path: &str) -> Value {
        let response = self.call("GET", path, &[]);
        serde_json::from_str(&response)
            .unwrap_or_else(|cause| panic!("{path}: {cause}: {response}"))
    }

    /// Sends a call with a JSON body as the administrator and returns the response, or null if it is empty.
    pub fn as_admin(&self, method: &str, path: &str, body: &Value) -> Value {
        let pair = BASE64_STANDARD.encode(format!("{}:{}", self.login, self.password));
        let headers = [
            ("Authorization", format!("Basic {pair}")),
            ("Content-Type", "application/json".to_owned()),
        ];
        let headers = headers
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        let body = match body {
            Value::Null => String::new(),
            body => body.to_string(),
        };
        let response = self.send(method, path, &headers, &body);
        if response.is_empty() {
            return Value::Null;
        }
        serde_json::from_str(&response)
            .unwrap_or_else(|cause| panic!("{path}: {cause}: {response}"))
    }

    /// Advances its clock, for example by `1s`.
    pub fn advance(&self, by: &str) {
        self.control("PUT", "/_sandbox/clock", &json!({ "advance": by }));
    }

    /// Sends a JSON body to a control path, `/_sandbox/…`.
    pub fn control(&self, method: &str, path: &str, body: &Value) -> String {
        let headers = [("Content-Type", "application/json")];
        let body = match body {
            Value::Null => String::new(),
            body => body.to_string(),
        };
        self.send(method, path, &headers, &body)
    }

    /// Sends a call without a body and returns the body of the response.
    pub fn call(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> String {
        self.send(method, path, headers, "")
    }

    /// `127.0.0.1:PORT`.
    pub fn host(&self) -> &str {
        self.url.trim_start_matches("http://").trim_end_matches('/')
    }

    /// Stops it. Returns what it printed on standard error, and on standard output after the first line.
    pub fn end(mut self) -> (String, String) {
        self.process.kill().expect("it is still running");
        let (mut messages, mut more) = (String::new(), String::new());
        self.stdout.read_to_string(&mut more).expect("text");
        self.stderr.rewind().expect("a file can be rewound");
        self.stderr.read_to_string(&mut messages).expect("text");
        (messages, more)
    }

    fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> String {
        let (status, response) = self.attempt(method, path, headers, body);
        assert!(
            (200..300).contains(&status),
            "{method} {path}: {status} {response}"
        );
        response
    }

    /// Sends a call and returns the status and the body, even if the call is rejected.
    pub fn attempt(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> (u16, String) {
        let host = self.host();
        let mut request = format!("{method} {path} HTTP/1.0\r\nHost: {host}\r\n");
        for (name, value) in headers {
            request += &format!("{name}: {value}\r\n");
        }
        let mut stream = TcpStream::connect(host).expect("the sandbox listens");
        stream
            .set_read_timeout(Some(LONGEST))
            .expect("a timeout can be set");
        if !body.is_empty() {
            request += &format!("Content-Length: {}\r\n", body.len());
        }
        write!(stream, "{request}\r\n{body}").expect("it accepts requests");
        let mut response = String::new();
        stream.read_to_string(&mut response).expect("it responds");
        let (head, body) = response.split_once("\r\n\r\n").expect("it speaks HTTP");
        let status = head.split(' ').nth(1).and_then(|text| text.parse().ok());
        (status.expect("a status"), body.to_owned())
    }
}

impl Drop for SandboxProcess {
    fn drop(&mut self) {
        // A test that already fails must not panic again.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
