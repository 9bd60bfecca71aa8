//! Signs in as the user without a password, by a one-time token, asks who is signed in, and signs out.
//!
//! ```text
//! cargo run -p users --bin ipmpersonate_user_call_me
//! ```
//!
//! The name is the tutorial's.
//!
//! - Asks for: nothing.
//! - Needs: `api_client.json`, which `create_api_client` makes; `user.json`, which
//!   `create_user_for_customer_activate_assign_backup_user_role` makes.
//! - Calls: POST `/api/2/idp/ott`, POST `/api/2/idp/ott/login`, GET `/api/2/users/me`, GET `/api/2/idp/logout`.
//! - Leaves: no file. Prints who is signed in, as JSON.
//! - Half way: the user may be signed in, in a session that nobody uses. It ends by itself; run it again.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{ExposeSecret, Platform, plain, text};
use reqwest::Method;
use serde_json::json;

fn main() -> ExitCode {
    common::run(common::about!(), impersonate_user)
}

fn impersonate_user(platform: &Platform) -> Result<()> {
    let login = platform.kept("user.json", "login")?;

    // Good for one sign-in, within minutes. Only an API client gets one, and only for users of its tenant and below.
    let request = json!({ "purpose": "user_login", "login": login });
    let token = platform
        .post_for_secret("/api/2/idp/ott", &request)
        .context("getting a one-time token")?;
    text(&token, "ott").context("getting a one-time token")?;

    // From here on nobody signs with the API client's token: the answer sets a cookie, which is the user's session.
    let connection = platform.connection();
    let sign_in = connection
        .request(Method::POST, "/api/2/idp/ott/login", &[])?
        .json(token.expose_secret());
    connection
        .send(sign_in)
        .context("signing in as the user with the one-time token")?;

    let who = connection.request(Method::GET, "/api/2/users/me", &[])?;
    let me = connection
        .send(who)
        .and_then(|me| {
            text(&me, "login")?;
            Ok(me)
        })
        .context("asking who is signed in");

    // A session that is not needed any more has to end, whatever came before. The answer is a page for a browser.
    let sign_out = connection.request(Method::GET, "/api/2/idp/logout", &[])?;
    let signed_out = connection.visit(sign_out).context("signing out");

    println!("{:#}", me?);
    signed_out?;
    println!("{} was signed in and out again", plain(&login));
    Ok(())
}
