//! What the authorization examples read: the models.

use common::Id;
use serde::Deserialize;

/// The signed-in user, the response of `GET /api/2/users/me`, as far as the examples need it.
#[derive(Debug, Deserialize)]
pub struct SignedInUser {
    /// The tenant that the user belongs to.
    pub tenant_id: Id,
}
