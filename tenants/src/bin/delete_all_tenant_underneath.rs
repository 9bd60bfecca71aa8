//! Deletes all tenants below the API client's tenant, with all that is in them.
//!
//! ```text
//! cargo run -p tenants --bin delete_all_tenant_underneath
//! ```
//!
//! Shows first what will go, and does it only if told so. Where the platform refuses it for one tenant, the others have
//! their turn all the same.
//!
//! - Asks for: the word yes. Any other answer, or none, ends it with nothing changed.
//! - Needs: `api_client.json`, which `create_api_client` makes.
//! - Calls: GET `/api/2/tenants/{me}`, GET `/api/2/tenants/{me}/children`, GET `/api/2/tenants/{id}` for each child;
//!   then for each PUT, GET and DELETE `/api/2/tenants/{id}`.
//! - Leaves: no file.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Platform, confirm, integer, plain, table, text, texts};
use serde_json::{Value, json};
use tenants::Refusals;

fn main() -> ExitCode {
    common::run(common::about!(), delete_all)
}

fn delete_all(platform: &Platform) -> Result<()> {
    let me = platform.tenant_id();
    let top = platform
        .get(&format!("/api/2/tenants/{me}"), &[])
        .context("reading the tenants")?;
    let top = plain(text(&top, "name").context("reading the tenants")?);
    let children = platform
        .get(&format!("/api/2/tenants/{me}/children"), &[])
        .context("reading the tenants")?;

    // The list of children holds ids only, and nobody should say yes to ids.
    let mut refusals = Refusals::default();
    let mut tenants = Vec::new();
    for id in texts(&children, "items").context("reading the tenants")? {
        let read = platform.get(&format!("/api/2/tenants/{id}"), &[]);
        tenants.extend(refusals.pass(read.context("reading the tenants"))?);
    }
    if tenants.is_empty() {
        println!("There is no tenant to delete below {top}");
        return Ok(refusals.end()?);
    }
    let columns = ["name", "kind", "id"];
    let rows = tenants
        .iter()
        .map(|tenant| columns.map(|field| text(tenant, field).unwrap_or("?").to_owned()));
    println!("{}", table(columns, rows));
    let question = format!("All of this below {top} will be deleted, with everything in it.");
    if !confirm(&question, "yes")? {
        println!("Nothing was changed");
        return Ok(());
    }

    let mut count = 0;
    for tenant in &tenants {
        let name = plain(text(tenant, "name").unwrap_or("?"));
        let deleted = delete(platform, tenant).with_context(|| format!("deleting {name}"));
        if refusals.pass(deleted)?.is_some() {
            println!("{name} is deleted");
            count += 1;
        }
    }
    println!("{count} tenants below {top} are deleted");
    Ok(refusals.end()?)
}

/// Disables a tenant, without which it cannot be deleted, and deletes it in the version that it has then.
fn delete(platform: &Platform, tenant: &Value) -> Result<()> {
    let path = format!("/api/2/tenants/{}", text(tenant, "id")?);
    let version = integer(tenant, "version")?;
    platform.put(&path, &json!({ "enabled": false, "version": version }))?;

    // From here on it is of no use to anybody, should the rest fail.
    let disabled = platform.get(&path, &[]).context("it is disabled only")?;
    let version = integer(&disabled, "version")?.to_string();
    platform
        .delete(&path, &[("version", &version)])
        .context("it is disabled only")?;
    Ok(())
}
