//! Issues an access token for the API client.
//!
//! ```text
//! cargo run -p authorization --bin issue_access_token
//! ```
//!
//! The other examples do the same by themselves when the kept token has less than 15 minutes left.
//!
//! - Asks for: nothing.
//! - Needs: `api_client.json`, which `create_api_client` makes.
//! - Calls: POST `/api/2/idp/token`.
//! - Leaves: `api_token.json`. Whoever has it can do what the API client can, for two hours.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{
    Setup,
    dates::utc,
    home::API_TOKEN,
    token::{self, ApiClient},
};
use reqwest::Method;

fn main() -> ExitCode {
    common::run_without_token(common::about!(), issue_access_token)
}

fn issue_access_token(setup: &Setup) -> Result<()> {
    let client = ApiClient::load(&setup.home)?;

    // The API client signs in with its id and secret; what it wants goes as a form.
    let request = setup
        .connection
        .request(Method::POST, "/api/2/idp/token", &[])?
        .basic_auth(&client.client_id, Some(client.secret()))
        .form(&[("grant_type", "client_credentials")]);
    let token = setup
        .connection
        .send_for_secret(request)
        .context("issuing an access token")?;

    // `expires_on` (Unix seconds) tells later runs how long they can use it.
    let expires_on = token::check(&token).context("issuing an access token")?;
    setup.home.save(API_TOKEN, &token)?;

    println!(
        "An access token is in {API_TOKEN}, valid until {}",
        utc(expires_on)
    );
    Ok(())
}
