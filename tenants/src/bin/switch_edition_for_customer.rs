//! Creates a customer with the offering items of one edition and switches it to another one.
//!
//! ```text
//! cargo run -p tenants --bin switch_edition_for_customer
//! ```
//!
//! - Asks for: Enter, before the switch. The editions come from the settings `edition` and `switch_edition`, the
//!   application from `cyber_protection_application_id`.
//! - Needs: `api_client.json`, which `create_api_client` makes.
//! - Calls: POST `/api/2/tenants`, GET `/api/2/tenants/{me}/offering_items/available_for_child`,
//!   PUT `/api/2/tenants/{new}/offering_items`, GET and PUT `/api/2/tenants/{new}/edition`.
//! - Leaves: no file.
//! - Changes: creating the customer, enabling the offering items, switching the edition.
//! - Half way: a customer that was created stays, with the edition it has. Run it again for another one, and delete this
//!   one in the management portal.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Platform, Step, pause, plain, texts};
use serde_json::json;
use tenants::{CustomerToSwitch, create_customer_to_switch};

fn main() -> ExitCode {
    common::run(common::about!(), switch_edition)
}

fn switch_edition(platform: &Platform) -> Result<()> {
    let application = &platform.config().cyber_protection_application_id;
    let edition = &platform.config().switch_edition;
    let CustomerToSwitch { name, id, .. } = create_customer_to_switch(platform)?;

    // A dry run: it changes nothing, is refused where the switch would be, and warns of what the switch brings.
    pause(&format!("switch it to {edition}"))?;
    let path = format!("/api/2/tenants/{id}/edition");
    let query = [
        ("application_id", application.as_str()),
        ("target_edition", edition),
    ];
    let outlook = platform
        .get(&path, &query)
        .context("trying the switch of the edition")?;
    for warning in texts(&outlook, "warnings").context("trying the switch of the edition")? {
        println!("The platform says: {}", plain(warning));
    }

    // Old items go off, their counterparts on, with their quotas and what is used of them.
    let request = json!({
        "application_id": application,
        "target_edition": edition,
    });
    platform
        .put(&path, &request)
        .step("switching the edition")?;

    println!("{name} has the edition {edition} now");
    Ok(())
}
