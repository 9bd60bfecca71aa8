//! What the authorization examples share: the models, and the files of the API client.

mod client_file;

pub use client_file::{check_client_file, rename_stale_files, save_client};

use common::Id;
use serde::Deserialize;

/// The signed-in user, the response of `GET /api/2/users/me`, as far as the examples need it.
#[derive(Debug, Deserialize)]
pub struct SignedInUser {
    /// The tenant that the user belongs to.
    pub tenant_id: Id,
}
