//! Creates an API client, the account that all other examples work as.
//!
//! ```text
//! cargo run -p authorization --bin create_api_client
//! ```
//!
//! - Asks for: login and password of an administrator. They are used for these two calls and kept nowhere.
//! - Needs: no file. There must be no `api_client.json` yet, as the secret in it cannot be had again.
//! - Calls: GET `/api/2/users/me`, POST `/api/2/clients`.
//! - Leaves: `api_client.json`, with the secret in clear text. A real integration keeps it in a secure store.
//! - Half way: there may be an API client whose secret nobody knows. Delete it in the management portal, then run it
//!   again.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{ExposeSecret, Mistake, Setup, ask, ask_secret, home::API_CLIENT, text};
use reqwest::Method;
use serde_json::json;

fn main() -> ExitCode {
    common::run_without_token(common::about!(), create_api_client)
}

fn create_api_client(setup: &Setup) -> Result<()> {
    let Setup {
        home, connection, ..
    } = setup;
    if home.has(API_CLIENT) {
        return Err(Mistake::new(
            format!("{API_CLIENT} is there already, and its secret cannot be had again"),
            "Go on with the API client you have, or move the file away if you want another one.",
        )
        .into());
    }

    // A person's login and password serve this once; from then on the API client signs in for itself.
    let login = ask("Login")?;
    let password = ask_secret("Password")?;

    // The client will belong to the same tenant as the person who creates it.
    let request = connection
        .request(Method::GET, "/api/2/users/me", &[])?
        .basic_auth(&login, Some(password.expose_secret()));
    let user = connection.send(request).context("signing in")?;
    let tenant_id = text(&user, "tenant_id").context("signing in")?;

    // The name is what administrators see in the management portal.
    let request = connection
        .request(Method::POST, "/api/2/clients", &[])?
        .basic_auth(&login, Some(password.expose_secret()))
        .json(&json!({
            "type": "api_client",
            "tenant_id": tenant_id,
            "token_endpoint_auth_method": "client_secret_basic",
            "data": { "client_name": "Rust.Client" },
        }));
    let client = connection
        .send_for_secret(request)
        .context("creating the API client")?;

    // This answer is the only one that shows the secret.
    let id = text(&client, "client_id").context("creating the API client")?;
    text(&client, "client_secret").context("creating the API client")?;
    home.save(API_CLIENT, &client)?;

    println!("API client {id} is made; its id and secret are in {API_CLIENT}");
    Ok(())
}
