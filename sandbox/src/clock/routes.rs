//! `/_sandbox/clock`: read and changed.

use axum::body::Bytes;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::Change;
use crate::State;
use crate::error::Result;
use crate::extract;

/// Its routes.
pub(crate) fn router() -> Router<State> {
    Router::new().route("/_sandbox/clock", get(read).put(change))
}

async fn read(state: State) -> Json<Value> {
    let dial = state.clock.dial();
    let now = state.clock.now().timestamp();
    Json(json!({ "now": format!("{now:.3}"), "speed": dial.speed }))
}

async fn change(state: State, body: Bytes) -> Result<Json<Value>> {
    let change: Change = extract::fields(&body)?;
    state
        .clock
        .change(&change, |dial| state.store.keep_dial(dial))?;
    Ok(read(state).await)
}
