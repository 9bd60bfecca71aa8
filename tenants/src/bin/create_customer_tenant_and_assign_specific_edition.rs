//! Creates a customer tenant under the partner, enables the offering items of one edition and ends the trial.
//!
//! **Ending the trial starts production: the customer is billed from then on. It cannot be undone.**
//!
//! ```text
//! cargo run -p tenants --bin create_customer_tenant_and_assign_specific_edition
//! ```
//!
//! - Needs: `partner.json`, which `create_partner_tenant_and_assign_specific_edition` writes.
//! - Calls: GET `/api/2/tenants/{me}/offering_items/available_for_child`, POST `/api/2/tenants`,
//!   PUT `/api/2/tenants/{new}/offering_items`, GET `/api/2/tenants/{new}/pricing`, PUT `/api/2/tenants/{new}/pricing`.
//! - Writes: `customer.json`, which many examples need; `customer_offering_items.json`.
//! - If it fails midway: the customer may exist. Run the example again; `delete_created_objects` deletes both customers.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Lossless, ObjectKind, Page, Platform, SavedTenant, println, random_suffix, warn};
use serde_json::json;
use tenants::{
    OfferingItem, Pricing, Tenant, count_items, find_by_name, keep_one_storage_of_each_kind,
    require_edition,
};

fn main() -> ExitCode {
    let steps = &[
        "create the customer",
        "enable the offering items",
        "start production",
    ];
    let about = common::about!().steps(steps).ask_first(
        "This starts production for a new customer, which is billed from then on. It cannot be undone.",
    );
    common::run(about, create_customer)
}

fn create_customer(platform: &Platform) -> Result<()> {
    let me = platform.tenant_id();
    let kind = &platform.config().customer_tenant;
    let edition = &platform.config().edition;
    let partner: SavedTenant = platform.load("partner.json")?;

    // Which offering items can a child of this kind have in this edition? If there are none, nothing is created.
    let path = format!("/api/2/tenants/{me}/offering_items/available_for_child");
    let mut available: Page<Lossless<OfferingItem>> = platform
        .get(&path)
        .query(&[("kind", kind), ("edition", edition)])
        .fetch()
        .context("list the available offering items")?;
    require_edition(platform, kind, edition, &available.items)?;

    // The customer belongs to the partner created in the previous example.
    let name = format!("Rust Customer {} v3.0", random_suffix());
    let customer: Lossless<Tenant> = platform
        .post("/api/2/tenants")
        .json(&json!({ "name": name, "parent_id": partner.id, "kind": kind }))
        .step("create the customer")
        .creates(ObjectKind::Tenant, &name, &partner.id)
        .fetch_or_find(|| find_by_name(platform, &partner.id, &name))?;
    platform.save_new("customer.json", &customer)?;

    // A customer has one storage of each kind.
    keep_one_storage_of_each_kind(&mut available.items);
    let request = json!({ "offering_items": available.items });
    let path = format!("/api/2/tenants/{}/offering_items", customer.id);
    let enable = platform.put(&path).json(&request);
    enable.step("enable the offering items").send()?;
    platform.save("customer_offering_items.json", &request)?;

    // A new customer is in trial. The pricing is sent back with another mode. Its version must be the current one.
    let path = format!("/api/2/tenants/{}/pricing", customer.id);
    let pricing: Lossless<Pricing> = platform.get(&path).fetch().context("read the pricing")?;
    warn!("starting production for the customer, which cannot be undone");
    let request = pricing.with("mode", "production");
    let start = platform.put(&path).json(&request);
    start.step("start production").send()?;
    let enabled = count_items(&available.items, edition);
    println!("{name} created in production with {enabled}, saved in customer.json");
    Ok(())
}
