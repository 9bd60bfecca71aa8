//! Extractors for body, form, query and path. They reject invalid input with the platform's errors.
//!
//! axum's own extractors respond in plain text, which clients of the platform cannot parse.

use std::fmt;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path as AxumPath, Query as AxumQuery, Request};
use axum::http::{HeaderMap, header, request::Parts};
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::domain::{ApiError, Id};

/// A JSON body.
///
/// A wrong `Content-Type` is rejected with 415; invalid JSON, a missing field or a wrong type with 400.
#[derive(Debug)]
pub(crate) struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        expect_type(
            request.headers(),
            |kind| kind == "application/json" || kind.ends_with("+json"),
            "application/json",
        )?;
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| ApiError::bad(rejection.body_text()))?;
        // serde would accept a list as the fields in declaration order.
        if bytes.trim_ascii_start().starts_with(b"[") {
            return Err(ApiError::bad("The body is not a JSON object."));
        }
        let mut json = serde_json::Deserializer::from_slice(&bytes);
        let body =
            serde_path_to_error::deserialize(&mut json).map_err(|error| invalid_value(&error))?;
        json.end().map_err(|error| invalid(&error))?;
        Ok(Self(body))
    }
}

/// An error of a value names its field. Its position in the body is left out.
fn invalid_value(error: &serde_path_to_error::Error<serde_json::Error>) -> ApiError {
    let text = error.to_string();
    match text.rsplit_once(" at line ") {
        Some((reason, _)) if error.inner().is_data() => invalid(&reason),
        _ => invalid(&text),
    }
}

fn invalid(error: &dyn fmt::Display) -> ApiError {
    ApiError::bad(format!("The body is invalid: {error}."))
}

/// A form body, `application/x-www-form-urlencoded`.
#[derive(Debug)]
pub(crate) struct Form<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Form<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        const FORM: &str = "application/x-www-form-urlencoded";
        expect_type(request.headers(), |kind| kind == FORM, FORM)?;
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| ApiError::bad(rejection.body_text()))?;
        serde_urlencoded::from_bytes(&bytes)
            .map(Form)
            .map_err(|error| ApiError::bad(format!("The form is invalid: {error}.")))
    }
}

fn expect_type(
    headers: &HeaderMap,
    is_expected: impl Fn(&str) -> bool,
    expected: &str,
) -> Result<(), ApiError> {
    let given = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    let kind = given
        .split(';')
        .next()
        .unwrap_or("")
        .trim()
        .to_ascii_lowercase();
    if is_expected(&kind) {
        return Ok(());
    }
    Err(ApiError::UnsupportedMediaType(match given {
        "" => format!("Content-Type is missing; this call requires {expected}."),
        other => format!("Content-Type is {other}, but this call requires {expected}."),
    }))
}

/// Parses a body that people may type by hand, with any `Content-Type`.
pub(crate) fn lenient_json(body: &[u8]) -> Result<Value, ApiError> {
    serde_json::from_slice(body).map_err(|error| invalid(&error))
}

/// Parses a body like [`lenient_json`] to a struct. Errors name the field.
pub(crate) fn lenient_fields<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    let value = lenient_json(body)?;
    if !value.is_object() {
        return Err(ApiError::bad("The body is not a JSON object."));
    }
    serde_path_to_error::deserialize(value).map_err(|error| {
        let field = error.path().to_string();
        ApiError::bad(format!("{field}: {}.", error.into_inner()))
    })
}

/// The query string. Unknown keys are ignored, as on the platform.
#[derive(Debug)]
pub(crate) struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        AxumQuery::try_from_uri(&parts.uri)
            .map(|AxumQuery(query)| Self(query))
            .map_err(|rejection| {
                ApiError::bad(format!("The query is invalid: {}.", rejection.body_text()))
            })
    }
}

/// Path parameters. Use [`PathId`] for a single id.
#[derive(Debug)]
pub(crate) struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        AxumPath::from_request_parts(parts, state)
            .await
            .map(|AxumPath(value)| Self(value))
            .map_err(|_| ApiError::NotFound("This object does not exist.".to_owned()))
    }
}

/// A single path parameter that is a UUID. Anything else is rejected with 404: it is not the id of an object.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PathId(pub Id);

impl<S: Send + Sync> FromRequestParts<S> for PathId {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Path(text) = Path::<String>::from_request_parts(parts, state).await?;
        parse_id(&text).map(PathId)
    }
}

/// Parses an id from a path.
pub(crate) fn parse_id(text: &str) -> Result<Id, ApiError> {
    text.parse()
        .map_err(|_| ApiError::NotFound(format!("{text:?} is not a valid UUID.")))
}

/// A boolean. Clients also send it as `"true"`, `"false"`, `"1"`, `"0"`, `1` or `0`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct LenientBool(pub bool);

impl<'de> Deserialize<'de> for LenientBool {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        match unquoted(&value).to_ascii_lowercase().as_str() {
            "true" | "1" => Ok(Self(true)),
            "false" | "0" => Ok(Self(false)),
            _ => Err(D::Error::custom(format!("{value} is not true or false"))),
        }
    }
}

/// An integer. Clients also send it as a string: `"3"` for `3`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct LenientInt(pub i64);

impl<'de> Deserialize<'de> for LenientInt {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        unquoted(&value)
            .parse()
            .map(LenientInt)
            .map_err(|_| D::Error::custom(format!("{value} is not an integer")))
    }
}

/// The text of a value, without quotation marks if it is a string.
fn unquoted(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// Deserializes a field where `null` means "no value" and a missing field means "unchanged":
/// `#[serde(default, deserialize_with = "double_option")] Option<Option<T>>`.
pub(crate) fn double_option<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// The query of a `GET` for one object: `allow_deleted` includes deleted objects.
#[derive(Deserialize)]
pub(crate) struct ReadQuery {
    allow_deleted: Option<LenientBool>,
}

impl ReadQuery {
    /// Whether deleted objects are included.
    pub(crate) fn allow_deleted(&self) -> bool {
        self.allow_deleted.as_ref().is_some_and(|flag| flag.0)
    }
}

/// The query of a `DELETE`: the version that the caller last read.
#[derive(Deserialize)]
pub(crate) struct VersionQuery {
    pub version: LenientInt,
}

/// Rejects a value that is not in the list.
pub(crate) fn one_of(field: &str, value: &str, allowed: &[&str]) -> Result<(), ApiError> {
    if allowed.contains(&value) {
        return Ok(());
    }
    Err(ApiError::bad(format!(
        "{field}: {value:?} is not one of {}.",
        allowed.join(", ")
    )))
}

/// Parses a comma-separated list of at most `max` ids from a query.
pub(crate) fn ids(name: &str, text: &str, max: usize) -> Result<Vec<Id>, ApiError> {
    let ids = text
        .split(',')
        .map(|part| {
            part.trim()
                .parse()
                .map_err(|_| ApiError::bad(format!("{name}: {part:?} is not a valid UUID.")))
        })
        .collect::<Result<Vec<Id>, ApiError>>()?;
    if ids.len() > max {
        return Err(ApiError::bad(format!(
            "{name}: {} ids, but at most {max} are allowed.",
            ids.len()
        )));
    }
    Ok(ids)
}
