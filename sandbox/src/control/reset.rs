//! `/_sandbox/reset`.

use axum::http::StatusCode;

use crate::domain::Result;
use crate::seed;
use crate::state::State;

/// Resets the world to its seed. The administrator's password does not change.
pub(super) async fn reset(state: State) -> Result<StatusCode> {
    seed::reset(&state.world, &state.options)?;
    Ok(StatusCode::NO_CONTENT)
}
