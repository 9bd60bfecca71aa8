//! `/_sandbox/health`.

use axum::Json;
use serde_json::{Value, json};

use crate::domain::Result;
use crate::state::State;

pub(super) async fn health(state: State) -> Result<Json<Value>> {
    let uptime = u64::try_from(state.started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let counts = state.world.store.counts()?;
    Ok(Json(json!({
        "status": "ok",
        "version": env!("CARGO_PKG_VERSION"),
        "uptime_ms": uptime,
        "counts": {
            "tenants": counts.tenants,
            "users": counts.users,
            "clients": counts.clients,
            "mails": counts.mails,
            "requests": state.world.request_log.len(),
        },
    })))
}
