//! Switches on the offering items of one edition that are off, for each partner directly below the API client's tenant.
//!
//! ```text
//! cargo run -p tenants --bin update_your_partners_to_all_offering_items_for_specific_edition
//! ```
//!
//! Where the platform refuses it for one partner, the others have their turn all the same.
//!
//! - Asks for: nothing. Kind and edition come from the settings `partner_tenant` and `edition`.
//! - Needs: `api_client.json`, which `create_api_client` makes.
//! - Calls: GET `/api/2/tenants/{me}/children`; GET and, where something is off, PUT
//!   `/api/2/tenants/{partner}/offering_items` for each partner.
//! - Leaves: no file.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Platform, list, plain, text};
use serde_json::json;
use tenants::{Refusals, with_status};

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

    let mut refusals = Refusals::default();
    let mut count = 0;
    for partner in partners {
        let id = text(partner, "id").context("reading the partners")?;
        let name = plain(text(partner, "name").context("reading the partners")?);
        let switched = switch_on(platform, id)
            .with_context(|| format!("switching on the offering items of {name}"));
        if let Some(items) = refusals.pass(switched)? {
            println!("{name}: {items} offering items switched on");
            count += 1;
        }
    }

    let edition = &platform.config().edition;
    println!("{count} partners have all their offering items of {edition} on");
    Ok(refusals.end()?)
}

/// Switches on what is off in a partner, and tells how much that was.
fn switch_on(platform: &Platform, partner: &str) -> Result<usize> {
    // The list has what is on, and what is off and once was on. Items that belong to no edition come along.
    let path = format!("/api/2/tenants/{partner}/offering_items");
    let items = platform.get(&path, &[("edition", &platform.config().edition)])?;
    let off = list(&items, "items")?
        .iter()
        .filter(|item| item.get("status").is_some_and(|status| status == 0));
    let on = with_status(off, 1);
    if !on.is_empty() {
        platform.put(&path, &json!({ "offering_items": on }))?;
    }
    Ok(on.len())
}
