//! The search, an example of both `tenants` and `users`.

use anyhow::{Context, Result};
use common::{Lossless, Page, Platform, ask, print_json, sorted};
use serde::de::IgnoredAny;

/// Prompts for a text and prints the tenants and users that match it, in the API client's tenant and below.
///
/// # Errors
/// Those of [`ask`] and of [`Call::fetch`](common::Call::fetch).
pub fn search_for_tenant_or_user(platform: &Platform) -> Result<()> {
    let text = ask("Text to search for")?;

    // The platform matches words that begin with the text, in names, logins and e-mail addresses, ignoring case.
    let found: Lossless<Page<IgnoredAny>> = platform
        .get("/api/2/search")
        .query(&[("text", &text), ("tenant", platform.tenant_id())])
        .fetch()
        .context("search")?;

    print_json(&sorted(&serde_json::to_value(&found)?))
}
