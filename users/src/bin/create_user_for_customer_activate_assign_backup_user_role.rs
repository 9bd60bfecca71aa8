//! Creates a user of the customer, sends them an activation e-mail and assigns them the backup role.
//!
//! ```text
//! cargo run -p users --bin create_user_for_customer_activate_assign_backup_user_role
//! ```
//!
//! - Prompts: the login and the e-mail address of the new user.
//! - Needs: `customer.json`, which `create_customer_tenant_and_assign_specific_edition` writes.
//! - Calls: GET `/api/2/users/check_login`, POST `/api/2/users`, POST `/api/2/users/{new}/send-activation-email`,
//!   PUT `/api/2/users/{new}/access_policies`.
//! - Writes: `user.json`.
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
        "assign the role backup_user",
    ];
    common::run(common::about!().steps(steps), create_user)
}

fn create_user(platform: &Platform) -> Result<()> {
    let customer: SavedTenant = platform.load("customer.json")?;
    let login = ask("Login of the new user")?;
    let email = ask("E-mail address of the new user")?;

    // Logins are unique on the platform. 204: available; 409: taken; 406: not a valid login.
    platform
        .get("/api/2/users/check_login")
        .query(&[("username", &login)])
        .send()
        .with_context(|| format!("check whether the login {login} is available"))?;

    let request = json!({
        "tenant_id": customer.id,
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
        .creates(ObjectKind::User, &login, &customer.id)
        .fetch_or_find(|| find_by_login(platform, &customer.id, &login))?;
    platform.save_new("user.json", &user)?;

    // The user sets a password with the link in the e-mail. Nobody else knows it.
    platform
        .post(&format!("/api/2/users/{}/send-activation-email", user.id))
        .step("send the activation e-mail")
        .send()?;

    // A new user has no role and therefore cannot use any service. The list replaces all roles of the user.
    platform
        .put(&format!("/api/2/users/{}/access_policies", user.id))
        .json(&only_role("backup_user", &customer.id, &user.id))
        .step("assign the role backup_user")
        .send()?;

    println!("User {login} created with the role backup_user, saved in user.json");
    Ok(())
}
