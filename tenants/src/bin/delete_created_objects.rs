//! Deletes what the examples have created on the platform, and nothing else.
//!
//! **A tenant is deleted with all its data**: machines, backups, plans, API clients. It stays if it contains a tenant or a
//! user that no example has created.
//!
//! ```text
//! cargo run -p tenants --bin delete_created_objects
//! ```
//!
//! The examples record in `created.jsonl` what they create. This one looks up each object, shows what will happen to it,
//! and deletes it. If the platform rejects a call, it continues with the rest, lists the failures, and exits with 1.
//!
//! - Prompts: the word yes, after the table, then the word client, to delete the API client too. `--yes` answers both.
//! - Calls: GET `/api/2/tenants/{created}`, GET `/api/2/tenants/{created}/children`,
//!   GET `/api/2/tenants/{created}/users`, PUT `/api/2/tenants/{created}`, DELETE `/api/2/tenants/{created}`;
//!   GET `/api/2/users/{created}`, PUT `/api/2/users/{created}`, DELETE `/api/2/users/{created}`;
//!   GET `/api/2/reports/{created}`, DELETE `/api/2/reports/{created}`; DELETE `/api/2/clients/{created}`.
//! - If it fails midway: some objects are deleted. Run the example again to delete the others.

use std::process::ExitCode;

use anyhow::Result;
use common::{Options, Platform, print_table, println};
use tenants::{PartialFailures, undo};

fn main() -> ExitCode {
    let about = common::about!().ask_before_deleting();
    common::run_with_base_token(about, delete_created)
}

fn delete_created(platform: &Platform, options: &Options) -> Result<()> {
    // Look up which objects still exist, and what else the tenants contain.
    let address = &platform.config().base_url;
    let mut failures = PartialFailures::of("object");
    let mut plan = undo::Plan::prepare(platform, &mut failures)?;
    if plan.rows().next().is_none() {
        println!("Nothing to delete on {address}");
    } else {
        print_table(["name", "kind", "id", "what happens"], plan.rows());
    }

    if plan.deletes_something() {
        let question = "This deletes the objects as listed above. The platform is";
        options.require_yes(&format!("{question} {address}."), "nothing was deleted")?;
        // The content of a tenant is deleted before the tenant. A tenant that is not empty by then stays.
        for planned in plan.to_delete() {
            let outcome = undo::delete_object(platform, planned);
            if let Some(outcome) = failures.skip_rejected(outcome)? {
                println!("{} {outcome}", planned.object.name);
                planned.action = outcome;
            }
        }
        for file in undo::remove_files_about(platform, &plan.gone())? {
            println!("{file} removed");
        }
    }
    failures.finish()?;
    offer_client(platform, options, &plan)
}

/// Deletes the API client of this run if the user agrees. It comes last: its token authorizes all other calls.
fn offer_client(platform: &Platform, options: &Options, plan: &undo::Plan) -> Result<()> {
    let Some(client) = &plan.own_client else {
        println!("The API client stays: no example has created it");
        return Ok(());
    };
    let question = format!("The API client {client} and its files are deleted too.");
    if plan.is_partial(platform)? {
        println!("The API client stays: you need it to delete the rest");
    } else if options.confirm(&question, "client")? {
        undo::delete_client(platform, client)?;
        println!("API client {client} deleted with its files");
    } else {
        println!("The API client stays");
    }
    Ok(())
}
