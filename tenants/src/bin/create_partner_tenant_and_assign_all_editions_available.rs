//! Creates a partner tenant and enables the offering items of all editions for it.
//!
//! ```text
//! cargo run -p tenants --bin create_partner_tenant_and_assign_all_editions_available
//! ```
//!
//! - Asks for: nothing. The kind comes from the setting `partner_tenant`.
//! - Needs: `api_client.json`, which `create_api_client` makes.
//! - Calls: POST `/api/2/tenants`, GET `/api/2/tenants/{me}/offering_items/available_for_child`,
//!   PUT `/api/2/tenants/{new}/offering_items`.
//! - Leaves: `partner_all_editions.json`.
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

    // A new partner lives directly under the tenant that owns the API client.
    let name = format!("Rust Partner All Editions {} v3.0", random());
    let request = json!({
        "name": name,
        "parent_id": me,
        "kind": kind,
    });
    let partner = platform
        .create("/api/2/tenants", &request, by_name)
        .step("creating the partner")?;
    let id = text(&partner, "id")?;
    platform.save("partner_all_editions.json", &partner)?;

    // A partner may have any number of editions; the asterisk stands for all of them.
    let path = format!("/api/2/tenants/{me}/offering_items/available_for_child");
    let available = platform
        .get(&path, &[("kind", kind), ("edition", "*")])
        .context("reading the available offering items")?;
    let items = list(&available, "items").context("reading the available offering items")?;

    // The new partner gets all of it.
    let path = format!("/api/2/tenants/{id}/offering_items");
    platform
        .put(&path, &json!({ "offering_items": items }))
        .step("enabling the offering items")?;

    println!(
        "{name} is a partner with {} offering items of all editions, kept in partner_all_editions.json",
        items.len()
    );
    Ok(())
}
