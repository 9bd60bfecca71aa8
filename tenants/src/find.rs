//! Finding a tenant by name, after a POST whose outcome is unknown.

use anyhow::Result;
use common::{Id, Lossless, Platform};

use crate::Tenant;

/// Finds a tenant by its name below its parent, where names are unique.
///
/// # Errors
/// Those of [`Platform::find_item`] and [`Call::fetch`](common::Call::fetch).
pub fn find_by_name(
    platform: &Platform,
    parent: &Id,
    name: &str,
) -> Result<Option<Lossless<Tenant>>> {
    const PATH: &str = "/api/2/tenants";

    let query = [("parent_id", parent.as_ref()), ("lod", "basic")];
    let found = platform.find_item(PATH, &query, |tenant: &Tenant| tenant.name == name)?;
    // The list contains only some of the fields.
    let read = |found: Tenant| platform.get(&format!("{PATH}/{}", found.id)).fetch();
    found.map(read).transpose()
}
