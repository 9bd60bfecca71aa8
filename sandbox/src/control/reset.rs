//! `/_sandbox/reset`.

use axum::http::StatusCode;

use crate::domain::Result;
use crate::seed;
use crate::state::State;

/// Returns the world to its seed. The administrator's password stays.
pub(super) async fn reset(state: State) -> Result<StatusCode> {
    seed::reset(&state.world, &state.options)?;
    Ok(StatusCode::NO_CONTENT)
}
