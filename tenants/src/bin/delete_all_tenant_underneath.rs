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
//! - If it fails midway: some tenants are deleted, and one may be disabled. Run the example again to delete the others.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Id, Options, Page, Platform, count, print_table, println};
use serde_json::json;
use tenants::{PartialFailures, Tenant};

fn main() -> ExitCode {
    common::run_with_options(common::about!(), delete_all)
}

fn delete_all(platform: &Platform, options: &Options) -> Result<()> {
    let path = format!("/api/2/tenants/{}", platform.tenant_id());
    let parent: Tenant = platform.get(&path).fetch().context("read your tenant")?;
    let path = format!("{path}/children");
    let ids: Page<Id> = platform.get(&path).fetch().context("list the tenants")?;
    println!("{} below {}", count(ids.items.len(), "tenant"), parent.name);

    // The list contains ids only. To confirm the deletion, the user needs the names.
    let mut failures = PartialFailures::default();
    let mut tenants: Vec<Tenant> = Vec::new();
    for id in &ids.items {
        let outcome = platform.get(&format!("/api/2/tenants/{id}")).fetch();
        tenants.extend(failures.skip_rejected(outcome.context("read a tenant"))?);
    }
    if tenants.is_empty() {
        println!("Nothing was deleted");
        return failures.finish();
    }
    let rows = tenants.iter().map(|it| [&*it.name, &it.kind, &it.id]);
    print_table(["name", "kind", "id"], rows);
    let unreadable = count(ids.items.len() - tenants.len(), "tenant");
    if tenants.len() < ids.items.len() {
        println!("{unreadable} could not be read and will not be deleted");
    }
    let address = &platform.config().base_url;
    let question = format!("All of this is deleted on {address}, with everything in it.");
    options.require_yes(&question, "nothing was deleted")?;

    let mut deleted = 0;
    for tenant in &tenants {
        if failures.skip_rejected(delete(platform, tenant))?.is_some() {
            println!("{} deleted", tenant.name);
            deleted += 1;
        }
    }
    println!("{} deleted", count(deleted, "tenant"));
    failures.finish()
}

/// Disables a tenant, which is required before deletion, and deletes it.
fn delete(platform: &Platform, tenant: &Tenant) -> Result<()> {
    let path = format!("/api/2/tenants/{}", tenant.id);
    let request = json!({ "enabled": false, "version": tenant.version });
    let disable = platform.put(&path).json(&request);
    disable.step_on("disable", &tenant.name).send()?;

    // Read again, because the deletion must name the current version. Disabling has changed it.
    let disabled: Tenant = platform.get(&path).fetch().context("read a tenant")?;
    let version = disabled.version.to_string();
    let delete = platform.delete(&path).query(&[("version", &version)]);
    let delete = delete.deletes(&tenant.id);
    delete.step_on("delete", &tenant.name).send()
}
