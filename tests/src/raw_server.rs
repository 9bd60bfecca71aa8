//! A server that writes its responses byte by byte, including malformed ones.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

/// Both directions of a connection.
pub trait Stream: Read + Write {}

impl<T: Read + Write> Stream for T {}

/// A server on its own port. It runs until the test process exits.
#[derive(Debug)]
pub struct RawServer {
    address: SocketAddr,
    calls: Arc<Mutex<Vec<String>>>,
}

impl RawServer {
    /// A server without TLS. For each request it calls `respond` to write the response; on an error it disconnects.
    pub fn new(
        respond: impl Fn(&mut dyn Stream) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        Self::with(|stream| Ok(Box::new(stream)), respond)
    }

    /// A server that wraps each connection, for example in TLS.
    pub fn with(
        wrap: impl Fn(TcpStream) -> io::Result<Box<dyn Stream>> + Send + Sync + 'static,
        respond: impl Fn(&mut dyn Stream) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let address = listener.local_addr().expect("it is bound");
        let calls = Arc::new(Mutex::new(Vec::new()));
        let (handle, recorded) = (Arc::new((wrap, respond)), Arc::clone(&calls));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (handle, recorded) = (Arc::clone(&handle), Arc::clone(&recorded));
                let Ok(stream) = stream else { return };
                thread::spawn(move || {
                    // A broken connection is reported by the example.
                    let _ = serve(stream, &handle.0, &handle.1, &recorded);
                });
            }
        });
        Self { address, calls }
    }

    /// `127.0.0.1:PORT`.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base URL, with a trailing slash.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// All requests, with head and body.
    pub fn calls(&self) -> Vec<String> {
        let calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls.clone()
    }
}

fn serve(
    stream: TcpStream,
    wrap: impl Fn(TcpStream) -> io::Result<Box<dyn Stream>>,
    respond: impl Fn(&mut dyn Stream) -> io::Result<()>,
    calls: &Mutex<Vec<String>>,
) -> io::Result<()> {
    let mut stream = BufReader::new(wrap(stream)?);
    loop {
        let call = read_call(&mut stream)?;
        calls
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(call);
        respond(stream.get_mut())?;
        stream.get_mut().flush()?;
    }
}

/// Reads a request, head and body.
///
/// # Errors
/// If the connection ends before the request is complete.
pub fn read_call(stream: &mut impl BufRead) -> io::Result<String> {
    Ok(String::from_utf8_lossy(&read_message(stream)?).into_owned())
}

/// Reads a request or response with a `Content-Length`, head and body.
///
/// # Errors
/// If the connection ends before the message is complete.
pub fn read_message(stream: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let (mut message, mut length) = (Vec::new(), 0);
    loop {
        let before = message.len();
        if stream.read_until(b'\n', &mut message)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let line = message.get(before..).unwrap_or_default();
        let line = String::from_utf8_lossy(line).to_lowercase();
        if let Some(text) = line.strip_prefix("content-length:") {
            length = text.trim().parse().map_err(io::Error::other)?;
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let head = message.len();
    message.resize(head + length, 0);
    stream.read_exact(message.get_mut(head..).unwrap_or_default())?;
    Ok(message)
}
