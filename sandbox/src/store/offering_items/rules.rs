//! The rules for the offering items of a tenant.

use std::collections::BTreeMap;

use super::row::{Items, Offered, Quota};
use crate::catalogue::{Item, ItemType};
use crate::clock::Timestamp;
use crate::domain::{ApiError, Code, Result};
use crate::store::tenants::Tenant;

/// Rejects items that the tenant cannot have. `offer` is the item of the parent.
pub(super) fn ensure_available(
    tenant: &Tenant,
    item: &Item,
    was_on: bool,
    offer: Option<&Offered>,
) -> Result<()> {
    if !item.suits_kind(tenant.kind) {
        let info = format!("A {} cannot have {}.", tenant.kind.as_str(), item.name);
        return Err(ApiError::about(Code::BusinessRules, tenant.id, info));
    }
    if !offer.is_some_and(|offer| offer.on) {
        let info = format!("The parent does not offer {}.", item.name);
        return Err(ApiError::about(Code::ItemUnavailable, tenant.id, info));
    }
    if tenant.owner_id.is_some() && !was_on {
        let info = "In a personal tenant, only quotas can be changed.";
        return Err(ApiError::about(Code::BusinessRules, tenant.id, info));
    }
    Ok(())
}

/// Checks a quota. Returns it with its new version.
pub(super) fn new_quota(
    tenant: &Tenant,
    item: &Item,
    quota: Quota,
    current: Quota,
    offer: Option<&Offered>,
    now: Timestamp,
) -> Result<Quota> {
    let name = &item.name;
    if quota.version != current.version {
        return Err(ApiError::UpgradeRequired(format!(
            "The quota of {name} has version {}, not {}.",
            current.version, quota.version
        )));
    }
    if [quota.value, quota.overage]
        .iter()
        .flatten()
        .any(|limit| *limit < 0)
    {
        return Err(ApiError::bad(format!("The quota of {name} is negative.")));
    }
    if quota.value.is_none() && quota.overage.is_some() {
        return Err(ApiError::bad(format!(
            "The quota of {name} is unlimited, so overage is not allowed."
        )));
    }
    if (quota.value, quota.overage) == (current.value, current.overage) {
        return Ok(current);
    }
    if item.item_type == ItemType::Feature {
        let info = format!("{name} is a feature and cannot have a quota.");
        return Err(ApiError::about(Code::BusinessRules, tenant.id, info));
    }
    let ceiling = offer.and_then(|offer| offer.quota.hard_limit());
    if let (Some(limit), Some(ceiling)) = (quota.hard_limit(), ceiling)
        && limit > ceiling
    {
        let info = format!("{name}: the limit {limit} is above the parent's limit {ceiling}.");
        return Err(ApiError::about(Code::HardQuotaExceeded, tenant.id, info));
    }
    let version = match quota.value {
        None => 0,
        Some(_) => now.millis().max(current.version + 1),
    };
    Ok(Quota { version, ..quota })
}

/// Checks that the dependencies of all enabled items are enabled.
pub(super) fn ensure_dependencies(tenant: &Tenant, items: &Items) -> Result<()> {
    let enabled = || items.values().filter(|offered| offered.on);
    for offered in enabled() {
        let item = offered.item;
        let Some(needed) = &item.needs else { continue };
        let is_enabled = enabled().any(|other| {
            other
                .item
                .is_needed_by(other.infra_id, item, offered.infra_id)
        });
        if !is_enabled {
            let info = format!("{} requires {needed} to be enabled.", item.name);
            return Err(ApiError::about(Code::ItemDependency, tenant.id, info));
        }
    }
    Ok(())
}

/// Checks that a customer or unit has one storage of each kind and each service in one edition.
pub(super) fn ensure_single_choice(tenant: &Tenant, items: &Items) -> Result<()> {
    let mut storages = BTreeMap::new();
    let mut editions = BTreeMap::new();
    for offered in items.values().filter(|offered| offered.on) {
        let item = offered.item;
        if let (Some(capability), Some(id)) = (item.capability, offered.infra_id) {
            let chosen = *storages.entry(capability.as_str()).or_insert(id);
            if chosen != id {
                let info = format!(
                    "A {} can have only one storage for {}; both {chosen} and {id} are enabled.",
                    tenant.kind.as_str(),
                    capability.as_str()
                );
                return Err(ApiError::about(Code::BusinessRules, tenant.id, info));
            }
        }
        if let Some(edition) = item.edition {
            let chosen = *editions.entry(item.application_id).or_insert(edition);
            if chosen != edition {
                let info = format!(
                    "A {} can have only one edition of a service; both {chosen} and {edition} are enabled.",
                    tenant.kind.as_str()
                );
                return Err(ApiError::about(Code::BusinessRules, tenant.id, info));
            }
        }
    }
    Ok(())
}
