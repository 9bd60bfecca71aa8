//! Creates a partner tenant and enables the offering items of one edition for it.
//!
//! ```text
//! cargo run -p tenants --bin create_partner_tenant_and_assign_specific_edition
//! ```
//!
//! - Asks for: nothing. Kind and edition come from the settings `partner_tenant` and `edition`.
//! - Needs: `api_client.json`, which `create_api_client` makes.
//! - Calls: POST `/api/2/tenants`, GET `/api/2/tenants/{me}/offering_items/available_for_child`,
//!   PUT `/api/2/tenants/{new}/offering_items`.
//! - Leaves: `partner.json`, which the customer and user examples start from.
//! - Changes: creating the partner, enabling the offering items.
//! - Half way: a partner that was created stays, with nothing to sell yet. Run it again for another one, and delete this
//!   one in the management portal.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Platform, Step, list, random, text};
use serde_json::json;
use tenants::by_name;

fn main() -> ExitCode {
    common::run(common::about!(), create_partner)
}

fn create_partner(platform: &Platform) -> Result<()> {
    let me = platform.tenant_id();
    let kind = &platform.config().partner_tenant;
    let edition = &platform.config().edition;

    // A new partner lives directly under the tenant that owns the API client.
    let name = format!("Rust Partner {} v3.0", random());
    let request = json!({
        "name": name,
        "parent_id": me,
        "kind": kind,
    });
    let partner = platform
        .create("/api/2/tenants", &request, by_name)
        .step("creating the partner")?;
    let id = text(&partner, "id")?;
    platform.save("partner.json", &partner)?;

    // What may a child of this kind have in this edition?
    let path = format!("/api/2/tenants/{me}/offering_items/available_for_child");
    let available = platform
        .get(&path, &[("kind", kind), ("edition", edition)])
        .context("reading the available offering items")?;
    let items = list(&available, "items").context("reading the available offering items")?;

    // The new partner gets all of it.
    let path = format!("/api/2/tenants/{id}/offering_items");
    platform
        .put(&path, &json!({ "offering_items": items }))
        .step("enabling the offering items")?;

    println!(
        "{name} is a partner with {} offering items of {edition}, kept in partner.json",
        items.len()
    );
    Ok(())
}
