//! A platform that answers by a script and records what it was asked, on a port of its own.
//!
//! It speaks just enough HTTP/1.1 for a client that knows the length of what it sends.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::Value;

/// How the examples name themselves.
pub const USER_AGENT: &str = concat!(
    "ACP-Rust-Examples/",
    env!("CARGO_PKG_VERSION"),
    " (Acronis Cyber Platform Rust Examples)"
);

/// What the server answers to one call.
#[derive(Debug, Clone)]
pub struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    cut: bool,
}

impl Answer {
    /// A status without a body.
    pub fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            cut: false,
        }
    }

    /// JSON, to the letter.
    pub fn text(status: u16, json: &str) -> Self {
        Self::empty(status).body("application/json", json)
    }

    /// JSON.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "so that `json!` needs no `&`"
    )]
    pub fn json(status: u16, json: Value) -> Self {
        Self::text(status, &json.to_string())
    }

    /// With a body of any type.
    #[must_use]
    pub fn body(self, content_type: &str, body: impl AsRef<[u8]>) -> Self {
        let mut answer = self.header("Content-Type", content_type);
        answer.body = body.as_ref().to_vec();
        answer
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Whose end never comes: the connection ends some bytes before.
    #[must_use]
    pub fn cut_short(mut self) -> Self {
        self.cut = true;
        self
    }

    fn write(&self, to: &mut impl Write) -> std::io::Result<()> {
        let mut head = format!("HTTP/1.1 {} Scripted\r\n", self.status);
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        if self.status != 204 {
            let missing = if self.cut { 10 } else { 0 };
            head += &format!("Content-Length: {}\r\n", self.body.len() + missing);
        }
        head += "\r\n";
        to.write_all(&[head.as_bytes(), &self.body].concat())
    }
}

/// What the server was asked.
#[derive(Debug, Clone)]
pub struct Call {
    /// `GET`.
    pub method: String,
    /// Path and query, as they came.
    pub target: String,
    /// Headers, their names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: String,
    /// The how manyeth connection it came over, from 1.
    pub connection: usize,
}

/// For snapshots: what each call must say anyway is left out, all else is shown.
impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {}", self.method, self.target)?;
        for (name, value) in &self.headers {
            match (name.as_str(), value.as_str()) {
                ("accept" | "accept-encoding" | "content-length" | "host", _)
                | ("user-agent", USER_AGENT) => {}
                ("authorization", value) => writeln!(f, "  {name}: {}", readable(value))?,
                _ => writeln!(f, "  {name}: {value}")?,
            }
        }
        if !self.body.is_empty() {
            writeln!(f, "  {}", self.body)?;
        }
        Ok(())
    }
}

/// `Basic` credentials in clear.
fn readable(authorization: &str) -> String {
    let Some(pair) = authorization.strip_prefix("Basic ") else {
        return authorization.to_owned();
    };
    let pair = BASE64_STANDARD.decode(pair).expect("it is Base64");
    format!("Basic {}", String::from_utf8_lossy(&pair))
}

/// A scripted platform, up while this lives.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    script: Mutex<VecDeque<Answer>>,
    scripted: usize,
    from_then_on: Mutex<Option<Answer>>,
    calls: Mutex<Vec<Call>>,
    over: AtomicBool,
}

impl Server {
    /// A server that gives these answers in this order, to whatever it is asked.
    pub fn new(script: impl IntoIterator<Item = Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let address = listener.local_addr().expect("it is bound");
        let script: VecDeque<_> = script.into_iter().collect();
        let shared = Arc::new(Shared {
            scripted: script.len(),
            script: Mutex::new(script),
            ..Shared::default()
        });
        let theirs = Arc::clone(&shared);
        thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                if theirs.over.load(Ordering::Relaxed) {
                    return;
                }
                let shared = Arc::clone(&theirs);
                // A client that goes is no error: some tests are about that.
                thread::spawn(move || drop(stream.map(|stream| shared.serve(stream, number + 1))));
            }
        });
        Self { address, shared }
    }

    /// With an answer to all calls that come after the script.
    #[must_use]
    pub fn from_then_on(self, answer: Answer) -> Self {
        *lock(&self.shared.from_then_on) = Some(answer);
        self
    }

    /// A server that is to be asked nothing.
    pub fn unused() -> Self {
        Self::new([])
    }

    /// Where it is, with the last slash.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// All calls, in the order they came.
    ///
    /// # Panics
    /// Where there were fewer or more than the script has answers, and where there were more connections than one.
    pub fn calls(&self) -> Vec<Call> {
        let calls = lock(&self.shared.calls).clone();
        let expected = match *lock(&self.shared.from_then_on) {
            Some(_) => calls.len().max(self.shared.scripted),
            None => self.shared.scripted,
        };
        assert_eq!(calls.len(), expected, "calls were {calls:#?}");
        for call in &calls {
            assert_eq!(call.connection, 1, "a second connection: {calls:#?}");
            assert_eq!(call.headers.get("host"), Some(&self.address.to_string()));
        }
        calls
    }

    /// [`Server::calls`] as text, for snapshots.
    pub fn conversation(&self) -> String {
        self.calls().iter().map(Call::to_string).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Relaxed);
        // It waits for a connection; this is the last one.
        drop(TcpStream::connect(self.address));
    }
}

impl Shared {
    fn serve(&self, stream: TcpStream, connection: usize) -> std::io::Result<()> {
        let mut from = BufReader::new(stream.try_clone()?);
        let mut to = stream;
        while let Some(call) = receive(&mut from, connection)? {
            lock(&self.calls).push(call);
            let scripted = lock(&self.script).pop_front();
            let answer = scripted
                .or_else(|| lock(&self.from_then_on).clone())
                .unwrap_or_else(|| Answer::text(500, "\"one call too many\""));
            answer.write(&mut to)?;
            if answer.cut {
                break;
            }
        }
        Ok(())
    }
}

/// The next call; `None` where the client has gone.
fn receive(from: &mut impl BufRead, connection: usize) -> std::io::Result<Option<Call>> {
    let mut line = String::new();
    from.read_line(&mut line)?;
    let mut words = line.split_whitespace();
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Ok(None);
    };
    let (method, target) = (method.to_owned(), target.to_owned());

    let mut headers = BTreeMap::new();
    loop {
        line.clear();
        from.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        let before = headers.insert(name.to_ascii_lowercase(), value.to_owned());
        assert_eq!(before, None, "the header {name} came twice");
    }
    assert!(!headers.contains_key("transfer-encoding"), "{headers:?}");

    let length = headers
        .get("content-length")
        .map_or(0, |length| length.parse().expect("a length is a number"));
    let mut body = vec![0; length];
    from.read_exact(&mut body)?;
    Ok(Some(Call {
        method,
        target,
        headers,
        body: String::from_utf8(body).expect("calls are sent in UTF-8"),
        connection,
    }))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
