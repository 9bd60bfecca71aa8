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
//! - Writes: `api_customer_scoped_token.json`; `clock_skew.json` while this machine's clock is wrong.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{IssuedToken, Platform, SavedTenant, folder::CUSTOMER_TOKEN, println, utc};

/// The grant that exchanges one token for another.
const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

fn main() -> ExitCode {
    common::run_with_base_token(common::about!(), |platform, _| {
        issue_customer_scoped_token(platform)
    })
}

fn issue_customer_scoped_token(platform: &Platform) -> Result<()> {
    let customer: SavedTenant = platform.load("customer.json")?;
    let scope = format!("urn:acronis.com:tenant-id:{}", customer.id);

    // The API client's token authorizes the call. It is also the token to exchange: `form_token` adds it to the form. If
    // the platform rejects the token, the call is sent again with a new one in both places.
    let token: IssuedToken = platform
        .post("/api/2/idp/token")
        .form(&[("grant_type", GRANT_TYPE)])
        .form_token("assertion")
        .form(&[("scope", &scope)])
        .fetch_token()
        .context("issue a customer-scoped token")?;
    token.save(platform.home(), CUSTOMER_TOKEN)?;

    println!(
        "Token for customer {} saved in {CUSTOMER_TOKEN}, valid until {}",
        customer.id,
        utc(token.expires_on)
    );
    Ok(())
}
