//! What a rule does, as it is written, and all that can be wrong with that.

use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderValue, StatusCode};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::parse::{Result, bad, whole};
use super::rule::{Disconnect, Effect, FixedBody};

/// The longest wait, in milliseconds, as for `--latency`.
const LONGEST_LATENCY: u64 = 600_000;

/// `then` as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EffectForm {
    #[serde(default, deserialize_with = "whole")]
    status: Option<u64>,
    retry_after: Option<Value>,
    #[serde(default, deserialize_with = "whole")]
    latency_ms: Option<u64>,
    reset: Option<Value>,
    #[serde(default, deserialize_with = "whole")]
    truncate: Option<u64>,
    #[serde(default, deserialize_with = "even_null")]
    body: Option<Value>,
}

/// `"body": null` is a body too: JSON's `null`.
fn even_null<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl EffectForm {
    /// What it says, if it makes sense.
    pub(super) fn checked(self) -> Result<Effect> {
        let status = self.status.map(status).transpose()?;
        let cut = cut(&self)?;
        let latency = match self.latency_ms {
            Some(millis) if millis > LONGEST_LATENCY => {
                return bad("then.latency_ms", format!("more than {LONGEST_LATENCY}"));
            }
            millis => millis.map(Duration::from_millis),
        };
        let retry_after = self.retry_after.as_ref().map(retry_after).transpose()?;
        let body = self.body.map(body).transpose()?;
        let nothing = status.is_none() && cut.is_none() && latency.is_none();
        if nothing && retry_after.is_none() && body.is_none() {
            return bad(
                "then",
                "none of status, retry_after, latency_ms, reset, truncate, body is given",
            );
        }
        let then = Effect {
            status,
            retry_after,
            latency: latency.unwrap_or_default(),
            cut,
            body,
        };
        contradictions(&then)?;
        Ok(then)
    }
}

/// What cannot be done both is not done half.
fn contradictions(then: &Effect) -> Result<()> {
    let answers = then.status.is_some() || then.body.is_some() || then.retry_after.is_some();
    if answers && matches!(then.cut, Some(Disconnect::Before | Disconnect::After)) {
        return bad(
            "then.reset",
            "there is no answer, so status, retry_after and body cannot be given",
        );
    }
    let Some(status) = then.status else {
        return Ok(());
    };
    if then.body.is_some() && bodiless(status) {
        return bad("then.body", format!("an answer of {status} has no body"));
    }
    let empty = then.body.is_none() && !(status.is_client_error() || status.is_server_error());
    if empty && then.cut.is_some() {
        return bad("then.truncate", "there is no body, give one in body");
    }
    Ok(())
}

/// Answers that have no body by the rules of HTTP.
pub(super) fn bodiless(status: StatusCode) -> bool {
    [
        StatusCode::NO_CONTENT,
        StatusCode::RESET_CONTENT,
        StatusCode::NOT_MODIFIED,
    ]
    .contains(&status)
}

fn status(number: u64) -> Result<StatusCode> {
    let status = u16::try_from(number)
        .ok()
        .and_then(|number| StatusCode::from_u16(number).ok());
    match status {
        Some(status) if (200..600).contains(&number) => Ok(status),
        _ => bad("then.status", format!("{number} is not from 200 to 599")),
    }
}

fn retry_after(given: &Value) -> Result<HeaderValue> {
    const FIELD: &str = "then.retry_after";
    match given {
        Value::Number(number) if number.is_u64() => Ok(number.as_u64().unwrap_or(0).into()),
        Value::String(text) if !text.is_empty() => match HeaderValue::from_str(text) {
            Ok(value) => Ok(value),
            Err(_) => bad(FIELD, format!("{given} cannot be sent in a header")),
        },
        _ => bad(FIELD, format!("{given} is neither whole seconds nor text")),
    }
}

fn cut(form: &EffectForm) -> Result<Option<Disconnect>> {
    let reset = match &form.reset {
        None => None,
        Some(Value::Bool(true)) => Some(Disconnect::Before),
        Some(Value::String(text)) if text == "before" => Some(Disconnect::Before),
        Some(Value::String(text)) if text == "after" => Some(Disconnect::After),
        Some(other) => {
            let why = format!("{other} is not one of \"before\", \"after\", true");
            return bad("then.reset", why);
        }
    };
    match (reset, form.truncate) {
        (Some(_), Some(_)) => bad(
            "then.reset",
            "there is no answer, so truncate cannot be given",
        ),
        (Some(reset), None) => Ok(Some(reset)),
        // No body in memory is longer than can be counted there.
        (None, length) => {
            let within = |length| Disconnect::Within(usize::try_from(length).unwrap_or(usize::MAX));
            Ok(length.map(within))
        }
    }
}

fn body(given: Value) -> Result<FixedBody> {
    let json = HeaderValue::from_static("application/json");
    let (bytes, content_type) = match given {
        Value::String(text) if text.starts_with('<') => {
            (Bytes::from(text), HeaderValue::from_static("text/html"))
        }
        Value::String(text) => (Bytes::from(text), json),
        other => (Bytes::from(other.to_string()), json),
    };
    Ok(FixedBody {
        bytes,
        content_type,
    })
}
