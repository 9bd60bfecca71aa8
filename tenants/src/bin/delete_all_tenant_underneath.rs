//! Deletes all tenants below the API client's tenant.
//!
//! **Everything in these tenants is deleted with them: their own tenants, their users and their data.**
//!
//! ```text
//! cargo run -p tenants --bin delete_all_tenant_underneath
//! ```
//!
//! If the platform rejects one tenant, the example continues with the rest, lists the failures, and exits with 1.
//!
//! - Prompts: the word yes, after the list of tenants. Any other answer deletes nothing.
//! - Calls: GET `/api/2/tenants/{me}`, GET `/api/2/tenants/{me}/children`, GET `/api/2/tenants/{child}`,
//!   PUT `/api/2/tenants/{child}`, DELETE `/api/2/tenants/{child}`.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Id, Page, Platform, UserError, confirm, count, sanitize, table};
use serde_json::json;
use tenants::{PartialFailures, Tenant};

fn main() -> ExitCode {
    common::run(common::about!(), delete_all)
}

fn delete_all(platform: &Platform) -> Result<()> {
    let mut failures = PartialFailures::default();
    let tenants = read_tenants(platform, &mut failures)?;
    if tenants.is_empty() || !confirm_deletion(&tenants)? {
        println!("Nothing was deleted");
        return failures.finish();
    }
    let mut deleted = 0;
    for tenant in &tenants {
        let name = sanitize(&tenant.name);
        let outcome = delete(platform, tenant).with_context(|| format!("delete {name}"));
        if failures.skip_rejected(outcome)?.is_some() {
            println!("{name} deleted");
            deleted += 1;
        }
    }
    println!("{} deleted", count(deleted, "tenant"));
    failures.finish()
}

/// Reads the tenants directly below the API client's tenant.
fn read_tenants(platform: &Platform, failures: &mut PartialFailures) -> Result<Vec<Tenant>> {
    let path = format!("/api/2/tenants/{}", platform.tenant_id());
    let parent: Tenant = platform.get(&path).fetch().context("read your tenant")?;
    // The list contains ids only. To confirm the deletion, the user needs the names.
    let path = format!("{path}/children");
    let ids: Page<Id> = platform.get(&path).fetch().context("list the tenants")?;
    let number = count(ids.items.len(), "tenant");
    println!("{number} below {}", sanitize(&parent.name));
    let mut tenants = Vec::new();
    for id in &ids.items {
        let outcome = platform.get(&format!("/api/2/tenants/{id}")).fetch();
        tenants.extend(failures.skip_rejected(outcome.context("read a tenant"))?);
    }
    Ok(tenants)
}

/// Shows what will be deleted and asks for confirmation.
fn confirm_deletion(tenants: &[Tenant]) -> Result<bool, UserError> {
    let row = |it: &Tenant| [it.name.clone(), it.kind.clone(), it.id.to_string()];
    println!("{}", table(["name", "kind", "id"], tenants.iter().map(row)));
    confirm("These tenants are deleted with everything in them.", "yes")
}

/// Disables a tenant, which is required before deletion, and deletes it in its new version.
fn delete(platform: &Platform, tenant: &Tenant) -> Result<()> {
    let path = format!("/api/2/tenants/{}", tenant.id);
    let disable = json!({ "enabled": false, "version": tenant.version });
    platform.put(&path).json(&disable).send()?;
    let deleted = platform.get(&path).fetch().and_then(|tenant: Tenant| {
        let version = &tenant.version.to_string();
        platform.delete(&path).query(&[("version", version)]).send()
    });
    deleted.context("disabled but not deleted")
}
