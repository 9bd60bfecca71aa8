//! Creates a partner tenant, then locks, unlocks, disables and deletes it.
//!
//! ```text
//! cargo run -p tenants --bin create_partner_tenant_and_lock
//! ```
//!
//! - Prompts: Enter, before each of the last four steps.
//! - Calls: GET `/api/2/tenants/{me}/offering_items/available_for_child`, POST `/api/2/tenants`,
//!   PUT `/api/2/tenants/{new}/offering_items`, PUT `/api/2/tenants/{new}`, DELETE `/api/2/tenants/{new}`.
//! - If it fails midway: the partner may exist. `delete_created_objects` unlocks it if it is locked, and deletes it.

use std::process::ExitCode;

use anyhow::Result;
use common::{Platform, println, wait_for_enter};
use serde_json::{Value, json};
use tenants::{Tenant, create_partner_to_lock};

fn main() -> ExitCode {
    let steps = &[
        "create the partner",
        "enable the offering items",
        "lock the partner",
        "unlock the partner",
        "disable the partner",
        "delete the partner",
    ];
    let about = common::about!()
        .steps(steps)
        .ask_first("This creates a partner, disables it and deletes it.");
    common::run(about, create_and_lock)
}

fn create_and_lock(platform: &Platform) -> Result<()> {
    // The first three calls, in tenants/src/prepare.rs: list the offering items, create the partner and enable them.
    let partner = create_partner_to_lock(platform)?;
    let path = format!("/api/2/tenants/{}", partner.id);

    // A change is rejected unless it names the current version. The response contains the next version.
    let change = |step: &str, request: Value| -> Result<i64> {
        wait_for_enter(step)?;
        let changed: Tenant = platform.put(&path).json(&request).step(step).fetch()?;
        Ok(changed.version)
    };

    // Only the owner of the lock can change or delete a locked tenant.
    let lock = json!({ "owner_id": platform.tenant_id(), "enabled": true });
    let request = json!({ "update_lock": lock, "version": partner.version });
    let version = change("lock the partner", request)?;
    println!("Locked");

    let request = json!({ "update_lock": { "enabled": false }, "version": version });
    let version = change("unlock the partner", request)?;
    println!("Unlocked");

    // Only a disabled tenant can be deleted.
    let request = json!({ "enabled": false, "version": version });
    let version = change("disable the partner", request)?;
    println!("Disabled");

    wait_for_enter("delete the partner")?;
    platform
        .delete(&path)
        .query(&[("version", &version.to_string())])
        .step("delete the partner")
        .deletes(&partner.id)
        .send()?;
    println!("{} deleted", partner.name);
    Ok(())
}
