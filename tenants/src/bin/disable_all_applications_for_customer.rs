//! Disables all applications for the customer.
//!
//! **The customer loses all services and their offering items. Its users and the management console stay.**
//!
//! ```text
//! cargo run -p tenants --bin disable_all_applications_for_customer
//! ```
//!
//! - Needs: `customer.json`, which `create_customer_tenant_and_assign_specific_edition` writes.
//! - Calls: GET `/api/2/applications`, GET `/api/2/tenants/{customer}/applications`,
//!   DELETE `/api/2/applications/{id}/bindings/tenants/{customer}` for each.
//! - If it fails midway: some applications are disabled. Run the example again to disable the others.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Id, Page, Platform, SavedTenant, UnexpectedResponse, count, println};
use tenants::Application;

fn main() -> ExitCode {
    let about =
        common::about!().ask_first("This disables all services of the customer in customer.json.");
    common::run(about, disable_applications)
}

fn disable_applications(platform: &Platform) -> Result<()> {
    let customer: SavedTenant = platform.load("customer.json")?;
    let customer = customer.id;

    let applications: Page<Application> = platform
        .get("/api/2/applications")
        .fetch()
        .context("list the applications")?;
    let console = find_console(&applications.items)?;

    let enabled: Page<Id> = platform
        .get(&format!("/api/2/tenants/{customer}/applications"))
        .fetch()
        .context("list the customer's applications")?;
    let mut disabled = 0;
    for id in enabled.items.iter().filter(|&id| id != console) {
        let application = applications.items.iter().find(|it| it.id == *id);
        let name = application.map_or(&**id, |it| &it.name);
        platform
            .delete(&format!(
                "/api/2/applications/{id}/bindings/tenants/{customer}"
            ))
            .step_on("disable", name)
            .send()?;
        println!("{name} disabled");
        disabled += 1;
    }

    let disabled = count(disabled, "application");
    println!("{disabled} disabled for customer {customer}");
    Ok(())
}

/// Finds the management console. It is an application too, but must stay enabled: every tenant has it, and
/// administrators manage the tenant in it.
fn find_console(applications: &[Application]) -> Result<&Id, UnexpectedResponse> {
    let mut consoles = applications.iter().filter(|it| it.kind == "platform");
    match (consoles.next(), consoles.next()) {
        (Some(console), None) => Ok(&console.id),
        _ => Err(UnexpectedResponse::new(
            "GET /api/2/applications",
            "not exactly one application of type `platform`; nothing was disabled",
        )),
    }
}
