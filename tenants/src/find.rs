//! Finding tenants: the partners, and a tenant by name after a POST whose outcome is unknown.

use anyhow::Result;
use common::{Id, Lossless, Page, Platform};

use crate::Tenant;

/// Lists the partners directly below the API client's tenant. The setting `partner_tenant` selects the kind of tenant.
///
/// # Errors
/// Those of [`Call::fetch`](common::Call::fetch).
pub fn list_partners(platform: &Platform) -> Result<Vec<Tenant>> {
    let children: Page<Tenant> = platform
        .get(&format!("/api/2/tenants/{}/children", platform.tenant_id()))
        .query(&[("include_details", "true")])
        .fetch()?;
    let kind = &platform.config().partner_tenant;
    let partners = children.items.into_iter();
    Ok(partners.filter(|child| child.kind == *kind).collect())
}

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
