//! Gets a token with which an agent registers: its machine will be the user's.
//!
//! ```text
//! cargo run -p agent --bin get_agent_installation_token
//! ```
//!
//! - Asks for: nothing.
//! - Needs: `api_client.json`, which `create_api_client` makes; `user.json`, which
//!   `create_user_for_customer_activate_assign_backup_user_role` makes.
//! - Calls: POST `/api/2/tenants/{personal tenant of the user}/registration_tokens`.
//! - Leaves: `agent_installation_token.json`, with the token in it: readable by you alone.
//! - Half way: there may be a token that nobody knows. It ends within the hour; run it again for another one.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Platform, Step, text};
use serde_json::json;

fn main() -> ExitCode {
    common::run(common::about!(), get_token)
}

fn get_token(platform: &Platform) -> Result<()> {
    // A user of a customer has a tenant of their own, which holds their machines. Users of partners have none.
    let personal_tenant = platform
        .kept("user.json", "personal_tenant_id")
        .context("only a user of a customer has machines, in a personal tenant")?;

    // Good for an hour, and for nothing but registering an agent in the tenant of the path.
    let request = json!({
        "expires_in": 3600,
        "scopes": ["urn:acronis.com:tenant-id::backup_agent_admin"],
    });
    let path = format!("/api/2/tenants/{personal_tenant}/registration_tokens");
    let token = platform
        .post_for_secret(&path, &request)
        .step("making the registration token")?;
    text(&token, "token").context("making the registration token")?;
    platform.save("agent_installation_token.json", &token)?;

    println!("A token for agents, good for an hour, is in agent_installation_token.json");
    Ok(())
}
