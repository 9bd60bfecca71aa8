//! `/_sandbox/outbox`: the mails that the platform would have sent.

use axum::Json;
use serde_json::{Value, json};

use crate::domain::Result;
use crate::world::World;

/// The mails that would have been sent, oldest first.
pub(super) async fn outbox(world: World) -> Result<Json<Value>> {
    Ok(Json(json!({ "items": world.store.mails()? })))
}
