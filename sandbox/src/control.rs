//! `/_sandbox`: for people who test with the sandbox. Answered to this machine only.

use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::State;
use crate::error::Result;

/// The control routes.
pub fn router() -> Router<State> {
    Router::new().route("/_sandbox/health", get(health))
}

async fn health(state: State) -> Result<Json<Value>> {
    let uptime = state.clock.now().millis() - state.started.millis();
    Ok(Json(json!({
        "status": "ok",
        "version": env!("CARGO_PKG_VERSION"),
        "uptime_ms": uptime,
    })))
}
