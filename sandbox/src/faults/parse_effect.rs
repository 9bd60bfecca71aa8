//! Parses and validates the effect of a rule.

use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderValue, StatusCode};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::parse::{Result, bad, unsigned};
use super::rule::{Disconnect, Effect, FixedBody};

/// The maximum latency in milliseconds, as for `--latency`.
const MAX_LATENCY: u64 = 600_000;

/// The fields of `then`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawEffect {
    #[serde(default, deserialize_with = "unsigned")]
    status: Option<u64>,
    retry_after: Option<Value>,
    #[serde(default, deserialize_with = "unsigned")]
    latency_ms: Option<u64>,
    reset: Option<Value>,
    #[serde(default, deserialize_with = "unsigned")]
    truncate: Option<u64>,
    #[serde(default, deserialize_with = "nullable")]
    body: Option<Value>,
}

/// `"body": null` is a body: the JSON value `null`.
fn nullable<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl RawEffect {
    pub(super) fn parse(self) -> Result<Effect> {
        let status = self.status.map(parse_status).transpose()?;
        let disconnect = parse_disconnect(&self)?;
        let latency = match self.latency_ms {
            Some(millis) if millis > MAX_LATENCY => {
                return bad("then.latency_ms", format!("more than {MAX_LATENCY}"));
            }
            millis => millis.map(Duration::from_millis),
        };
        let retry_after = self
            .retry_after
            .as_ref()
            .map(parse_retry_after)
            .transpose()?;
        let body = self.body.map(parse_body).transpose()?;
        let is_empty = status.is_none() && disconnect.is_none() && latency.is_none();
        if is_empty && retry_after.is_none() && body.is_none() {
            return bad(
                "then",
                "give at least one of status, retry_after, latency_ms, reset, truncate, body",
            );
        }
        let effect = Effect {
            status,
            retry_after,
            latency: latency.unwrap_or_default(),
            disconnect,
            body,
        };
        ensure_consistent(&effect)?;
        Ok(effect)
    }
}

/// Rejects combinations of which one part could not take effect.
fn ensure_consistent(effect: &Effect) -> Result<()> {
    let has_response =
        effect.status.is_some() || effect.body.is_some() || effect.retry_after.is_some();
    if has_response
        && matches!(
            effect.disconnect,
            Some(Disconnect::Before | Disconnect::After)
        )
    {
        return bad(
            "then.reset",
            "there is no response, so status, retry_after and body cannot be given",
        );
    }
    let Some(status) = effect.status else {
        return Ok(());
    };
    if effect.body.is_some() && is_bodiless(status) {
        return bad(
            "then.body",
            format!("a response with status {status} has no body"),
        );
    }
    let has_no_body =
        effect.body.is_none() && !(status.is_client_error() || status.is_server_error());
    if has_no_body && effect.disconnect.is_some() {
        return bad("then.truncate", "there is no body; give one in body");
    }
    Ok(())
}

/// Whether HTTP forbids a body for this status.
pub(super) fn is_bodiless(status: StatusCode) -> bool {
    [
        StatusCode::NO_CONTENT,
        StatusCode::RESET_CONTENT,
        StatusCode::NOT_MODIFIED,
    ]
    .contains(&status)
}

fn parse_status(number: u64) -> Result<StatusCode> {
    let status = u16::try_from(number)
        .ok()
        .and_then(|number| StatusCode::from_u16(number).ok());
    match status {
        Some(status) if (200..600).contains(&number) => Ok(status),
        _ => bad(
            "then.status",
            format!("{number} is not between 200 and 599"),
        ),
    }
}

fn parse_retry_after(value: &Value) -> Result<HeaderValue> {
    const FIELD: &str = "then.retry_after";
    match value {
        Value::Number(number) if number.is_u64() => Ok(number.as_u64().unwrap_or(0).into()),
        Value::String(text) if !text.is_empty() => match HeaderValue::from_str(text) {
            Ok(header) => Ok(header),
            Err(_) => bad(FIELD, format!("{value} cannot be sent in a header")),
        },
        _ => bad(
            FIELD,
            format!("{value} is neither whole seconds nor a non-empty string"),
        ),
    }
}

fn parse_disconnect(raw: &RawEffect) -> Result<Option<Disconnect>> {
    let reset = match &raw.reset {
        None => None,
        Some(Value::Bool(true)) => Some(Disconnect::Before),
        Some(Value::String(text)) if text == "before" => Some(Disconnect::Before),
        Some(Value::String(text)) if text == "after" => Some(Disconnect::After),
        Some(other) => {
            let reason = format!("{other} is not one of \"before\", \"after\", true");
            return bad("then.reset", reason);
        }
    };
    match (reset, raw.truncate) {
        (Some(_), Some(_)) => bad(
            "then.reset",
            "there is no response, so truncate cannot be given",
        ),
        (Some(reset), None) => Ok(Some(reset)),
        // No body in memory is longer than usize::MAX.
        (None, length) => {
            let within = |length| Disconnect::Within(usize::try_from(length).unwrap_or(usize::MAX));
            Ok(length.map(within))
        }
    }
}

fn parse_body(value: Value) -> Result<FixedBody> {
    let json = HeaderValue::from_static("application/json");
    let (bytes, content_type) = match value {
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
