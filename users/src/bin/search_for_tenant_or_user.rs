//! Searches for tenants and users by a text.
//!
//! ```text
//! cargo run -p users --bin search_for_tenant_or_user
//! ```
//!
//! The tutorial has this example in the folders `tenants` and `users`; both run the same code, which is in
//! `tenants/src/search.rs`.
//!
//! - Asks for: the text, of three characters or more.
//! - Needs: `api_client.json`, which `create_api_client` makes.
//! - Calls: GET `/api/2/search`.
//! - Leaves: no file. Prints what was found, as JSON.

use std::process::ExitCode;

fn main() -> ExitCode {
    common::run(common::about!(), tenants::search_for_tenant_or_user)
}
