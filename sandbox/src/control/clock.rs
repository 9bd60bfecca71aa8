//! `/_sandbox/clock`: read and changed.

use axum::body::Bytes;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::clock::Change;
use crate::domain::Result;
use crate::http::extract;
use crate::state::State;
use crate::world::World;

/// Its routes.
pub(super) fn router() -> Router<State> {
    Router::new().route("/_sandbox/clock", get(read).put(change))
}

async fn read(world: World) -> Json<Value> {
    let setting = world.clock.setting();
    let now = world.clock.now().to_jiff();
    Json(json!({ "now": format!("{now:.3}"), "speed": setting.speed }))
}

async fn change(world: World, body: Bytes) -> Result<Json<Value>> {
    let change: Change = extract::fields(&body)?;
    world.change_clock(&change)?;
    Ok(read(world).await)
}
