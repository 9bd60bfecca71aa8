//! A proxy that forwards requests to the sandbox until a certain one arrives, then disconnects and stops.

use std::{
    io::{self, BufReader, Write},
    net::{TcpListener, TcpStream},
    thread,
};

use tests::raw_server::read_message;

use super::request::{Request, pattern};

/// Starts a proxy for the sandbox at `127.0.0.1:PORT`. It stops when this request arrives, or at once if it is the
/// first one.
pub(crate) fn before(request: &Request, is_first: bool, sandbox: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let url = format!("http://{}/", listener.local_addr().expect("it is bound"));
    if is_first {
        return url;
    }
    let sandbox = sandbox.to_owned();
    let line = format!("{} {}", request.method, request.path);
    let turns = request.turn;
    thread::spawn(move || {
        let mut seen = 0;
        // One connection after the other: an example opens one at a time.
        while seen < turns {
            let Ok((stream, _)) = listener.accept() else {
                return;
            };
            // A broken connection is reported by the example.
            let _ = hand_on(stream, &sandbox, |head| {
                seen += usize::from(is(head, &line));
                seen < turns
            });
        }
    });
    url
}

/// Whether a request has this method and path, ignoring the query and ids.
fn is(head: &str, line: &str) -> bool {
    let mut words = head.split([' ', '?']);
    let (method, path) = (words.next(), words.next());
    path.is_some_and(|path| line == format!("{} {}", method.unwrap_or_default(), pattern(path)))
}

fn hand_on(
    client: TcpStream,
    sandbox: &str,
    mut goes_on: impl FnMut(&str) -> bool,
) -> io::Result<()> {
    let mut to_client = client.try_clone()?;
    let mut from_client = BufReader::new(client);
    let mut to_sandbox = TcpStream::connect(sandbox)?;
    let mut from_sandbox = BufReader::new(to_sandbox.try_clone()?);
    loop {
        let call = read_message(&mut from_client)?;
        if !goes_on(&String::from_utf8_lossy(&call)) {
            return Ok(());
        }
        to_sandbox.write_all(&call)?;
        to_client.write_all(&read_message(&mut from_sandbox)?)?;
    }
}
