//! An answer: what it says of itself, and its body, read within bounds.

use std::{
    io::{self, Read},
    time::Instant,
};

use reqwest::{
    StatusCode,
    blocking::Response,
    header::{CONTENT_TYPE, HeaderName, LOCATION},
};
use serde_json::Value;

use crate::log::REQUEST_ID;

/// The largest answer that is read, in bytes. The largest known, a report of a big partner, is a few megabytes.
pub(super) const LARGEST: u64 = 64 * 1024 * 1024;

/// An answer, whole.
#[derive(Default)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) content_type: Option<String>,
    pub(super) request_id: Option<String>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// What an answer says of itself; its body is yet to be read.
    pub(super) fn of(response: &Response) -> Self {
        Self {
            status: response.status(),
            content_type: header(response, &CONTENT_TYPE),
            request_id: header(response, &REQUEST_ID),
            body: Vec::new(),
        }
    }

    /// Whether its type says that it is of this kind: `json`, `html`.
    pub(super) fn is(&self, kind: &str) -> bool {
        self.content_type
            .as_deref()
            .is_some_and(|it| it.contains(kind))
    }
}

pub(super) fn header(response: &Response, name: &HeaderName) -> Option<String> {
    let value = response.headers().get(name)?.to_str().ok()?;
    Some(value.to_owned())
}

/// Where a redirect leads: the host, as the rest of the address may hold what nobody should see.
pub(super) fn leads_to(response: &Response) -> Option<String> {
    let location = header(response, &LOCATION).filter(|_| response.status().is_redirection())?;
    let target = response.url().join(&location).ok()?;
    Some(format!(
        "it leads to {}",
        target.origin().ascii_serialization()
    ))
}

/// Whether an answer is an error in the form of the account server or of OAuth, whatever its status says.
pub(super) fn is_error(answer: &Value) -> bool {
    match answer.get("error") {
        Some(Value::String(code)) => !code.is_empty(),
        Some(error) => error.get("code").is_some() || error.get("message").is_some(),
        None => false,
    }
}

/// Reads a body within its bounds of size and time: neither an endless answer nor a slow one holds a run up.
pub(super) fn read(mut response: Response, end: Instant) -> io::Result<Vec<u8>> {
    let too_large = || io::Error::from(io::ErrorKind::FileTooLarge);
    if response.content_length().is_some_and(|it| it > LARGEST) {
        return Err(too_large());
    }
    let mut body = Vec::new();
    let mut part = [0; 16 * 1024];
    loop {
        let length = match response.read(&mut part) {
            Ok(0) => return Ok(body),
            Ok(length) => length,
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => continue,
            Err(cause) => return Err(cause),
        };
        body.extend_from_slice(part.get(..length).unwrap_or_default());
        if body.len() as u64 > LARGEST {
            return Err(too_large());
        }
        if Instant::now() > end {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "it takes too long"));
        }
    }
}
