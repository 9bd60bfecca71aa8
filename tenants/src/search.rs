//! The search example, which stands in the folders tenants and users.

use anyhow::{Context, Result};
use common::{Platform, ask, list, sorted};

/// Asks for a text and prints the tenants and users that the platform finds by it, in the API client's tenant and
/// below.
///
/// # Errors
/// What [`ask`] and [`Platform::get`] can meet.
pub fn search_for_tenant_or_user(platform: &Platform) -> Result<()> {
    let text = ask("Text to search for")?;

    // Names, logins, e-mail addresses: the platform looks for words that begin with the text, in any case.
    let query = [("text", text.as_str()), ("tenant", platform.tenant_id())];
    let found = platform.get("/api/2/search", &query).context("searching")?;
    list(&found, "items").context("searching")?;

    println!("{:#}", sorted(&found));
    Ok(())
}
