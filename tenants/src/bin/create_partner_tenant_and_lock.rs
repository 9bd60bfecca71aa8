//! Creates a partner tenant, locks it, unlocks it, disables it and deletes it, with a pause before each step.
//!
//! ```text
//! cargo run -p tenants --bin create_partner_tenant_and_lock
//! ```
//!
//! - Asks for: Enter, four times. Kind and edition come from the settings `partner_tenant` and `edition`.
//! - Needs: `api_client.json`, which `create_api_client` makes.
//! - Calls: POST `/api/2/tenants`, GET `/api/2/tenants/{me}/offering_items/available_for_child`,
//!   PUT `/api/2/tenants/{new}/offering_items`, PUT `/api/2/tenants/{new}` three times, DELETE `/api/2/tenants/{new}`.
//! - Leaves: no file, and no partner in the end.
//! - Changes: creating the partner, enabling the offering items, locking it, unlocking it, disabling it, deleting it.
//! - Half way: a partner that was created stays as it is. Delete it in the management portal; unlock it there first where
//!   it is locked.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Platform, Step, integer, list, pause, random, text};
use serde_json::json;
use tenants::by_name;

fn main() -> ExitCode {
    common::run(common::about!(), create_and_lock)
}

fn create_and_lock(platform: &Platform) -> Result<()> {
    let me = platform.tenant_id();
    let kind = &platform.config().partner_tenant;
    let edition = &platform.config().edition;

    let name = format!("Rust Locked Partner {} v3.0", random());
    let request = json!({ "name": name, "parent_id": me, "kind": kind });
    let partner = platform
        .create("/api/2/tenants", &request, by_name)
        .step(format!("creating the partner {name}"))?;
    let id = text(&partner, "id")?;
    let tenant = format!("/api/2/tenants/{id}");

    let path = format!("/api/2/tenants/{me}/offering_items/available_for_child");
    let available = platform
        .get(&path, &[("kind", kind), ("edition", edition)])
        .context("reading the available offering items")?;
    let items = list(&available, "items").context("reading the available offering items")?;
    let path = format!("{tenant}/offering_items");
    platform
        .put(&path, &json!({ "offering_items": items }))
        .step("enabling the offering items")?;
    println!("{name} is a partner with {} offering items", items.len());

    // While it is locked, only its owner changes or deletes it. Each change names the version that it was made for.
    pause("lock it")?;
    let version = integer(&partner, "version").context("creating the partner")?;
    let lock = json!({ "update_lock": { "owner_id": me, "enabled": true }, "version": version });
    let partner = platform.put(&tenant, &lock).step("locking it")?;
    println!("It is locked");

    pause("unlock it")?;
    let version = integer(&partner, "version").context("locking it")?;
    let unlock = json!({ "update_lock": { "enabled": false }, "version": version });
    let partner = platform.put(&tenant, &unlock).step("unlocking it")?;
    println!("It is unlocked");

    pause("disable it")?;
    let version = integer(&partner, "version").context("unlocking it")?;
    let disable = json!({ "enabled": false, "version": version });
    let partner = platform.put(&tenant, &disable).step("disabling it")?;
    println!("It is disabled");

    // Only what is disabled can be deleted.
    pause("delete it")?;
    let version = integer(&partner, "version").context("disabling it")?;
    platform
        .delete(&tenant, &[("version", &version.to_string())])
        .step("deleting it")?;
    println!("{name} is deleted");
    Ok(())
}
