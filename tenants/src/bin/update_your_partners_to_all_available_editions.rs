//! Enables the offering items of all editions for each partner directly below the API client's tenant.
//!
//! **This changes what the partners can use and what they are billed for.**
//!
//! ```text
//! cargo run -p tenants --bin update_your_partners_to_all_available_editions
//! ```
//!
//! If the platform rejects one partner, the example continues with the rest, lists the failures, and exits with 1. The
//! setting `partner_tenant` selects the kind of tenant.
//!
//! - Calls: GET `/api/2/tenants/{me}/children`, GET `/api/2/tenants/{me}/offering_items/available_for_child`,
//!   GET `/api/2/tenants/{partner}/offering_items` and PUT `/api/2/tenants/{partner}/offering_items` for each partner.
//! - If it fails midway: some partners are updated. Run the example again: it does not change them twice.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Lossless, Page, Platform, count, println};
use serde_json::{Value, json};
use tenants::{OfferingItem, PartialFailures, Tenant, count_items, list_partners};

fn main() -> ExitCode {
    let about = common::about!()
        .ask_first("This changes what all your partners can use and what they are billed for.");
    common::run(about, update_partners)
}

fn update_partners(platform: &Platform) -> Result<()> {
    let me = platform.tenant_id();
    let kind = &platform.config().partner_tenant;
    // Customers are children too, but cannot have all that a partner can have.
    let partners = list_partners(platform).context("list the partners")?;

    // Items that belong to no edition stay as each partner has them.
    let mut available: Page<Lossless<OfferingItem>> = platform
        .get(&format!(
            "/api/2/tenants/{me}/offering_items/available_for_child"
        ))
        .query(&[("kind", kind), ("edition", "*")])
        .fetch()
        .context("list the available offering items")?;
    available.items.retain(|item| item.has_edition());

    let mut failures = PartialFailures::default();
    let mut updated = 0;
    for partner in &partners {
        let outcome = enable(platform, partner, &available.items);
        if failures.skip_rejected(outcome)?.is_some() {
            let enabled = count_items(&available.items, "all editions");
            println!("{}: {enabled} enabled", partner.name);
            updated += 1;
        }
    }
    println!("{} updated to all editions", count(updated, "partner"));
    failures.finish()
}

/// Enables the available items for a partner.
fn enable(platform: &Platform, partner: &Tenant, items: &[Lossless<OfferingItem>]) -> Result<()> {
    let path = format!("/api/2/tenants/{}/offering_items", partner.id);
    let current: Page<Lossless<OfferingItem>> = platform
        .get(&path)
        .query(&[("edition", "*")])
        .fetch()
        .with_context(|| format!("list the offering items of {}", partner.name))?;

    // An item that the partner has already keeps its quota. The platform rejects a quota without its current version.
    let enable = |item: &Lossless<OfferingItem>| {
        let own = current.items.iter().find(|own| own.is_same_as(item));
        own.unwrap_or(item).clone().with("status", 1)
    };
    let items: Vec<Value> = items.iter().map(enable).collect();
    platform
        .put(&path)
        .json(&json!({ "offering_items": items }))
        .step_on("enable the offering items for", &partner.name)
        .send()
}
