//! The query of a list request.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{boolean, decode_cursor, encode_cursor, foreign_cursor};
use crate::domain::{ApiError, Result};

/// The query string. Parameters may be repeated; unknown ones are ignored, as on the platform.
#[derive(Clone, Debug, Default)]
pub(crate) struct Params(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        serde_urlencoded::from_str(parts.uri.query().unwrap_or(""))
            .map(Self)
            .map_err(|error| ApiError::bad(format!("The query string is invalid: {error}.")))
    }
}

impl Params {
    #[cfg(test)]
    pub(super) fn of(query: &[(&str, &str)]) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self(query.iter().map(owned).collect())
    }

    /// All values of a parameter.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        let named = self.0.iter().filter(|(known, _)| known == name);
        named.map(|(_, value)| value.as_str()).collect()
    }

    /// The value of a parameter that must not be repeated.
    pub(crate) fn one(&self, name: &str) -> Result<Option<&str>> {
        match self.all(name).as_slice() {
            [] => Ok(None),
            [value] => Ok(Some(value)),
            _ => Err(ApiError::bad(format!("{name} is given more than once."))),
        }
    }

    /// A boolean parameter, `false` by default.
    pub(crate) fn flag(&self, name: &str) -> Result<bool> {
        let flag = self.one(name)?.map(boolean).transpose();
        Ok(flag.map_err(|error| error.of_field(name))?.unwrap_or(false))
    }

    /// The maximum number of rows on a page; `None` for all rows.
    fn limit(&self) -> Result<Option<i64>> {
        let Some(text) = self.one("limit")? else {
            return Ok(None);
        };
        match text.parse::<i64>() {
            Ok(limit) if limit >= 0 => Ok(Some(limit)),
            _ => Err(ApiError::bad(format!(
                "limit: {text:?} is not a non-negative integer."
            ))),
        }
    }

    /// The page that the query requests: the first one, or the one at its cursor.
    ///
    /// `filters` are the parameters that a cursor contains, including `order`.
    pub(crate) fn page_request(
        &self,
        list: &str,
        filters: &[&str],
        directions: Directions,
    ) -> Result<PageRequest> {
        let limit = self.limit()?;
        let before = match directions {
            Directions::Both => self.one("before")?,
            Directions::Forward => None,
        };
        let (text, forward) = match (self.one("after")?, before) {
            (Some(_), Some(_)) => {
                return Err(ApiError::bad("after and before cannot be combined."));
            }
            (Some(text), None) => (text, true),
            (None, Some(text)) => (text, false),
            (None, None) => {
                let is_filter = |(name, _): &&(String, String)| filters.contains(&name.as_str());
                return Ok(PageRequest {
                    list: list.to_owned(),
                    params: Self(self.0.iter().filter(is_filter).cloned().collect()),
                    limit,
                    start: Start::First,
                });
            }
        };
        let cursor: Cursor = decode_cursor(text)?;
        if cursor.list != list {
            return Err(foreign_cursor());
        }
        let params = Self(cursor.filters);
        for name in filters {
            let given = self.all(name);
            if !given.is_empty() && given != params.all(name) {
                return Err(ApiError::bad(format!(
                    "{name} differs from the filter in the cursor. Filters cannot be changed while paging."
                )));
            }
        }
        Ok(PageRequest {
            list: cursor.list,
            params,
            limit: limit.or(cursor.limit),
            start: match forward {
                true => Start::After(cursor.position),
                false => Start::Before(cursor.position),
            },
        })
    }
}

/// The directions in which a list can be paged.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Directions {
    /// Only the cursor `after`.
    Forward,
    /// The cursors `after` and `before`.
    Both,
}

/// A request for a page of a list.
#[derive(Clone, Debug)]
pub(crate) struct PageRequest {
    list: String,
    /// The filters and the order, taken from the cursor if there is one.
    pub params: Params,
    pub(super) limit: Option<i64>,
    pub(super) start: Start,
}

/// The edge of a page, by its sort keys.
#[derive(Clone, Debug)]
pub(super) enum Start {
    First,
    After(Vec<Value>),
    Before(Vec<Value>),
}

#[derive(Deserialize, Serialize)]
struct Cursor {
    list: String,
    filters: Vec<(String, String)>,
    limit: Option<i64>,
    #[serde(rename = "place")]
    position: Vec<Value>,
}

impl PageRequest {
    /// Requests all rows of a list.
    pub(crate) fn whole_list(list: &str) -> Self {
        Self {
            list: list.to_owned(),
            params: Params::default(),
            limit: None,
            start: Start::First,
        }
    }

    /// The cursor of the row with these sort keys.
    pub(super) fn cursor(&self, position: Vec<Value>) -> Result<String> {
        encode_cursor(&Cursor {
            list: self.list.clone(),
            filters: self.params.0.clone(),
            limit: self.limit,
            position,
        })
    }
}
