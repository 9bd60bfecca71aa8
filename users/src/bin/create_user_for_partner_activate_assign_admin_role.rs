//! Creates a user of the partner, has the platform mail them an activation link and makes them an administrator.
//!
//! ```text
//! cargo run -p users --bin create_user_for_partner_activate_assign_admin_role
//! ```
//!
//! - Asks for: the login and the e-mail address of the new user.
//! - Needs: `api_client.json`, which `create_api_client` makes; `partner.json`, which
//!   `create_partner_tenant_and_assign_specific_edition` makes.
//! - Calls: GET `/api/2/users/check_login`, POST `/api/2/users`, POST `/api/2/users/{new}/send-activation-email`,
//!   PUT `/api/2/users/{new}/access_policies`.
//! - Leaves: `partner_user.json`. A mail goes out to the address.
//! - Changes: creating the user, sending the activation e-mail, giving the user the role `partner_admin`.
//! - Half way: a user that was created stays. Do what is left in the management portal, or delete the user there and run
//!   it again.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Platform, Step, ask, text};
use serde_json::json;
use users::{by_login, only_role};

fn main() -> ExitCode {
    common::run(common::about!(), create_user)
}

fn create_user(platform: &Platform) -> Result<()> {
    let partner = platform.kept("partner.json", "id")?;
    let login = ask("Login of the new user")?;
    let email = ask("E-mail address of the new user")?;

    // Logins are unique on the whole platform: 204 means free, 409 taken, 406 that no login can look like this.
    platform
        .get("/api/2/users/check_login", &[("username", &login)])
        .with_context(|| format!("the login {login} is not available"))?;

    let request = json!({
        "tenant_id": partner,
        "login": login,
        "contact": {
            "email": email,
            "firstname": format!("First {login}"),
            "lastname": format!("Last {login}"),
        },
    });
    let user = platform
        .create("/api/2/users", &request, by_login)
        .step("creating the user")?;
    let id = text(&user, "id")?;
    platform.save("partner_user.json", &user)?;

    // The user chooses a password behind the link in the mail; nobody else ever knows it.
    platform
        .post_empty(&format!("/api/2/users/{id}/send-activation-email"))
        .step("sending the activation e-mail")?;

    // An administrator of a partner manages it and all below it, and makes API clients with the same rights.
    platform
        .put(
            &format!("/api/2/users/{id}/access_policies"),
            &only_role("partner_admin", &partner, id),
        )
        .step("giving the user the role partner_admin")?;

    println!(
        "{login} is a user with the role partner_admin and mail at {email}, kept in partner_user.json"
    );
    Ok(())
}
