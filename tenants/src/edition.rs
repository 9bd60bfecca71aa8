//! Checking that an edition is available before something is created or switched.

use anyhow::{Context, Result};
use common::{Failure, Lossless, Page, Platform, UserError};
use serde::de::DeserializeOwned;

use crate::OfferingItem;

/// All editions, as the value of the query parameter `edition`.
const ALL: &str = "*";

/// Checks that the items that a child of this kind can have include one of the edition: the list also contains items that
/// belong to no edition. Call it before you create the child, so that a misspelled edition creates nothing.
///
/// # Errors
/// A [`UserError`] that lists the available editions, a [`Failure`] if there are none, or those of
/// [`Call::fetch`](common::Call::fetch).
pub fn require_edition(
    platform: &Platform,
    kind: &str,
    edition: &str,
    items: &[Lossless<OfferingItem>],
) -> Result<()> {
    let is_found = |item: &Lossless<OfferingItem>| match edition {
        ALL => item.edition().is_some(),
        _ => item.is_of_edition(edition),
    };
    if items.iter().any(is_found) {
        return Ok(());
    }
    let editions = match edition {
        ALL => Vec::new(),
        _ => available_editions(platform, kind)?,
    };
    if editions.is_empty() {
        return Err(Failure::new(
            format!("no edition is available for a {kind}"),
            "Ask the administrator of the tenant above yours to enable offering items for your tenant.",
        )
        .into());
    }
    let setting = match platform.config() {
        config if config.edition == edition => "edition",
        _ => "switch_edition",
    };
    Err(UserError::new(
        format!(
            "the edition {edition} is not available for a {kind}; available: {}",
            editions.join(", ")
        ),
        format!(
            "Set {setting} in cyber.platform.cfg.json, or CYBER_PLATFORM_{}, to one of these.",
            setting.to_uppercase()
        ),
    )
    .into())
}

/// The items that a child of this kind can have: those of the edition, and those that belong to no edition.
///
/// # Errors
/// Those of [`Call::fetch`](common::Call::fetch).
pub(crate) fn available_items<T: DeserializeOwned>(
    platform: &Platform,
    kind: &str,
    edition: &str,
) -> Result<Page<T>> {
    let me = platform.tenant_id();
    platform
        .get(&format!(
            "/api/2/tenants/{me}/offering_items/available_for_child"
        ))
        .query(&[("kind", kind), ("edition", edition)])
        .fetch()
}

/// The editions that a child of this kind can have, in the order of the platform.
fn available_editions(platform: &Platform, kind: &str) -> Result<Vec<String>> {
    let available: Page<OfferingItem> =
        available_items(platform, kind, ALL).context("list the available editions")?;
    let mut editions: Vec<String> = Vec::new();
    for edition in available.items.iter().filter_map(OfferingItem::edition) {
        if !editions.iter().any(|known| known == edition) {
            editions.push(edition.to_owned());
        }
    }
    Ok(editions)
}
