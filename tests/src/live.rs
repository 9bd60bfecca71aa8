//! The real sandbox, as a process of its own on a free port.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, ChildStdout, Command, Stdio},
};

use serde_json::Value;

use crate::{examples, stage::Stage};

/// A sandbox that keeps nothing and ends with this.
#[derive(Debug)]
pub struct Live {
    process: Child,
    /// Open as long as the process, which might print more.
    _stdout: BufReader<ChildStdout>,
    /// Where it is, with the last slash.
    pub url: String,
    /// The login of its administrator.
    pub login: String,
    /// And the password.
    pub password: String,
}

impl Live {
    /// Starts one; it accepts connections when this returns.
    pub fn start() -> Self {
        let mut process = Command::new(examples::sandbox())
            .args(["--listen", "127.0.0.1:0", "--ephemeral"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the sandbox starts");
        let mut stdout = BufReader::new(process.stdout.take().expect("its output is piped"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("it prints where it is");
        let first: Value = serde_json::from_str(&line)
            .unwrap_or_else(|cause| panic!("its first line is JSON, not {line:?}: {cause}"));
        let text = |key: &str| {
            let text = first.get(key).and_then(Value::as_str);
            text.unwrap_or_else(|| panic!("{key} in {first}"))
                .to_owned()
        };
        Self {
            process,
            _stdout: stdout,
            url: text("url"),
            login: text("admin_login"),
            password: text("admin_password"),
        }
    }

    /// An empty home with settings for this sandbox.
    pub fn stage(&self) -> Stage {
        Stage::new(&self.url).secret(&self.password)
    }

    /// The answer of one of its control calls, `/_sandbox/…`.
    pub fn get(&self, path: &str) -> Value {
        let host = self.url.trim_start_matches("http://").trim_end_matches('/');
        let mut stream = TcpStream::connect(host).expect("the sandbox listens");
        write!(stream, "GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n").expect("it takes calls");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        let (_, body) = answer.split_once("\r\n\r\n").expect("it answers HTTP");
        serde_json::from_str(body).unwrap_or_else(|cause| panic!("{path}: {cause}: {answer}"))
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.process.kill().expect("it has not ended by itself");
        self.process.wait().expect("it has ended");
    }
}
