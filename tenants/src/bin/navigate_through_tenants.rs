//! Walks through the tenant tree, from the API client's tenant down, and prints tenants and users as it meets them.
//!
//! ```text
//! cargo run -p tenants --bin navigate_through_tenants
//! ```
//!
//! - Asks for: nothing.
//! - Needs: `api_client.json`, which `create_api_client` makes.
//! - Calls: GET `/api/2/tenants/{id}` and GET `/api/2/tenants/{id}/children` for each tenant;
//!   GET `/api/2/tenants/{id}/users` for each tenant below the first, GET `/api/2/users/{id}` for each of its users.
//! - Leaves: no file.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Platform, text, texts};

fn main() -> ExitCode {
    common::run(common::about!(), |platform| {
        navigate(platform).context("walking through the tenants")
    })
}

fn navigate(platform: &Platform) -> Result<()> {
    let me = platform.tenant_id();
    let tenant = platform.get(&format!("/api/2/tenants/{me}"), &[])?;
    println!("{} ({me})", text(&tenant, "name")?);
    walk(platform, me, "  ")
}

/// Prints what is below a tenant, depth first.
fn walk(platform: &Platform, parent: &str, indent: &str) -> Result<()> {
    // Lists of children and users hold ids only.
    let children = platform.get(&format!("/api/2/tenants/{parent}/children"), &[])?;
    for child in texts(&children, "items")? {
        let tenant = platform.get(&format!("/api/2/tenants/{child}"), &[])?;
        println!("{indent}{} under {parent}", text(&tenant, "name")?);

        let users = platform.get(&format!("/api/2/tenants/{child}/users"), &[])?;
        for user in texts(&users, "items")? {
            let user = platform.get(&format!("/api/2/users/{user}"), &[])?;
            println!("{indent}  user {}", text(&user, "login")?);
        }
        walk(platform, child, &format!("{indent}  "))?;
    }
    Ok(())
}
