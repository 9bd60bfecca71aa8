//! `/_sandbox/faults`: the rules are listed, added and taken away.

use axum::body::Bytes;
use axum::http::StatusCode;
use axum::routing::{delete, get};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::domain::{ApiError, Result};
use crate::faults;
use crate::http::extract::{self, Path};
use crate::state::State;
use crate::world::World;

/// Its routes.
pub(super) fn router() -> Router<State> {
    Router::new()
        .route("/_sandbox/faults", get(list).post(add).delete(clear))
        .route("/_sandbox/faults/{id}", delete(remove))
}

async fn list(world: World) -> Json<Value> {
    Json(json!({ "items": world.faults.list() }))
}

/// One rule or a list of them; all of it or, if one is bad, nothing. Typed by hand it comes without a `Content-Type`.
async fn add(world: World, body: Bytes) -> Result<(StatusCode, Json<Value>)> {
    let value = extract::typed(&body)?;
    let several = value.is_array();
    let rules = faults::rules(value).map_err(|why| ApiError::bad(format!("{why}.")))?;
    let mut added = world.faults.add(rules);
    let answer = match added.pop() {
        Some(only) if !several => only,
        last => {
            added.extend(last);
            json!({ "items": added })
        }
    };
    Ok((StatusCode::CREATED, Json(answer)))
}

async fn clear(world: World) -> StatusCode {
    world.faults.clear();
    StatusCode::NO_CONTENT
}

async fn remove(world: World, Path(id): Path<String>) -> Result<StatusCode> {
    let found = id.parse().is_ok_and(|id| world.faults.remove(id));
    if found {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(ApiError::NotFound(format!("There is no rule {id:?}.")))
}
