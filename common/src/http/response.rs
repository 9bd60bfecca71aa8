//! A response: its head, and its body within limits of size and time.

use std::{
    io::{self, Read},
    time::Instant,
};

use anyhow::Result;
use reqwest::{
    StatusCode,
    header::{CONTENT_TYPE, HeaderMap, HeaderName, LOCATION},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::client::SentCall;
use crate::{
    error::UnexpectedResponse,
    json::{self, DecodeError},
};

/// The largest body that is read, in bytes. The largest known one, a report of a big partner, has a few megabytes.
pub(super) const MAX_BODY: u64 = 64 * 1024 * 1024;
/// The header in which the platform returns the id of a call.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A complete response.
pub(super) struct Response {
    pub(super) call: SentCall,
    pub(super) head: Head,
    pub(super) body: Vec<u8>,
}

/// Status and headers of a response.
#[derive(Default)]
pub(super) struct Head {
    pub(super) status: StatusCode,
    pub(super) content_type: Option<String>,
    pub(super) request_id: Option<String>,
    /// The host that a redirect names. The rest of the address may hold a secret.
    pub(super) redirects_to: Option<String>,
}

impl Head {
    pub(super) fn of(response: &reqwest::blocking::Response) -> Self {
        let headers = response.headers();
        let target = header(headers, &LOCATION)
            .filter(|_| response.status().is_redirection())
            .and_then(|location| response.url().join(&location).ok());
        Self {
            status: response.status(),
            content_type: header(headers, &CONTENT_TYPE),
            request_id: header(headers, &REQUEST_ID),
            redirects_to: target.map(|target| target.origin().ascii_serialization()),
        }
    }

    fn has_type(&self, name: &str) -> bool {
        self.content_type
            .as_deref()
            .is_some_and(|it| it.contains(name))
    }
}

impl Response {
    /// Decodes the body as JSON.
    pub(super) fn decode<T: DeserializeOwned>(self) -> Result<T> {
        self.check_error()?;
        if self.body.is_empty() {
            return Err(self.unexpected("it is empty"));
        }
        json::from_slice(&self.body).map_err(|error| self.not_decoded(&error))
    }

    /// Decodes the body as JSON, if there is one.
    pub(super) fn decode_optional<T: DeserializeOwned>(self) -> Result<Option<T>> {
        if self.body.is_empty() {
            return Ok(None);
        }
        self.decode().map(Some)
    }

    /// Checks that the body is JSON and not an error, or empty.
    pub(super) fn check_json(self) -> Result<()> {
        if self.body.is_empty() {
            return Ok(());
        }
        self.check_error()?;
        match serde_json::from_slice::<serde::de::IgnoredAny>(&self.body) {
            Ok(_) => Ok(()),
            Err(cause) => Err(self.not_json(&cause.to_string())),
        }
    }

    /// The body as a file.
    pub(super) fn into_file(self) -> Result<Vec<u8>> {
        if self.head.has_type("json") {
            self.check_error()?;
        }
        if self.head.has_type("html") {
            return Err(self.unexpected("text/html instead of a file"));
        }
        Ok(self.body)
    }

    fn check_error(&self) -> Result<()> {
        if is_error(&self.body) {
            return Err(self.call.rejected(&self.head, &self.body).into());
        }
        Ok(())
    }

    fn not_decoded(&self, error: &DecodeError) -> anyhow::Error {
        if error.is_syntax {
            return self.not_json(&error.reason);
        }
        self.unexpected(&error.to_string())
    }

    fn not_json(&self, reason: &str) -> anyhow::Error {
        match &self.head.content_type {
            Some(kind) if !self.head.has_type("json") => {
                self.unexpected(&format!("{kind} instead of JSON"))
            }
            _ => self.unexpected(&format!("invalid JSON ({reason})")),
        }
    }

    fn unexpected(&self, reason: &str) -> anyhow::Error {
        // The decoder may quote a value.
        UnexpectedResponse::new(&self.call.name, self.call.redact(reason)).into()
    }
}

/// Whether a body is an error in the form of the account server or of OAuth, whatever the status says.
fn is_error(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Probe {
        #[serde(default)]
        error: Value,
    }
    match json::from_slice(body) {
        Ok(Probe {
            error: Value::String(code),
        }) => !code.is_empty(),
        Ok(Probe { error }) => error.get("code").is_some() || error.get("message").is_some(),
        Err(_) => false,
    }
}

pub(super) fn header(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

/// Reads a body within its limits, so that neither an endless response nor a slow one blocks a run.
pub(super) fn read_body(
    mut response: reqwest::blocking::Response,
    deadline: Instant,
) -> io::Result<Vec<u8>> {
    let too_large = || io::Error::from(io::ErrorKind::FileTooLarge);
    if response.content_length().is_some_and(|it| it > MAX_BODY) {
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
        if body.len() as u64 > MAX_BODY {
            return Err(too_large());
        }
        if Instant::now() > deadline {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "it takes too long"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_recognized_whatever_the_status_is() {
        for (body, expected) in [
            (r#"{"error": {"code": 1}}"#, true),
            (r#"{"error": {"message": "m"}}"#, true),
            (r#"{"error": "invalid_client"}"#, true),
            (r#"{"error": ""}"#, false),
            (r#"{"error": null}"#, false),
            (r#"{"error": {}}"#, false),
            (r#"{"id": "a"}"#, false),
            (r#"[{"error": {"code": 1}}]"#, false),
            ("", false),
        ] {
            assert_eq!(is_error(body.as_bytes()), expected, "{body}");
        }
    }
}
