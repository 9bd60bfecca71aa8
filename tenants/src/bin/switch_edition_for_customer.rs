//! Creates a customer with the setting `edition` and switches it to the setting `switch_edition`.
//!
//! **On the real platform, an edition decides what a customer pays for.**
//!
//! ```text
//! cargo run -p tenants --bin switch_edition_for_customer
//! ```
//!
//! The lesson is the switch. Creating the customer and enabling its offering items, the first three calls, are in
//! `tenants/src/prepare.rs`.
//!
//! - Prompts: Enter, before the switch.
//! - Calls: GET `/api/2/tenants/{me}/offering_items/available_for_child`, POST `/api/2/tenants`,
//!   PUT `/api/2/tenants/{new}/offering_items`, GET `/api/2/tenants/{new}/edition`, PUT `/api/2/tenants/{new}/edition`.
//! - If it fails midway: the customer may exist. Run the example again; `delete_created_objects` deletes both customers.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Platform, println, wait_for_enter};
use serde_json::json;
use tenants::{EditionSwitch, create_customer_to_switch};

fn main() -> ExitCode {
    let steps = &[
        "create the customer",
        "enable the offering items",
        "switch the edition",
    ];
    common::run(common::about!().steps(steps), switch_edition)
}

fn switch_edition(platform: &Platform) -> Result<()> {
    let application = &platform.config().cyber_protection_application_id;
    let edition = &platform.config().switch_edition;

    // The first three calls, in tenants/src/prepare.rs: list the offering items, create the customer and enable them.
    let customer = create_customer_to_switch(platform)?;

    // A dry run: it changes nothing, fails if the switch would fail, and returns warnings about what would change.
    wait_for_enter(&format!("switch it to {edition}"))?;
    let path = format!("/api/2/tenants/{}/edition", customer.id);
    let preview: EditionSwitch = platform
        .get(&path)
        .query(&[("application_id", application), ("target_edition", edition)])
        .fetch()
        .context("preview the switch")?;
    for warning in &preview.warnings {
        println!("The platform warns: {warning}");
    }

    // Matching items of the new edition replace those of the old one and keep their quotas.
    let request = json!({ "application_id": application, "target_edition": edition });
    platform
        .put(&path)
        .json(&request)
        .step("switch the edition")
        .send()?;

    println!("{} switched to {edition}", customer.name);
    Ok(())
}
