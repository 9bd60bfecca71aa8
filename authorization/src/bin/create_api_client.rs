//! Creates an API client: the account that all other examples use.
//!
//! ```text
//! cargo run -p authorization --bin create_api_client
//! ```
//!
//! **The secret is saved in plain text.** A real integration keeps it in a secure store.
//!
//! If the platform no longer accepts the client in `api_client.json`, or after a reset of the sandbox, add `-- --replace`.
//! The old file is kept as `api_client.1.json`, and files about objects that do not exist here are renamed too.
//!
//! - Prompts: login and password of an administrator. They are used for these two calls and not saved.
//! - Needs: no file. `api_client.json` must not exist yet, unless it is replaced: its secret cannot be retrieved again.
//! - Calls: GET `/api/2/users/me`, POST `/api/2/clients`.
//! - Writes: `api_client.json`.
//! - If it fails midway: an API client may exist whose secret was never received or saved. Delete it in the management
//!   console, then run the example again.

use std::process::ExitCode;

use anyhow::{Context, Result};
use authorization::{SignedInUser, check_client_file, rename_stale_files, save_client};
use common::{
    Environment, Lossless, ObjectKind, ask, ask_secret, auth::ClientCredentials,
    folder::API_CLIENT, println,
};
use serde_json::json;

fn main() -> ExitCode {
    let about = common::about!()
        .steps(&["create the API client"])
        .replace("Create another API client, and keep the old file under another name");
    common::run_without_token(about, create_api_client)
}

fn create_api_client(environment: &Environment) -> Result<()> {
    let Environment { home, http, .. } = environment;
    check_client_file(environment)?;

    // Nobody should type a password for a sandbox that is not running.
    http.check_listening()?;

    // The login and password are needed only here. The other examples sign in as the API client.
    let login = ask(&format!("Login at {}", http.address()))?;
    let password = ask_secret("Password")?;

    // The client will belong to the tenant of the user who creates it.
    let user: SignedInUser = http
        .get("/api/2/users/me")
        .basic_auth(&login, &password)
        .fetch()
        .context("sign in")?;

    // Administrators see this name in the management console.
    let name = "Rust.Client";
    let request = json!({
        "type": "api_client",
        "tenant_id": user.tenant_id,
        "token_endpoint_auth_method": "client_secret_basic",
        "data": { "client_name": name },
    });
    // Only this response contains the secret. It is saved even if a field is missing that later examples need.
    let client: Lossless<ClientCredentials> = http
        .post("/api/2/clients")
        .basic_auth(&login, &password)
        .json(&request)
        .step("create the API client")
        .creates(ObjectKind::ApiClient, name, &user.tenant_id)
        .fetch()?;
    save_client(home, &client)?;

    println!(
        "API client {} created; its id and secret are saved in {API_CLIENT}",
        client.client_id
    );
    rename_stale_files(environment, &login, &password)
}
