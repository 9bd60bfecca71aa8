//! On the way to the sandbox: it hands calls on until one comes whose turn it is, breaks off, and is gone.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    thread,
};

use crate::request::{Request, pattern};

/// Where nobody listens any more once this request has come, or from the start, where it is the first.
pub(crate) fn before(request: &Request, is_first: bool, sandbox: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let url = format!("http://{}/", listener.local_addr().expect("it is bound"));
    if is_first {
        return url;
    }
    let sandbox = sandbox
        .trim_start_matches("http://")
        .trim_end_matches('/')
        .to_owned();
    let line = format!("{} {}", request.method, request.path);
    let turns = request.turn;
    thread::spawn(move || {
        let mut seen = 0;
        // One connection after the other, as an example has one at a time.
        while seen < turns {
            let Ok((stream, _)) = listener.accept() else {
                return;
            };
            // What ends a connection is told by whoever is at its other end.
            let _ = hand_on(stream, &sandbox, |head| {
                seen += usize::from(is(head, &line));
                seen < turns
            });
        }
    });
    url
}

/// Whether a call is of this method and path, whatever its query and the ids in it.
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
        let call = message(&mut from_client)?;
        if !goes_on(&String::from_utf8_lossy(&call)) {
            return Ok(());
        }
        to_sandbox.write_all(&call)?;
        to_client.write_all(&message(&mut from_sandbox)?)?;
    }
}

/// Head and body of a call or an answer, whose length is in its head.
fn message(from: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut message = Vec::new();
    let mut length = 0;
    loop {
        let start = message.len();
        if from.read_until(b'\n', &mut message)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let line = String::from_utf8_lossy(&message[start..]).to_ascii_lowercase();
        if let Some(text) = line.strip_prefix("content-length:") {
            length = text.trim().parse().unwrap_or_default();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    from.take(length).read_to_end(&mut message)?;
    Ok(message)
}
