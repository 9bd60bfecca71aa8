//! Issues an access token for the API client.
//!
//! ```text
//! cargo run -p authorization --bin issue_access_token
//! ```
//!
//! The other examples do the same when the saved token has less than 15 minutes left.
//!
//! **The token is a credential:** for two hours, anyone who has it can do everything the API client can do.
//!
//! - Needs: `api_client.json`, which `create_api_client` writes.
//! - Calls: POST `/api/2/idp/token`.
//! - Writes: `api_token.json`; `clock_skew.json` while this machine's clock is wrong.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{ApiClient, Environment, IssuedToken, folder::API_TOKEN, println, utc};

fn main() -> ExitCode {
    common::run_without_token(common::about!(), issue_access_token)
}

fn issue_access_token(environment: &Environment) -> Result<()> {
    let Environment { home, http, .. } = environment;
    let client = ApiClient::load(home)?;

    // The API client signs in with its id and secret. The grant type is sent as a form field.
    let token: IssuedToken = http
        .post("/api/2/idp/token")
        .basic_auth(&client.client_id, &client.client_secret)
        .form(&[("grant_type", "client_credentials")])
        .fetch_token()
        .context("issue an access token")?;

    // Later runs read `expires_on` to decide whether they can use the token.
    token.save(home, API_TOKEN)?;

    println!(
        "Access token saved in {API_TOKEN}, valid until {}",
        utc(token.expires_on)
    );
    Ok(())
}
