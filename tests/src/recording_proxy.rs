//! A wire that is tapped: what goes to a server and what comes back is passed on as it is, and kept.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

/// What is a secret where it goes over the wire: what it stands behind, and what it ends with.
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

/// A way to a server, on a port of its own. It is there until the test's process ends.
#[derive(Debug)]
pub struct RecordingProxy {
    address: SocketAddr,
    kept: Arc<Kept>,
}

impl RecordingProxy {
    /// A way to the server at `127.0.0.1:PORT`.
    pub fn of(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let address = listener.local_addr().expect("it is bound");
        let ours = Arc::new(Kept::default());
        let (server, kept) = (server.to_owned(), Arc::clone(&ours));
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                // Who breaks off is the matter of the test.
                let _ = join(client, &server, &kept);
            }
        });
        Self {
            address,
            kept: ours,
        }
    }

    /// Where it is, with the last slash.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// All secrets that have gone by, with what they stood behind.
    pub fn secrets(&self) -> Vec<(&'static str, String)> {
        let streams = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found = Vec::new();
        for stream in streams.iter() {
            let bytes = stream.lock().unwrap_or_else(PoisonError::into_inner);
            let text = String::from_utf8_lossy(&bytes);
            // Of the same length, as only ASCII changes.
            let lower = text.to_ascii_lowercase();
            for (name, end) in SECRETS {
                for (at, _) in lower.match_indices(name) {
                    let rest = text.get(at + name.len()..).unwrap_or_default();
                    let secret = rest.split(end).next().unwrap_or_default();
                    // One that is taken back is empty.
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

    /// What secrets stand behind.
    pub fn names() -> impl Iterator<Item = &'static str> {
        SECRETS.iter().map(|(name, _)| *name)
    }
}

/// What went by: for each connection and each way.
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
