//! Exchanges the API client's token for a token that is valid for one customer only.
//!
//! ```text
//! cargo run -p authorization --bin issue_customer_scoped_token_for_bc
//! ```
//!
//! Protection plans and resources belong to a customer, so changing them requires such a token. (`bc` in the name is
//! from the original tutorial: `/bc/` is the base path of the Cyber Protection service.) The token expires with the
//! token for which it was exchanged and is not refreshed: run this example again.
//!
//! **While `api_customer_scoped_token.json` exists and is valid, all examples use it.** Remove the file to work as the
//! API client again.
//!
//! - Needs: `customer.json`, which `create_customer_tenant_and_assign_specific_edition` writes.
//! - Calls: POST `/api/2/idp/token`.
//! - Writes: `api_customer_scoped_token.json`.

use std::process::ExitCode;

use anyhow::{Context, Result};
use authorization::Customer;
use common::{AccessToken, Lossless, Platform, auth::save_token, folder::CUSTOMER_TOKEN, utc};

/// The grant that exchanges one token for another.
const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

fn main() -> ExitCode {
    common::run_with_base_token(common::about!(), issue_customer_scoped_token)
}

fn issue_customer_scoped_token(platform: &Platform) -> Result<()> {
    let customer: Customer = platform.load("customer.json")?;
    let scope = format!("urn:acronis.com:tenant-id:{}", customer.id);

    // The API client's token authorizes the call. It is also the token to exchange: `form_token` adds it to the form.
    let (token, clock_skew): (Lossless<AccessToken>, _) = platform
        .post("/api/2/idp/token")
        .form(&[("grant_type", GRANT_TYPE)])
        .form_token("assertion")
        .form(&[("scope", &scope)])
        .fetch_with_clock_skew()
        .context("issue a customer-scoped token")?;
    save_token(platform.home(), CUSTOMER_TOKEN, &token, clock_skew)?;

    println!(
        "Token for customer {} saved in {CUSTOMER_TOKEN}, valid until {}",
        customer.id,
        utc(token.expires_on)
    );
    Ok(())
}
