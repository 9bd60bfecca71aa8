//! Enables the disabled offering items of one edition for each partner directly below the API client's tenant.
//!
//! **This changes what the partners can use and what they are billed for.**
//!
//! ```text
//! cargo run -p tenants --bin update_your_partners_to_all_offering_items_for_specific_edition
//! ```
//!
//! If the platform rejects one partner, the example continues with the rest, lists the failures, and exits with 1. The
//! settings `partner_tenant` and `edition` select the kind of tenant and the edition.
//!
//! - Calls: GET `/api/2/tenants/{me}/children`, GET `/api/2/tenants/{partner}/offering_items` for each partner,
//!   PUT `/api/2/tenants/{partner}/offering_items` if an item is disabled.
//! - If it fails midway: some partners are updated. Run the example again: it does not change them twice.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Lossless, Page, Platform, count, println, warn};
use serde_json::{Value, json};
use tenants::{OfferingItem, PartialFailures, Tenant, list_partners};

fn main() -> ExitCode {
    let about = common::about!()
        .ask_first("This changes what all your partners can use and what they are billed for.");
    common::run(about, update_partners)
}

fn update_partners(platform: &Platform) -> Result<()> {
    let edition = &platform.config().edition;
    // Customers are children too, but cannot have all that a partner can have.
    let partners = list_partners(platform).context("list the partners")?;

    let mut failures = PartialFailures::default();
    let mut updated = 0;
    for partner in &partners {
        let name = &partner.name;
        let outcome = enable_items(platform, partner, edition);
        if let Some(enabled) = failures.skip_rejected(outcome)? {
            println!("{name}: {} enabled", count(enabled, "offering item"));
            updated += 1;
        }
    }
    let updated = count(updated, "partner");
    println!("{updated} updated to all offering items of {edition}");
    failures.finish()
}

/// Enables the disabled offering items of a partner and returns their number.
fn enable_items(platform: &Platform, partner: &Tenant, edition: &str) -> Result<usize> {
    // The list contains enabled items and items that were enabled once. Items that belong to no edition are in it too.
    let path = format!("/api/2/tenants/{}/offering_items", partner.id);
    let mut items: Page<Lossless<OfferingItem>> = platform
        .get(&path)
        .query(&[("edition", edition)])
        .fetch()
        .with_context(|| format!("list the offering items of {}", partner.name))?;
    if !items.items.iter().any(|item| item.is_of_edition(edition)) {
        let name = &partner.name;
        warn!("{name} has no offering item of {edition}; the setting edition may be wrong");
    }
    items.items.retain(|item| item.is_disabled());

    let enable = |item: Lossless<OfferingItem>| item.with("status", 1);
    let items: Vec<Value> = items.items.into_iter().map(enable).collect();
    if !items.is_empty() {
        let request = json!({ "offering_items": items });
        platform
            .put(&path)
            .json(&request)
            .step_on("enable the offering items for", &partner.name)
            .send()?;
    }
    Ok(items.len())
}
