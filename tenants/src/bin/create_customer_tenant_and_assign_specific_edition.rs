//! Creates a customer tenant under the partner, enables the offering items of one edition and ends its trial.
//!
//! ```text
//! cargo run -p tenants --bin create_customer_tenant_and_assign_specific_edition
//! ```
//!
//! The last call puts the customer into production, which begins the billing and cannot be undone.
//!
//! - Asks for: nothing. Kind and edition come from the settings `customer_tenant` and `edition`.
//! - Needs: `api_client.json`, which `create_api_client` makes; `partner.json`, which
//!   `create_partner_tenant_and_assign_specific_edition` makes.
//! - Calls: POST `/api/2/tenants`, GET `/api/2/tenants/{me}/offering_items/available_for_child`,
//!   PUT `/api/2/tenants/{new}/offering_items`, GET and PUT `/api/2/tenants/{new}/pricing`.
//! - Leaves: `customer.json`, which the user examples start from; `customer_offering_items.json`.
//! - Changes: creating the customer, enabling the offering items, switching the customer to production.
//! - Half way: a customer that was created stays, in trial until the last change is made. Run it again for another one,
//!   and delete this one in the management portal.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Platform, Step, fields, list, random, text, warn};
use serde_json::json;
use tenants::by_name;

fn main() -> ExitCode {
    common::run(common::about!(), create_customer)
}

fn create_customer(platform: &Platform) -> Result<()> {
    let me = platform.tenant_id();
    let kind = &platform.config().customer_tenant;
    let edition = &platform.config().edition;
    let partner = platform.kept("partner.json", "id")?;

    // The customer lives under the partner of the step before.
    let name = format!("Rust Customer {} v3.0", random());
    let request = json!({
        "name": name,
        "parent_id": partner,
        "kind": kind,
    });
    let customer = platform
        .create("/api/2/tenants", &request, by_name)
        .step("creating the customer")?;
    let id = text(&customer, "id")?;
    platform.save("customer.json", &customer)?;

    // What may a child of this kind have in this edition? A customer has one storage of a kind.
    let path = format!("/api/2/tenants/{me}/offering_items/available_for_child");
    let available = platform
        .get(&path, &[("kind", kind), ("edition", edition)])
        .context("reading the available offering items")?;
    let items = list(&available, "items").context("reading the available offering items")?;
    let items = tenants::for_customer(items);

    let path = format!("/api/2/tenants/{id}/offering_items");
    let enabled = platform
        .put(&path, &json!({ "offering_items": items }))
        .step("enabling the offering items")?;
    list(&enabled, "items").context("enabling the offering items")?;
    platform.save("customer_offering_items.json", &enabled)?;

    // New customers are in trial. The whole answer goes back with another mode; its `version` shows that nobody has
    // changed it meanwhile.
    let path = format!("/api/2/tenants/{id}/pricing");
    let mut pricing = platform.get(&path, &[]).context("reading the pricing")?;
    fields(&mut pricing)?.insert("mode".into(), "production".into());
    warn("the customer goes into production, which cannot be undone");
    platform
        .put(&path, &pricing)
        .step("switching the customer to production")?;

    println!(
        "{name} is a customer in production with {} offering items of {edition}, kept in customer.json",
        items.len()
    );
    Ok(())
}
