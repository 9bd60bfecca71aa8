//! A proxy that makes the connections it is asked for, all to one server, and records what passes.

use std::{
    io::{self, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};

use tests::raw_server::read_call;

/// What a proxy sees.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// What it was asked: lines that begin with `CONNECT`, and their headers.
    pub(crate) asked: Vec<String>,
    /// What went through it to the server.
    pub(crate) passed: Vec<u8>,
}

/// A proxy, there until the test's process ends.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
}

impl Proxy {
    /// A proxy for which every host is this server.
    pub(crate) fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let address = listener.local_addr().expect("it is bound");
        let seen = Arc::<Mutex<Seen>>::default();
        let recorded = Arc::clone(&seen);
        thread::spawn(move || {
            for client in listener.incoming() {
                let Ok(client) = client else { return };
                let recorded = Arc::clone(&recorded);
                // Who breaks off is the matter of the test, not of the proxy.
                thread::spawn(move || connect(client, server, &recorded));
            }
        });
        Self { address, seen }
    }

    pub(crate) fn seen(&self) -> MutexGuard<'_, Seen> {
        lock(&self.seen)
    }
}

fn connect(mut client: TcpStream, server: SocketAddr, seen: &Mutex<Seen>) -> io::Result<()> {
    let asked = read_call(&mut BufReader::new(client.try_clone()?))?;
    lock(seen).asked.push(asked);
    let mut server = TcpStream::connect(server)?;
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    let (mut answers, mut back) = (server.try_clone()?, client.try_clone()?);
    thread::spawn(move || io::copy(&mut answers, &mut back));
    let mut part = [0; 4096];
    loop {
        let length = client.read(&mut part)?;
        let part = part.get(..length).unwrap_or_default();
        if part.is_empty() {
            return Ok(());
        }
        // Before it goes on, so that it is there when the example has its answer.
        lock(seen).passed.extend(part);
        server.write_all(part)?;
    }
}

fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}
