//! Creates a dynamic group: all machines of the customer whose names begin with `test`, including future ones.
//!
//! ```text
//! cargo run -p resources --bin create_dynamic_group
//! ```
//!
//! Names of groups are not unique: each run creates another group of this name.
//!
//! - Needs: `api_customer_scoped_token.json`, which `issue_customer_scoped_token_for_bc` writes.
//! - Calls: POST `/api/resource_management/v4/resources`.
//! - If it fails midway: the group may exist. Run the example again only if `get_all_resources_info` does not list it.

use std::process::ExitCode;

use anyhow::Result;
use common::{ObjectKind, Platform, println};
use resources::group_exists;
use serde::de::IgnoredAny;
use serde_json::json;

/// The predefined group of machines with agents. It has the same id for every customer.
const MACHINES_WITH_AGENTS: &str = "301d1574-849e-4714-859f-3a2ec12a218b";

fn main() -> ExitCode {
    let about = common::about!().steps(&["create the group"]);
    common::run_with_customer_token(about, create_group)
}

fn create_group(platform: &Platform) -> Result<()> {
    // The condition makes the group dynamic. Without one, machines would have to be added to the group one by one.
    let name = "My Dynamic Group";
    let request = json!({
        "type": "resource.group.computers",
        "parent_group_ids": [MACHINES_WITH_AGENTS],
        "group_condition": "test*",
        "allowed_member_types": ["resource.machine"],
        "name": name,
        "user_defined_name": name,
    });
    platform
        .post("/api/resource_management/v4/resources")
        .json(&request)
        .step("create the group")
        .creates(ObjectKind::Group, name, platform.customer_id().as_ref())
        .fetch_optional_or_check::<IgnoredAny>(|| {
            group_exists(platform, name, MACHINES_WITH_AGENTS)
        })?;

    // The response is empty: the group can be found by its name.
    println!("Group {name} created; it contains all machines whose names begin with test");
    Ok(())
}
