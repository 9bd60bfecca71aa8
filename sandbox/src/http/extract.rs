//! What comes in: body, query, path and form, each refused the platform's way when it cannot be used.
//!
//! axum's own extractors answer in plain text, which no client of the platform can read.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path as AxumPath, Query as AxumQuery, Request};
use axum::http::{HeaderMap, header, request::Parts};
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::domain::{ApiError, Id};

/// A JSON body. Wrong `Content-Type`: 415; broken, a field missing or of the wrong type: 400.
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
        // A list would be taken for the fields in their order.
        if bytes.trim_ascii_start().starts_with(b"[") {
            return Err(ApiError::bad("The body cannot be used: no JSON object."));
        }
        serde_json::from_slice(&bytes)
            .map(Body)
            .map_err(|error| ApiError::bad(format!("The body cannot be used: {error}.")))
    }
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
            .map_err(|error| ApiError::bad(format!("The form cannot be used: {error}.")))
    }
}

fn expect_type(
    headers: &HeaderMap,
    fits: impl Fn(&str) -> bool,
    wanted: &str,
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
    if fits(&kind) {
        return Ok(());
    }
    Err(ApiError::UnsupportedMediaType(match given {
        "" => format!("The body needs the header Content-Type: {wanted}."),
        other => format!("Content-Type is {other}, this call takes {wanted}."),
    }))
}

/// The JSON of a body that people may type by hand, whatever its `Content-Type`.
pub(crate) fn typed(body: &[u8]) -> Result<Value, ApiError> {
    serde_json::from_slice(body)
        .map_err(|error| ApiError::bad(format!("The body cannot be used: {error}.")))
}

/// The fields of such a body. What is wrong names the field.
pub(crate) fn fields<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    let value = typed(body)?;
    if !value.is_object() {
        return Err(ApiError::bad("The body cannot be used: no JSON object."));
    }
    serde_path_to_error::deserialize(value).map_err(|error| {
        let field = error.path().to_string();
        ApiError::bad(format!("{field}: {}.", error.into_inner()))
    })
}

/// The query string. Unknown keys are ignored, as the platform does.
#[derive(Debug)]
pub(crate) struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        AxumQuery::try_from_uri(&parts.uri)
            .map(|AxumQuery(query)| Self(query))
            .map_err(|rejection| {
                ApiError::bad(format!(
                    "The query cannot be used: {}.",
                    rejection.body_text()
                ))
            })
    }
}

/// Path parameters as they are. For identifiers take [`PathId`].
#[derive(Debug)]
pub(crate) struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        AxumPath::from_request_parts(parts, state)
            .await
            .map(|AxumPath(value)| Self(value))
            .map_err(|_| ApiError::NotFound("There is no such object.".to_owned()))
    }
}

/// The only path parameter, a UUID. What is none names no object: 404.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PathId(pub Id);

impl<S: Send + Sync> FromRequestParts<S> for PathId {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Path(text) = Path::<String>::from_request_parts(parts, state).await?;
        parse_id(&text).map(PathId)
    }
}

/// An identifier out of a path.
pub(crate) fn parse_id(text: &str) -> Result<Id, ApiError> {
    text.parse()
        .map_err(|_| ApiError::NotFound(format!("{text:?} is not the id of anything: no UUID.")))
}

/// A boolean that clients also send as `"true"`, `"false"`, `"1"`, `"0"`, `1` or `0`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct LenientBool(pub bool);

impl<'de> Deserialize<'de> for LenientBool {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        match plain(&value).to_ascii_lowercase().as_str() {
            "true" | "1" => Ok(Self(true)),
            "false" | "0" => Ok(Self(false)),
            _ => Err(D::Error::custom(format!("{value} is not true or false"))),
        }
    }
}

/// An integer that clients also send as a string, `"3"` for `3`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct LenientInt(pub i64);

impl<'de> Deserialize<'de> for LenientInt {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        plain(&value)
            .parse()
            .map(LenientInt)
            .map_err(|_| D::Error::custom(format!("{value} is not an integer")))
    }
}

/// A value without the quotation marks it may have come in.
fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// For fields where `null` means "none" and a missing one "as it is":
/// `#[serde(default, deserialize_with = "extract::present")] Option<Option<T>>`.
pub(crate) fn double_option<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// The query of a read: `allow_deleted` asks for what is deleted, too.
#[derive(Deserialize)]
pub(crate) struct ReadQuery {
    allow_deleted: Option<LenientBool>,
}

impl ReadQuery {
    /// Whether deleted ones are asked for.
    pub(crate) fn allow_deleted(&self) -> bool {
        self.allow_deleted.as_ref().is_some_and(|flag| flag.0)
    }
}

/// The query of a deletion: the version that the caller knows.
#[derive(Deserialize)]
pub(crate) struct VersionQuery {
    pub version: LenientInt,
}

/// Refuses a value that is none of those allowed.
pub(crate) fn one_of(field: &str, value: &str, allowed: &[&str]) -> Result<(), ApiError> {
    if allowed.contains(&value) {
        return Ok(());
    }
    Err(ApiError::bad(format!(
        "{field}: {value:?} is not one of {}.",
        allowed.join(", ")
    )))
}

/// A comma-separated list of ids out of a query, at most `most`.
pub(crate) fn ids(name: &str, text: &str, most: usize) -> Result<Vec<Id>, ApiError> {
    let ids = text
        .split(',')
        .map(|part| {
            part.trim()
                .parse()
                .map_err(|_| ApiError::bad(format!("{name}: {part:?} is no UUID.")))
        })
        .collect::<Result<Vec<Id>, ApiError>>()?;
    if ids.len() > most {
        return Err(ApiError::bad(format!(
            "{name}: {} given, {most} allowed.",
            ids.len()
        )));
    }
    Ok(ids)
}
