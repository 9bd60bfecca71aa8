//! Prints the tenant tree with its users, from the API client's tenant down.
//!
//! ```text
//! cargo run -p tenants --bin navigate_through_tenants
//! ```
//!
//! - Calls: GET `/api/2/tenants/{id}`, GET `/api/2/tenants/{id}/users`, GET `/api/2/users/{id}`,
//!   GET `/api/2/tenants/{id}/children`.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Id, Lossless, Options, Page, Platform, count, print_json, println};
use serde_json::json;
use tenants::{Branch, Tenant, TreeGuard, User};

fn main() -> ExitCode {
    let about = common::about!().json().tenant("the API client's tenant");
    common::run_with_options(about, navigate)
}

fn navigate(platform: &Platform, options: &Options) -> Result<()> {
    let me = platform.tenant_id();
    let (mut tenants, mut users) = (Vec::new(), Vec::new());

    let mut guard = TreeGuard::default();
    // Depth first: the last one added is visited next, so the first child is added last.
    let mut to_visit = vec![(options.tenant_or(me).clone(), Branch::root())];
    while let Some((id, branch)) = to_visit.pop() {
        // A tree has no cycles. If the platform returned one, the loop would not end.
        guard.check(&id, &branch)?;
        let path = format!("/api/2/tenants/{id}");
        let tenant: Lossless<Tenant> = platform.get(&path).fetch().context("read a tenant")?;
        options.print_line(&branch.tenant(&tenant));
        tenants.push(tenant);

        if id != *me {
            let line = |user: &User| options.print_line(&branch.user(&user.login));
            users.extend(read_users(platform, &id, line)?);
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
    if options.json {
        return print_json(&json!({ "tenants": tenants, "users": users }));
    }
    let tenants = count(tenants.len(), "tenant");
    println!("{tenants}, {}", count(users.len(), "user"));
    Ok(())
}

/// Reads the users of a tenant, and passes on each one as soon as it is read.
fn read_users(
    platform: &Platform,
    tenant: &Id,
    print: impl Fn(&User),
) -> Result<Vec<Lossless<User>>> {
    let ids: Page<Id> = platform
        .get(&format!("/api/2/tenants/{tenant}/users"))
        .fetch()
        .context("list the users of a tenant")?;
    let mut users = Vec::new();
    for id in &ids.items {
        let user: Lossless<User> = platform
            .get(&format!("/api/2/users/{id}"))
            .fetch()
            .context("read a user")?;
        print(&user);
        users.push(user);
    }
    Ok(users)
}
