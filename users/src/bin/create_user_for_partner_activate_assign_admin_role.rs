//! Creates a user of the partner, sends them an activation e-mail and makes them an administrator.
//!
//! ```text
//! cargo run -p users --bin create_user_for_partner_activate_assign_admin_role
//! ```
//!
//! - Prompts: the login and the e-mail address of the new user.
//! - Needs: `partner.json`, which `create_partner_tenant_and_assign_specific_edition` writes.
//! - Calls: GET `/api/2/users/check_login`, POST `/api/2/users`, POST `/api/2/users/{new}/send-activation-email`,
//!   PUT `/api/2/users/{new}/access_policies`.
//! - Writes: `partner_user.json`.
//! - If it fails midway: the user may exist. Run the example again; `delete_created_objects` deletes both users.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Lossless, ObjectKind, Platform, SavedTenant, ask, println};
use serde_json::json;
use users::{User, find_by_login, only_role};

fn main() -> ExitCode {
    let steps = &[
        "create the user",
        "send the activation e-mail",
        "assign the role partner_admin",
    ];
    common::run(common::about!().steps(steps), create_user)
}

fn create_user(platform: &Platform) -> Result<()> {
    let partner: SavedTenant = platform.load("partner.json")?;
    let login = ask("Login of the new user")?;
    let email = ask("E-mail address of the new user")?;

    // Logins are unique on the platform. 204: available; 409: taken; 406: not a valid login.
    platform
        .get("/api/2/users/check_login")
        .query(&[("username", &login)])
        .send()
        .with_context(|| format!("check whether the login {login} is available"))?;

    let request = json!({
        "tenant_id": partner.id,
        "login": login,
        "contact": {
            "email": email,
            "firstname": format!("First {login}"),
            "lastname": format!("Last {login}"),
        },
    });
    let user: Lossless<User> = platform
        .post("/api/2/users")
        .json(&request)
        .step("create the user")
        .creates(ObjectKind::User, &login, &partner.id)
        .fetch_or_find(|| find_by_login(platform, &partner.id, &login))?;
    platform.save_new("partner_user.json", &user)?;

    // The user sets a password with the link in the e-mail. Nobody else knows it.
    platform
        .post(&format!("/api/2/users/{}/send-activation-email", user.id))
        .step("send the activation e-mail")
        .send()?;

    // An administrator of a partner manages it and everything below it, and can create API clients with the same rights.
    platform
        .put(&format!("/api/2/users/{}/access_policies", user.id))
        .json(&only_role("partner_admin", &partner.id, &user.id))
        .step("assign the role partner_admin")
        .send()?;

    println!("User {login} created with the role partner_admin, saved in partner_user.json");
    Ok(())
}
