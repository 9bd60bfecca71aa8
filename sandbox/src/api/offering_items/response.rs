//! Offering items in responses.

use serde::Serialize;

use crate::clock::Timestamp;
use crate::domain::Id;
use crate::store::offering_items::{self, Offered};

/// An offering item of a tenant.
#[derive(Debug, Serialize)]
pub(crate) struct OfferingItem {
    application_id: Id,
    name: &'static str,
    edition: Option<&'static str>,
    usage_name: &'static str,
    tenant_id: Id,
    updated_at: Timestamp,
    deleted_at: Option<Timestamp>,
    status: u8,
    locked: bool,
    #[serde(rename = "type")]
    item_type: &'static str,
    // Clients expect the field even if it is null.
    infra_id: Option<Id>,
    measurement_unit: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    quota: Option<Quota>,
}

impl OfferingItem {
    pub(crate) fn of(tenant_id: Id, offered: &Offered) -> Self {
        let item = offered.item;
        Self {
            application_id: item.application_id,
            name: &item.name,
            edition: item.edition,
            usage_name: item.usage_name,
            tenant_id,
            updated_at: offered.updated_at,
            deleted_at: None,
            status: u8::from(offered.on),
            locked: false,
            item_type: item.item_type.as_str(),
            infra_id: offered.infra_id,
            measurement_unit: item.unit.as_str(),
            quota: offered.visible_quota().map(Quota::from),
        }
    }
}

/// The quota of an offering item.
#[derive(Debug, Serialize)]
pub(in crate::api) struct Quota {
    value: Option<i64>,
    overage: Option<i64>,
    version: i64,
}

impl From<offering_items::Quota> for Quota {
    fn from(quota: offering_items::Quota) -> Self {
        Self {
            value: quota.value,
            overage: quota.overage,
            version: quota.version,
        }
    }
}

/// A list of the offering items of one tenant.
#[derive(Debug, Serialize)]
pub(crate) struct OfferingItems {
    pub(in crate::api) timestamp: Timestamp,
    pub(in crate::api) items: Vec<OfferingItem>,
}

impl OfferingItems {
    pub(crate) fn of(tenant_id: Id, offered: &[Offered], now: Timestamp) -> Self {
        Self {
            timestamp: now,
            items: offered
                .iter()
                .map(|offered| OfferingItem::of(tenant_id, offered))
                .collect(),
        }
    }
}
