//! Switches off all applications of the customer: it keeps its place and its users, and has no service any more.
//!
//! ```text
//! cargo run -p tenants --bin disable_all_applications_for_customer
//! ```
//!
//! The offering items of an application go with it.
//!
//! - Asks for: nothing.
//! - Needs: `api_client.json`, which `create_api_client` makes; `customer.json`, which
//!   `create_customer_tenant_and_assign_specific_edition` makes.
//! - Calls: GET `/api/2/applications`, GET `/api/2/tenants/{customer}/applications`,
//!   DELETE `/api/2/applications/{id}/bindings/tenants/{customer}` for each.
//! - Leaves: no file.
//! - Half way: what is off stays off. Run it again: it goes on with what is still on.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Failure, Platform, Step, list, plain, text, texts};

fn main() -> ExitCode {
    common::run(common::about!(), disable_applications)
}

fn disable_applications(platform: &Platform) -> Result<()> {
    let customer = platform.kept("customer.json", "id")?;

    // One application stays: the platform itself, in which the customer lives.
    let applications = platform
        .get("/api/2/applications", &[])
        .context("reading the applications")?;
    let applications = list(&applications, "items").context("reading the applications")?;
    let mut platforms = applications
        .iter()
        .filter(|application| application.get("type").is_some_and(|it| it == "platform"));
    let (Some(itself), None) = (platforms.next(), platforms.next()) else {
        return Err(Failure::unexpected(
            "not exactly one of the applications is of the type platform, so none was switched off",
        )
        .into());
    };
    let itself = text(itself, "id").context("reading the applications")?;

    let bound = platform
        .get(&format!("/api/2/tenants/{customer}/applications"), &[])
        .context("reading the customer's applications")?;
    let bound = texts(&bound, "items").context("reading the customer's applications")?;
    let mut count = 0;
    for id in bound.into_iter().filter(|id| *id != itself) {
        let name = applications
            .iter()
            .find(|application| application.get("id").is_some_and(|it| it == id))
            .and_then(|application| text(application, "name").ok())
            .unwrap_or(id);
        platform
            .delete(
                &format!("/api/2/applications/{id}/bindings/tenants/{customer}"),
                &[],
            )
            .step(format!("switching off {}", plain(name)))?;
        println!("{} is off", plain(name));
        count += 1;
    }

    println!("{count} applications are off for customer {customer}");
    Ok(())
}
