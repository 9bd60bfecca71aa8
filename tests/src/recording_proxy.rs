//! A TCP proxy that records all bytes in both directions.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

/// The secrets on the wire: the text before each, and the characters that end it.
const SECRETS: [(&str, &[char]); 9] = [
    ("authorization: bearer ", &['\r']),
    ("authorization: basic ", &['\r']),
    ("set-cookie: sandbox_session=", &[';']),
    ("\"ott\":\"", &['"']),
    ("\"access_token\":\"", &['"']),
    ("\"registration_access_token\":\"", &['"']),
    ("\"client_secret\":\"", &['"']),
    ("\"token\":\"", &['"']),
    ("assertion=", &['&', ' ']),
];

/// A proxy on its own port. It runs until the test process exits.
#[derive(Debug)]
pub struct RecordingProxy {
    address: SocketAddr,
    kept: Arc<Kept>,
}

impl RecordingProxy {
    /// Starts a proxy for the server at `127.0.0.1:PORT`.
    pub fn of(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let address = listener.local_addr().expect("it is bound");
        let ours = Arc::new(Kept::default());
        let (server, kept) = (server.to_owned(), Arc::clone(&ours));
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                // A broken connection is reported by the example.
                let _ = join(client, &server, &kept);
            }
        });
        Self {
            address,
            kept: ours,
        }
    }

    /// The base URL, with a trailing slash.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// All secrets that were transferred, each with the text before it.
    pub fn secrets(&self) -> Vec<(&'static str, String)> {
        let streams = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found = Vec::new();
        for stream in streams.iter() {
            let bytes = stream.lock().unwrap_or_else(PoisonError::into_inner);
            let text = String::from_utf8_lossy(&bytes);
            // Only ASCII changes, so the length stays the same.
            let lower = text.to_ascii_lowercase();
            for (name, end) in SECRETS {
                for (at, _) in lower.match_indices(name) {
                    let rest = text.get(at + name.len()..).unwrap_or_default();
                    let secret = rest.split(end).next().unwrap_or_default();
                    // A cookie that is deleted is empty.
                    if !secret.is_empty() {
                        found.push((name, secret.to_owned()));
                    }
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The texts before secrets.
    pub fn names() -> impl Iterator<Item = &'static str> {
        SECRETS.iter().map(|(name, _)| *name)
    }
}

/// The bytes of each connection in each direction.
type Kept = Mutex<Vec<Arc<Mutex<Vec<u8>>>>>;

fn join(client: TcpStream, server: &str, kept: &Kept) -> io::Result<()> {
    let server = TcpStream::connect(server)?;
    let ways = [(client.try_clone()?, server.try_clone()?), (server, client)];
    for (from, to) in ways {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        kept.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Arc::clone(&bytes));
        thread::spawn(move || drop(pass(from, to, &bytes)));
    }
    Ok(())
}

fn pass(mut from: TcpStream, mut to: TcpStream, kept: &Mutex<Vec<u8>>) -> io::Result<()> {
    let mut buffer = [0; 16 * 1024];
    loop {
        let length = from.read(&mut buffer)?;
        let part = buffer.get(..length).unwrap_or_default();
        kept.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(part);
        to.write_all(part)?;
        if length == 0 {
            return to.shutdown(std::net::Shutdown::Write);
        }
    }
}
