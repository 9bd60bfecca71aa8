//! A proxy that connects every client to one server and records the traffic.

use std::{
    io::{self, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};

use tests::raw_server::read_call;

/// What a proxy has seen.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// The requests to it: `CONNECT` and headers.
    pub(crate) requests: Vec<String>,
    /// What it has forwarded to the server.
    pub(crate) passed: Vec<u8>,
}

/// A proxy that runs until the test process ends.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
}

impl Proxy {
    /// A proxy that connects to this server, whichever host is requested.
    pub(crate) fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let address = listener.local_addr().expect("it is bound");
        let seen = Arc::<Mutex<Seen>>::default();
        let recorded = Arc::clone(&seen);
        thread::spawn(move || {
            for client in listener.incoming() {
                let Ok(client) = client else { return };
                let recorded = Arc::clone(&recorded);
                // A connection that ends early is checked by the test, not by the proxy.
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
    let request = read_call(&mut BufReader::new(client.try_clone()?))?;
    lock(seen).requests.push(request);
    let mut server = TcpStream::connect(server)?;
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    let (mut responses, mut back) = (server.try_clone()?, client.try_clone()?);
    thread::spawn(move || io::copy(&mut responses, &mut back));
    let mut part = [0; 4096];
    loop {
        let length = client.read(&mut part)?;
        let part = part.get(..length).unwrap_or_default();
        if part.is_empty() {
            return Ok(());
        }
        // Recorded before it is forwarded, so that it is complete when the example has its response.
        lock(seen).passed.extend(part);
        server.write_all(part)?;
    }
}

fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}
