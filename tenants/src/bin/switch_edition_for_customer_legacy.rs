//! Creates a customer with the offering items of one edition and switches it to another one, item by item.
//!
//! ```text
//! cargo run -p tenants --bin switch_edition_for_customer_legacy
//! ```
//!
//! For platforms that cannot switch an edition themselves; see `switch_edition_for_customer`. Quotas do not go along.
//!
//! - Asks for: Enter, before the switch. The editions come from the settings `edition` and `switch_edition`.
//! - Needs: `api_client.json`, which `create_api_client` makes.
//! - Calls: POST `/api/2/tenants`, then GET `/api/2/tenants/{me}/offering_items/available_for_child` and
//!   PUT `/api/2/tenants/{new}/offering_items` twice.
//! - Leaves: no file.
//! - Changes: creating the customer, enabling the offering items, switching the offering items.
//! - Half way: a customer that was created stays, with the edition it has. Run it again for another one, and delete this
//!   one in the management portal.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Platform, Step, list, pause};
use serde_json::{Value, json};
use tenants::{CustomerToSwitch, create_customer_to_switch, for_customer, with_status};

fn main() -> ExitCode {
    common::run(common::about!(), switch_edition)
}

fn switch_edition(platform: &Platform) -> Result<()> {
    let me = platform.tenant_id();
    let kind = &platform.config().customer_tenant;
    let old_edition = &platform.config().edition;
    let new_edition = &platform.config().switch_edition;
    let CustomerToSwitch { name, id, items } = create_customer_to_switch(platform)?;

    // What could it have in the new edition?
    pause(&format!("switch it to {new_edition}"))?;
    let path = format!("/api/2/tenants/{me}/offering_items/available_for_child");
    let available = platform
        .get(&path, &[("kind", kind), ("edition", new_edition)])
        .context("reading the available offering items")?;
    let available = list(&available, "items").context("reading the available offering items")?;

    // A customer has a service in one edition, so one call switches the old items off and the new ones on. What
    // belongs to no edition stays as it is.
    let is_of = |item: &Value, edition: &str| item.get("edition").is_some_and(|it| it == edition);
    let old = with_status(items.iter().filter(|item| is_of(item, old_edition)), 0);
    let new = for_customer(available)
        .into_iter()
        .filter(|item| is_of(item, new_edition));
    let new = with_status(new, 1);
    let (off, on) = (old.len(), new.len());
    let items = [old, new].concat();
    let path = format!("/api/2/tenants/{id}/offering_items");
    platform
        .put(&path, &json!({ "offering_items": items }))
        .step("switching the offering items")?;

    println!("{name} has {on} offering items of {new_edition} now; {off} of {old_edition} are off");
    Ok(())
}
