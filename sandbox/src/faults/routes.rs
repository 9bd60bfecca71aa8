//! `/_sandbox/faults`: the rules are listed, added and taken away.

use axum::body::Bytes;
use axum::http::StatusCode;
use axum::routing::{delete, get};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::form;
use crate::State;
use crate::error::{Refusal, Result};
use crate::extract::{self, Path};

/// Its routes.
pub(crate) fn router() -> Router<State> {
    Router::new()
        .route("/_sandbox/faults", get(list).post(add).delete(clear))
        .route("/_sandbox/faults/{id}", delete(remove))
}

async fn list(state: State) -> Json<Value> {
    Json(json!({ "items": state.faults.list() }))
}

/// One rule or a list of them; all of it or, if one is bad, nothing. Typed by hand it comes without a `Content-Type`.
async fn add(state: State, body: Bytes) -> Result<(StatusCode, Json<Value>)> {
    let value = extract::typed(&body)?;
    let several = value.is_array();
    let rules = form::rules(value).map_err(|why| Refusal::bad(format!("{why}.")))?;
    let mut added = state.faults.add(rules);
    let answer = match added.pop() {
        Some(only) if !several => only,
        last => {
            added.extend(last);
            json!({ "items": added })
        }
    };
    Ok((StatusCode::CREATED, Json(answer)))
}

async fn clear(state: State) -> StatusCode {
    state.faults.clear();
    StatusCode::NO_CONTENT
}

async fn remove(state: State, Path(id): Path<String>) -> Result<StatusCode> {
    let found = id.parse().is_ok_and(|id| state.faults.remove(id));
    if found {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Refusal::NotFound(format!("There is no rule {id:?}.")))
}
