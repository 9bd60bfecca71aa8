//! Prints the tenant tree with its users, from the API client's tenant down.
//!
//! ```text
//! cargo run -p tenants --bin navigate_through_tenants
//! ```
//!
//! - Calls: GET `/api/2/tenants/{id}`, GET `/api/2/tenants/{id}/users`, GET `/api/2/users/{id}`,
//!   GET `/api/2/tenants/{id}/children`.

use std::{collections::HashSet, process::ExitCode};

use anyhow::{Context, Result};
use common::{Id, Page, Platform, UnexpectedResponse, count, println};
use tenants::{Branch, Tenant, User};

fn main() -> ExitCode {
    common::run(common::about!(), navigate)
}

fn navigate(platform: &Platform) -> Result<()> {
    let me = platform.tenant_id();
    let mut visited = HashSet::new();
    let mut users = 0;

    // Depth first: the last one added is visited next, so the first child is added last.
    let mut to_visit = vec![(me.clone(), Branch::root())];
    while let Some((id, branch)) = to_visit.pop() {
        let path = format!("/api/2/tenants/{id}");
        // A tree has no cycles. If the platform returned one, the loop would not end.
        if !visited.insert(id.clone()) {
            let reason = "the tenant is in more than one place in the tree";
            return Err(UnexpectedResponse::new(format!("GET {path}"), reason).into());
        }
        if branch.is_too_deep() {
            let reason = format!("the tree has more than {} levels", Branch::MAX_DEPTH);
            return Err(UnexpectedResponse::new(format!("GET {path}"), reason).into());
        }
        let tenant: Tenant = platform.get(&path).fetch().context("read a tenant")?;
        println!("{}", branch.tenant(&tenant.name, &id));

        if id != *me {
            users += print_users(platform, &id, &branch)?;
        }

        // The list contains ids only.
        let children: Page<Id> = platform
            .get(&format!("{path}/children"))
            .fetch()
            .context("list the children of a tenant")?;
        for (number, child) in children.items.iter().rev().enumerate() {
            let is_last = number == 0;
            to_visit.push((child.clone(), branch.child(is_last)));
        }
    }
    let tenants = count(visited.len(), "tenant");
    println!("{tenants}, {}", count(users, "user"));
    Ok(())
}

/// Prints the users of a tenant and returns their number.
fn print_users(platform: &Platform, tenant: &Id, branch: &Branch) -> Result<usize> {
    let users: Page<Id> = platform
        .get(&format!("/api/2/tenants/{tenant}/users"))
        .fetch()
        .context("list the users of a tenant")?;
    for id in &users.items {
        let user: User = platform
            .get(&format!("/api/2/users/{id}"))
            .fetch()
            .context("read a user")?;
        println!("{}", branch.user(&user.login));
    }
    Ok(users.items.len())
}
