//! `/_sandbox/outbox`: the e-mails that the platform would have sent.

use axum::Json;

use super::Items;
use crate::domain::Result;
use crate::store::outbox::Sent;
use crate::world::World;

/// The e-mails, oldest first.
pub(super) async fn outbox(world: World) -> Result<Json<Items<Sent>>> {
    let items = world.store.mails()?;
    Ok(Json(Items { items }))
}
