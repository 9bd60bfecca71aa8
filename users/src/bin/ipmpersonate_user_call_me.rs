//! Signs in as the user with a one-time token instead of a password, prints who is signed in, and signs out.
//!
//! ```text
//! cargo run -p users --bin ipmpersonate_user_call_me
//! ```
//!
//! The name is misspelled in the original tutorial and kept here.
//!
//! - Needs: `user.json`, which `create_user_for_customer_activate_assign_backup_user_role` writes.
//! - Calls: POST `/api/2/idp/ott`, POST `/api/2/idp/ott/login`, GET `/api/2/users/me`, GET `/api/2/idp/logout`.
//! - If it fails midway: the user may be signed in. The session expires without use. Run the example again.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Lossless, Options, Platform, print_json, warn};
use serde_json::json;
use users::{OneTimeToken, User, UserLogin};

fn main() -> ExitCode {
    let steps = &["create a one-time token", "sign in as the user", "sign out"];
    common::run_with_options(common::about!().steps(steps).json(), impersonate_user)
}

fn impersonate_user(platform: &Platform, options: &Options) -> Result<()> {
    let user: UserLogin = platform.load("user.json")?;

    // Valid for one sign-in, within minutes. Only an API client can create it, for users of its tenant and below.
    let token: Lossless<OneTimeToken> = platform
        .post("/api/2/idp/ott")
        .json(&json!({ "purpose": "user_login", "login": user.login }))
        .step("create a one-time token")
        .fetch()?;

    // The user is not the API client, so these calls must not carry its token: `http()` sends none. The response to the
    // sign-in sets a cookie, which authorizes the calls after it. The body is the response with the token: `{"ott": "…"}`.
    let http = platform.http();
    http.post("/api/2/idp/ott/login")
        .json(&token)
        .step("sign in as the user")
        .send()?;
    let me: Result<Lossless<User>> = http
        .get("/api/2/users/me")
        .fetch()
        .context("read who is signed in");

    // End the session even if reading failed. The response is a page for a browser.
    let signed_out = http
        .get("/api/2/idp/logout")
        .step("sign out")
        .send_ignoring_body();
    if let (Err(_), Err(error)) = (&me, &signed_out) {
        warn!("{error:#}; the user remains signed in until the session expires");
    }

    print_json(&me?)?;
    signed_out?;
    options.print_line(&format!("{} signed in and out", user.login));
    Ok(())
}
