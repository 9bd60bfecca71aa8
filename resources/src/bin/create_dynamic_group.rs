//! Creates a group of the customer's machines whose names begin with test, those to come included.
//!
//! ```text
//! cargo run -p resources --bin create_dynamic_group
//! ```
//!
//! - Asks for: nothing.
//! - Needs: `api_client.json`, which `create_api_client` makes; `api_customer_scoped_token.json`, which
//!   `issue_customer_scoped_token_for_bc` makes.
//! - Calls: POST `/api/resource_management/v4/resources`.
//! - Leaves: no file.
//! - Half way: there may be a group. Run it again where `get_all_resources_info` shows none.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::Platform;
use resources::{RESOURCES, group_by_name};
use serde_json::json;

/// The predefined group of machines with agents, the same id for every customer.
const MACHINES_WITH_AGENTS: &str = "301d1574-849e-4714-859f-3a2ec12a218b";

fn main() -> ExitCode {
    common::run_with_customer_token(common::about!(), create_group)
}

fn create_group(platform: &Platform) -> Result<()> {
    // The condition makes it dynamic: without one, machines are put into a group by hand.
    let group = json!({
        "type": "resource.group.computers",
        "parent_group_ids": [MACHINES_WITH_AGENTS],
        "group_condition": "test*",
        "allowed_member_types": ["resource.machine"],
        "name": "My Dynamic Group",
        "user_defined_name": "My Dynamic Group",
    });
    platform
        .post_or_find(RESOURCES, &group, group_by_name)
        .context("creating the group")?;

    // The answer is empty: the group is found by its name.
    println!("The group My Dynamic Group has all machines whose names begin with test");
    Ok(())
}
