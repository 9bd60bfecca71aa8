//! Issues a registration token that an agent uses to register its machine for the user.
//! **The token is saved in plain text.** Until it expires after an hour, anyone who has it can register a machine.
//!
//! ```text
//! cargo run -p agent --bin get_agent_installation_token
//! ```
//!
//! - Needs: `user.json`, which `create_user_for_customer_activate_assign_backup_user_role` writes.
//! - Calls: POST `/api/2/tenants/{personal}/registration_tokens`.
//! - Writes: `agent_installation_token.json`.
//! - If it fails midway: a token may exist that was never received. It expires after an hour; run the example again for
//!   another one.

use std::process::ExitCode;

use agent::{PersonalTenant, RegistrationToken};
use anyhow::Result;
use common::{Lossless, ObjectKind, Platform, UserError, folder::INSTALLATION_TOKEN, println};
use serde_json::json;

fn main() -> ExitCode {
    let about = common::about!().steps(&["issue the registration token"]);
    common::run(about, issue_token)
}

fn issue_token(platform: &Platform) -> Result<()> {
    // The personal tenant holds the user's machines.
    let user: PersonalTenant = platform.load("user.json")?;
    let personal = user.personal_tenant_id.ok_or_else(|| {
        UserError::new(
            "the user in user.json has no personal tenant, which only users of customers have",
            "Run `cargo run -p users --bin create_user_for_customer_activate_assign_backup_user_role` for another user.",
        )
    })?;

    // Valid for an hour, and only for registering agents. No id between the colons stands for the tenant of the path.
    let request = json!({
        "expires_in": 3600,
        "scopes": ["urn:acronis.com:tenant-id::backup_agent_admin"],
    });
    let token: Lossless<RegistrationToken> = platform
        .post(&format!("/api/2/tenants/{personal}/registration_tokens"))
        .json(&request)
        .step("issue the registration token")
        .creates(ObjectKind::RegistrationToken, &personal, &user.id)
        .fetch()?;
    platform.save(INSTALLATION_TOKEN, &token)?;

    let expiry = token.expires_at.as_ref();
    let expiry = expiry.map_or_else(String::new, |time| format!(", valid until {time}"));
    println!("Registration token saved in {INSTALLATION_TOKEN}{expiry}");
    Ok(())
}
