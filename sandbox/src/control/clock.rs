//! `/_sandbox/clock`: reads and sets the simulated clock.

use axum::body::Bytes;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;

use crate::clock::Change;
use crate::domain::Result;
use crate::http::extract;
use crate::state::State;
use crate::world::World;

/// The clock's routes.
pub(super) fn router() -> Router<State> {
    Router::new().route("/_sandbox/clock", get(read).put(change))
}

#[derive(Debug, Serialize)]
struct ClockState {
    /// The simulated time, in milliseconds precision.
    now: String,
    /// Simulated seconds per second.
    speed: f64,
}

async fn read(world: World) -> Json<ClockState> {
    let now = world.clock.now().to_jiff();
    Json(ClockState {
        now: format!("{now:.3}"),
        speed: world.clock.setting().speed,
    })
}

async fn change(world: World, body: Bytes) -> Result<Json<ClockState>> {
    let change: Change = extract::lenient_fields(&body)?;
    world.change_clock(&change)?;
    Ok(read(world).await)
}
