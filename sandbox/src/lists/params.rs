//! What a list was asked for.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{boolean, cursor, place};
use crate::domain::{ApiError, Result};

/// The query string, each parameter as often as it came. Unknown ones are ignored, as the platform does.
#[derive(Clone, Debug, Default)]
pub(crate) struct Params(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        serde_urlencoded::from_str(parts.uri.query().unwrap_or(""))
            .map(Params)
            .map_err(|error| ApiError::bad(format!("The query cannot be used: {error}.")))
    }
}

impl Params {
    #[cfg(test)]
    pub(super) fn of(query: &[(&str, &str)]) -> Params {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Params(query.iter().map(owned).collect())
    }

    /// All values of a parameter.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        let named = self.0.iter().filter(|(known, _)| known == name);
        named.map(|(_, value)| value.as_str()).collect()
    }

    /// The value of a parameter that comes once.
    pub(crate) fn one(&self, name: &str) -> Result<Option<&str>> {
        match self.all(name).as_slice() {
            [] => Ok(None),
            [value] => Ok(Some(value)),
            _ => Err(ApiError::bad(format!("{name} is given more than once."))),
        }
    }

    /// A parameter that is true or false, and false if it is not there.
    pub(crate) fn flag(&self, name: &str) -> Result<bool> {
        let flag = self.one(name)?.map(boolean).transpose();
        Ok(flag.map_err(|error| error.of_field(name))?.unwrap_or(false))
    }

    /// How many rows a page has at most; none for all.
    fn limit(&self) -> Result<Option<i64>> {
        let Some(text) = self.one("limit")? else {
            return Ok(None);
        };
        match text.parse::<i64>() {
            Ok(limit) if limit >= 0 => Ok(Some(limit)),
            _ => Err(ApiError::bad(format!(
                "limit: {text:?} is not a number of rows."
            ))),
        }
    }

    /// What is asked for: the first page by this query, or a page by the cursor in it.
    ///
    /// `filters` are the parameters that a cursor carries, `order` among them.
    pub(crate) fn asked(&self, list: &str, filters: &[&str], ways: Ways) -> Result<Asked> {
        let limit = self.limit()?;
        let before = match ways {
            Ways::Both => self.one("before")?,
            Ways::Forward => None,
        };
        let (text, forward) = match (self.one("after")?, before) {
            (Some(_), Some(_)) => {
                return Err(ApiError::bad("after and before go with one another never."));
            }
            (Some(text), None) => (text, true),
            (None, Some(text)) => (text, false),
            (None, None) => {
                let named = |(name, _): &&(String, String)| filters.contains(&name.as_str());
                return Ok(Asked {
                    list: list.to_owned(),
                    params: Params(self.0.iter().filter(named).cloned().collect()),
                    limit,
                    start: Start::First,
                });
            }
        };
        let found: Cursor = place(text)?;
        if found.list != list {
            return Err(ApiError::bad(
                "after: not a cursor that this list has given out.",
            ));
        }
        let carried = Params(found.filters);
        for name in filters {
            let given = self.all(name);
            if !given.is_empty() && given != carried.all(name) {
                return Err(ApiError::bad(format!(
                    "{name} is another one than that of the cursor, which keeps the filters it was made with."
                )));
            }
        }
        Ok(Asked {
            list: found.list,
            params: carried,
            limit: limit.or(found.limit),
            start: match forward {
                true => Start::After(found.place),
                false => Start::Before(found.place),
            },
        })
    }
}

/// Which cursors a list takes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Ways {
    /// `after` only.
    Forward,
    /// `after` and `before`.
    Both,
}

/// A page that is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    list: String,
    /// The filters and the order, those of the cursor if there is one.
    pub params: Params,
    pub(super) limit: Option<i64>,
    pub(super) start: Start,
}

/// Where a page begins, or ends.
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
    place: Vec<Value>,
}

impl Asked {
    /// The whole of a list.
    pub(crate) fn first(list: &str) -> Asked {
        Asked {
            list: list.to_owned(),
            params: Params::default(),
            limit: None,
            start: Start::First,
        }
    }

    /// The cursor of a place in this list.
    pub(super) fn cursor(&self, place: Vec<Value>) -> Result<String> {
        cursor(&Cursor {
            list: self.list.clone(),
            filters: self.params.0.clone(),
            limit: self.limit,
            place,
        })
    }
}
