//! Creates a customer with the setting `edition` and switches it to the setting `switch_edition`, item by item.
//!
//! **On the real platform, an edition decides what a customer pays for.**
//!
//! ```text
//! cargo run -p tenants --bin switch_edition_for_customer_legacy
//! ```
//!
//! For platforms that cannot switch an edition in one call; see `switch_edition_for_customer`. Quotas are not kept.
//! Creating the customer and enabling its offering items, the first three calls, are in `tenants/src/prepare.rs`.
//!
//! - Prompts: Enter, before the switch.
//! - Calls: GET `/api/2/tenants/{me}/offering_items/available_for_child`, POST `/api/2/tenants`,
//!   PUT `/api/2/tenants/{new}/offering_items`; the first and the last again for the switch.
//! - If it fails midway: the customer may exist. Run the example again; `delete_created_objects` deletes both customers.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Lossless, Page, Platform, count, println, wait_for_enter};
use serde_json::{Value, json};
use tenants::{
    OfferingItem, create_customer_to_switch, keep_one_storage_of_each_kind, require_edition,
};

fn main() -> ExitCode {
    let steps = &[
        "create the customer",
        "enable the offering items",
        "switch the offering items",
    ];
    common::run(common::about!().steps(steps), switch_edition)
}

fn switch_edition(platform: &Platform) -> Result<()> {
    let me = platform.tenant_id();
    let kind = &platform.config().customer_tenant;
    let old_edition = &platform.config().edition;
    let new_edition = &platform.config().switch_edition;

    // The first three calls, in tenants/src/prepare.rs: list the offering items, create the customer and enable them.
    let customer = create_customer_to_switch(platform)?;

    // Which offering items can the customer have in the new edition? If there are none, nothing is switched.
    wait_for_enter(&format!("switch it to {new_edition}"))?;
    let path = format!("/api/2/tenants/{me}/offering_items/available_for_child");
    let available: Page<Lossless<OfferingItem>> = platform
        .get(&path)
        .query(&[("kind", kind), ("edition", new_edition)])
        .fetch()
        .context("list the available offering items")?;
    require_edition(platform, kind, new_edition, &available.items)?;

    // Items that belong to no edition stay as they are.
    let mut old = customer.enabled_items;
    old.retain(|item| item.is_of_edition(old_edition));
    let mut new = available.items;
    new.retain(|item| item.is_of_edition(new_edition));
    keep_one_storage_of_each_kind(&mut new);
    let (disabled, enabled) = (old.len(), new.len());

    // A customer can have a service in one edition only, so one call disables the old items and enables the new ones.
    // Each item says which with its status.
    let old = old.into_iter().map(|item| item.with("status", 0));
    let new = new.into_iter().map(|item| item.with("status", 1));
    let items: Vec<Value> = old.chain(new).collect();
    platform
        .put(&format!("/api/2/tenants/{}/offering_items", customer.id))
        .json(&json!({ "offering_items": items }))
        .step("switch the offering items")
        .send()?;

    let enabled = count(enabled, "offering item");
    println!(
        "{}: {enabled} of {new_edition} enabled, {disabled} of {old_edition} disabled",
        customer.name
    );
    Ok(())
}
