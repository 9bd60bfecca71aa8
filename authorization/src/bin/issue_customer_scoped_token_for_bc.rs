//! Exchanges the API client's token for one that reaches a single customer only.
//!
//! ```text
//! cargo run -p authorization --bin issue_customer_scoped_token_for_bc
//! ```
//!
//! Protection plans and resources live in a customer's context, so calls about them need such a token. It ends with
//! the token it was exchanged for and is never renewed by itself: run this again then.
//!
//! - Asks for: nothing.
//! - Needs: `api_client.json`, which `create_api_client` makes; `customer.json`, which
//!   `create_customer_tenant_and_assign_specific_edition` makes.
//! - Calls: POST `/api/2/idp/token`.
//! - Leaves: `api_customer_scoped_token.json`. While it is there and valid, all examples use it; remove it to work as
//!   the API client again.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Platform, dates::utc, home::CUSTOMER_TOKEN, token};
use reqwest::Method;

fn main() -> ExitCode {
    common::run_with_base_token(common::about!(), issue_customer_scoped_token)
}

fn issue_customer_scoped_token(platform: &Platform) -> Result<()> {
    let customer = platform.kept("customer.json", "id")?;
    let scope = format!("urn:acronis.com:tenant-id:{customer}");

    // The base token signs the call, and is what the call exchanges.
    let token = platform
        .call_for_secret(|base_token| {
            let form = [
                ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
                ("assertion", base_token),
                ("scope", &scope),
            ];
            let request = platform
                .connection()
                .request(Method::POST, "/api/2/idp/token", &[])?;
            Ok(request.bearer_auth(base_token).form(&form))
        })
        .context("issuing a customer-scoped token")?;
    let expires_on = token::check(&token).context("issuing a customer-scoped token")?;
    platform.save(CUSTOMER_TOKEN, &token)?;

    println!(
        "A token for customer {customer} is in {CUSTOMER_TOKEN}, valid until {}",
        utc(expires_on)
    );
    Ok(())
}
