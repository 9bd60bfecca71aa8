//! Preparation: a new tenant with offering items, which an example then switches or locks.

use anyhow::{Context, Result};
use common::{Id, Lossless, ObjectKind, Page, Platform, UserError, println, random_suffix};
use serde_json::json;

use crate::{
    OfferingItem, Tenant, count_items, edition::available_items, find_by_name,
    keep_one_storage_of_each_kind, require_edition,
};

/// A new tenant with the offering items of the setting `edition`.
#[derive(Debug)]
pub struct PreparedTenant {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub name: String,
    /// Its version. Enabling offering items does not change it.
    pub version: i64,
    /// The offering items that were enabled, in the form in which they were available.
    pub enabled_items: Vec<Lossless<OfferingItem>>,
}

/// Creates a customer below the API client's tenant and enables its offering items. The steps are `create the customer`
/// and `enable the offering items`.
///
/// # Errors
/// Those of [`require_edition`], [`Call::fetch`](common::Call::fetch) and
/// [`Call::fetch_or_find`](common::Call::fetch_or_find).
pub fn create_customer_to_switch(platform: &Platform) -> Result<PreparedTenant> {
    let edition = &platform.config().edition;
    if platform.config().switch_edition == *edition {
        return Err(UserError::new(
            format!("edition and switch_edition are both {edition}; nothing was created"),
            "Set switch_edition in cyber.platform.cfg.json to another edition.",
        )
        .into());
    }
    let name = format!("Rust Switch Edition Customer {} v3.0", random_suffix());
    let kind = &platform.config().customer_tenant;
    let keep = keep_one_storage_of_each_kind;
    create(platform, "create the customer", name, kind, keep)
}

/// Creates a partner below the API client's tenant and enables its offering items. The steps are `create the partner`
/// and `enable the offering items`.
///
/// # Errors
/// See [`create_customer_to_switch`].
pub fn create_partner_to_lock(platform: &Platform) -> Result<PreparedTenant> {
    let name = format!("Rust Locked Partner {} v3.0", random_suffix());
    let kind = &platform.config().partner_tenant;
    create(platform, "create the partner", name, kind, |_| ())
}

fn create(
    platform: &Platform,
    step: &str,
    name: String,
    kind: &str,
    keep: impl Fn(&mut Vec<Lossless<OfferingItem>>),
) -> Result<PreparedTenant> {
    let me = platform.tenant_id();
    let edition = &platform.config().edition;

    let available: Page<Lossless<OfferingItem>> =
        available_items(platform, kind, edition).context("list the available offering items")?;
    require_edition(platform, kind, edition, &available.items)?;
    let mut items = available.items;
    keep(&mut items);

    let request = json!({ "name": name, "parent_id": me, "kind": kind });
    let tenant: Lossless<Tenant> = platform
        .post("/api/2/tenants")
        .json(&request)
        .step_on(step, &name)
        .creates(ObjectKind::Tenant, &name, me)
        .fetch_or_find(|| find_by_name(platform, me, &name))?;

    platform
        .put(&format!("/api/2/tenants/{}/offering_items", tenant.id))
        .json(&json!({ "offering_items": items }))
        .step("enable the offering items")
        .send()?;

    println!("{name} created with {}", count_items(&items, edition));
    Ok(PreparedTenant {
        version: tenant.version,
        id: tenant.into_inner().id,
        name,
        enabled_items: items,
    })
}
