//! `/_sandbox/health`: version, uptime and the number of objects.

use axum::Json;
use serde::Serialize;

use crate::domain::Result;
use crate::state::State;

#[derive(Debug, Serialize)]
pub(super) struct Health {
    status: &'static str,
    version: &'static str,
    uptime_ms: u64,
    counts: Counts,
}

#[derive(Debug, Serialize)]
struct Counts {
    /// Without the personal tenants of users.
    tenants: i64,
    users: i64,
    clients: i64,
    mails: i64,
    requests: usize,
}

pub(super) async fn health(state: State) -> Result<Json<Health>> {
    let uptime = state.started.elapsed();
    let counts = state.world.store.counts()?;
    Ok(Json(Health {
        status: "ok",
        version: env!("CARGO_PKG_VERSION"),
        uptime_ms: u64::try_from(uptime.as_millis()).unwrap_or(u64::MAX),
        counts: Counts {
            tenants: counts.tenants,
            users: counts.users,
            clients: counts.clients,
            mails: counts.mails,
            requests: state.world.request_log.len(),
        },
    }))
}
