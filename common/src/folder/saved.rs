//! What later examples read from the files of earlier ones.

use serde::Deserialize;

use crate::json::Id;

/// A saved tenant: `partner.json` or `customer.json`.
#[derive(Debug, Deserialize)]
pub struct SavedTenant {
    /// Its id.
    pub id: Id,
}
