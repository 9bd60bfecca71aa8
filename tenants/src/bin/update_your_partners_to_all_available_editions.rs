//! Enables all offering items of all editions for each partner directly below the API client's tenant.
//!
//! ```text
//! cargo run -p tenants --bin update_your_partners_to_all_available_editions
//! ```
//!
//! Where the platform refuses it for one partner, the others have their turn all the same.
//!
//! - Asks for: nothing. The kind comes from the setting `partner_tenant`.
//! - Needs: `api_client.json`, which `create_api_client` makes.
//! - Calls: GET `/api/2/tenants/{me}/children`, GET `/api/2/tenants/{me}/offering_items/available_for_child`,
//!   PUT `/api/2/tenants/{partner}/offering_items` for each partner.
//! - Leaves: no file.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Platform, list, plain, text};
use serde_json::{Value, json};
use tenants::Refusals;

fn main() -> ExitCode {
    common::run(common::about!(), update_partners)
}

fn update_partners(platform: &Platform) -> Result<()> {
    let me = platform.tenant_id();
    let kind = &platform.config().partner_tenant;

    // Customers are children too, and cannot have what a partner has.
    let children = platform
        .get(
            &format!("/api/2/tenants/{me}/children"),
            &[("include_details", "true")],
        )
        .context("reading the partners")?;
    let partners = list(&children, "items")
        .context("reading the partners")?
        .iter()
        .filter(|child| child.get("kind").is_some_and(|it| it == kind));

    // What belongs to no edition is left as each partner has it.
    let path = format!("/api/2/tenants/{me}/offering_items/available_for_child");
    let available = platform
        .get(&path, &[("kind", kind), ("edition", "*")])
        .context("reading the available offering items")?;
    let items: Vec<&Value> = list(&available, "items")
        .context("reading the available offering items")?
        .iter()
        .filter(|item| item.get("edition").is_some_and(|it| !it.is_null()))
        .collect();
    let request = json!({ "offering_items": items });

    let mut refusals = Refusals::default();
    let mut count = 0;
    for partner in partners {
        let id = text(partner, "id").context("reading the partners")?;
        let name = plain(text(partner, "name").context("reading the partners")?);
        let updated = platform
            .put(&format!("/api/2/tenants/{id}/offering_items"), &request)
            .with_context(|| format!("enabling the offering items for {name}"));
        if refusals.pass(updated)?.is_some() {
            println!("{name} has {} offering items", items.len());
            count += 1;
        }
    }

    println!("{count} partners have the offering items of all editions");
    Ok(refusals.end()?)
}
