//! Searches for tenants and users.
//!
//! ```text
//! cargo run -p tenants --bin search_for_tenant_or_user
//! ```
//!
//! The tutorial has this example in the folders `tenants` and `users`. Both run the code in `tenants/src/search.rs`.
//!
//! - Prompts: the text to search for, three characters or more.
//! - Calls: GET `/api/2/search`.

use std::process::ExitCode;

fn main() -> ExitCode {
    let about = common::about!().json().tenant("the API client's tenant");
    common::run_with_options(about, tenants::search_for_tenant_or_user)
}
