//! The search, an example of both `tenants` and `users`.

use anyhow::{Context, Result};
use common::{Lossless, Options, Page, Platform, ask, count, warn};

use crate::SearchResult;

/// The largest number of results, unless the query has another `limit`.
const LIMIT: usize = 10;

/// Prompts for a text and prints the tenants and users that match it, in the API client's tenant or in that of
/// `--tenant`, and below.
///
/// # Errors
/// Those of [`ask`] and of [`Call::fetch`](common::Call::fetch).
pub fn search_for_tenant_or_user(platform: &Platform, options: &Options) -> Result<()> {
    let text = ask("Text to search for")?;

    // The platform matches words that begin with the text, in names, logins and e-mail addresses, ignoring case.
    let found: Lossless<Page<SearchResult>> = platform
        .get("/api/2/search")
        .query(&[
            ("text", &text),
            ("tenant", options.tenant_or(platform.tenant_id())),
        ])
        .fetch()
        .context("search")?;

    let header = ["name", "kind", "path", "id"];
    let rows = found.items.iter().map(SearchResult::row);
    let summary = count(rows.len(), "result");
    options.print_list(&found, header, rows, &summary)?;
    if found.items.len() >= LIMIT {
        warn!(
            "there may be more results: the platform returns at most {LIMIT}; search for a longer text"
        );
    }
    Ok(())
}
