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

use std::{collections::HashSet, process::ExitCode};

use anyhow::{Context, Result};
use common::{Failure, Platform, plain, text, texts};
use tenants::Branch;

fn main() -> ExitCode {
    common::run(common::about!(), |platform| {
        navigate(platform).context("walking through the tenants")
    })
}

fn navigate(platform: &Platform) -> Result<()> {
    let me = platform.tenant_id();
    let tenant = platform.get(&format!("/api/2/tenants/{me}"), &[])?;
    let top = Branch::top();
    println!("{}", top.tenant(text(&tenant, "name")?, me));

    let mut met = Met::default();
    met.tenants.insert(me.to_owned());
    walk(platform, me, &top, &mut met)?;
    println!("{} tenants, {} users", met.tenants.len(), met.users);
    Ok(())
}

/// Whom the walk has met.
#[derive(Default)]
struct Met {
    tenants: HashSet<String>,
    users: usize,
}

/// Prints what is below a tenant, depth first.
fn walk(platform: &Platform, parent: &str, place: &Branch, met: &mut Met) -> Result<()> {
    // Lists of children and users hold ids only.
    let children = platform.get(&format!("/api/2/tenants/{parent}/children"), &[])?;
    let children = texts(&children, "items")?;
    for (number, child) in children.iter().enumerate() {
        // In a tree nobody is met twice. Were this none, the walk would go round in circles.
        if !met.tenants.insert((*child).to_owned()) {
            return Err(Failure::unexpected(format!(
                "tenant {} is in more than one place of the tree, once below {parent}",
                plain(child)
            ))
            .into());
        }
        let place = place.child(number + 1 == children.len());
        let tenant = platform.get(&format!("/api/2/tenants/{child}"), &[])?;
        println!("{}", place.tenant(text(&tenant, "name")?, child));

        let users = platform.get(&format!("/api/2/tenants/{child}/users"), &[])?;
        for user in texts(&users, "items")? {
            let user = platform.get(&format!("/api/2/users/{user}"), &[])?;
            println!("{}", place.user(text(&user, "login")?));
            met.users += 1;
        }
        walk(platform, child, &place, met)?;
    }
    Ok(())
}
