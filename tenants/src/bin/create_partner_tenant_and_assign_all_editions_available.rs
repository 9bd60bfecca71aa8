//! Creates a partner tenant and enables the offering items of all editions for it.
//!
//! ```text
//! cargo run -p tenants --bin create_partner_tenant_and_assign_all_editions_available
//! ```
//!
//! - Calls: GET `/api/2/tenants/{me}/offering_items/available_for_child`, POST `/api/2/tenants`,
//!   PUT `/api/2/tenants/{new}/offering_items`.
//! - Writes: `partner_all_editions.json`.
//! - If it fails midway: the partner may exist. Run the example again; `delete_created_objects` deletes both partners.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Lossless, ObjectKind, Page, Platform, println, random_suffix};
use serde_json::json;
use tenants::{OfferingItem, Tenant, count_items, find_by_name, require_edition};

fn main() -> ExitCode {
    let steps = &["create the partner", "enable the offering items"];
    common::run(common::about!().steps(steps), create_partner)
}

fn create_partner(platform: &Platform) -> Result<()> {
    let me = platform.tenant_id();
    let kind = &platform.config().partner_tenant;

    // A partner can have any number of editions. The asterisk stands for all of them. If there are none, nothing is
    // created.
    let path = format!("/api/2/tenants/{me}/offering_items/available_for_child");
    let available: Page<Lossless<OfferingItem>> = platform
        .get(&path)
        .query(&[("kind", kind), ("edition", "*")])
        .fetch()
        .context("list the available offering items")?;
    require_edition(platform, kind, "*", &available.items)?;

    // A new partner belongs directly to the tenant that owns the API client.
    let name = format!("Rust Partner All Editions {} v3.0", random_suffix());
    let request = json!({ "name": name, "parent_id": me, "kind": kind });
    let partner: Lossless<Tenant> = platform
        .post("/api/2/tenants")
        .json(&request)
        .step("create the partner")
        .creates(ObjectKind::Tenant, &name, me)
        .fetch_or_find(|| find_by_name(platform, me, &name))?;
    platform.save_new("partner_all_editions.json", &partner)?;

    // The new partner gets all of them.
    platform
        .put(&format!("/api/2/tenants/{}/offering_items", partner.id))
        .json(&json!({ "offering_items": available.items }))
        .step("enable the offering items")
        .send()?;

    let enabled = count_items(&available.items, "all editions");
    println!("{name} created with {enabled}, saved in partner_all_editions.json");
    Ok(())
}
