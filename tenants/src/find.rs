//! Finding a tenant by name, after a POST whose outcome is unknown.

use anyhow::Result;
use common::{CursorGuard, Id, Lossless, Page, Platform};

use crate::Tenant;

/// Finds a tenant by its name below its parent, where names are unique.
///
/// # Errors
/// Those of [`Call::fetch`](common::Call::fetch), and an [`UnexpectedResponse`](common::UnexpectedResponse) if the list
/// of tenants does not end.
pub fn find_by_name(
    platform: &Platform,
    parent: &Id,
    name: &str,
) -> Result<Option<Lossless<Tenant>>> {
    const PATH: &str = "/api/2/tenants";

    let mut guard = CursorGuard::new(PATH);
    let mut cursor: Option<String> = None;
    loop {
        let mut call = platform
            .get(PATH)
            .query(&[("parent_id", parent), ("lod", "basic")]);
        if let Some(cursor) = &cursor {
            call = call.query(&[("after", cursor)]);
        }
        let page: Page<Tenant> = call.fetch()?;
        if let Some(found) = page.items.iter().find(|tenant| tenant.name == name) {
            // The list contains only some of the fields.
            return platform.get(&format!("{PATH}/{}", found.id)).fetch();
        }
        let Some(next) = page.next_cursor() else {
            return Ok(None);
        };
        guard.check(next)?;
        cursor = Some(next.to_owned());
    }
}
