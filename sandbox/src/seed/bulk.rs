//! A world with any number of tenants, for load tests.

use rusqlite::Connection;

use super::catalogue::{OfferedItem, enable_catalogue, items_of_customer};
use super::usage::use_items;
use super::{SeedOptions, days_ago, id_of};
use crate::catalogue::{FILES, STORAGE_DR};
use crate::domain::{Result, TenantKind};
use crate::store::offering_items;
use crate::store::tenants::{self, NewTenant, Tenant};

/// Adds this many tenants below the partner: partners with fifty customers each, with a little usage.
pub(super) fn seed(
    db: &Connection,
    partner: &Tenant,
    options: &SeedOptions,
    tenants: u32,
) -> Result<()> {
    enable_catalogue(db, options, |_| true)?;
    let created_at = days_ago(options, 350);
    let items: Vec<OfferedItem> = items_of_customer("pck_per_gigabyte", STORAGE_DR)
        .into_iter()
        .filter(|(item, _)| item.application_id != FILES && item.needs.is_none())
        .take(10)
        .collect();
    let mut parent = partner.clone();
    for number in 1..=tenants {
        let is_partner = number % 51 == 1;
        let (kind, above, name) = if is_partner {
            (TenantKind::Partner, partner, format!("Partner {number:06}"))
        } else {
            (
                TenantKind::Customer,
                &parent,
                format!("Customer {number:06}"),
            )
        };
        let new = NewTenant::named(id_of("tenant", &name), kind, &name);
        let tenant = tenants::insert(db, Some(above), &new, created_at)?;
        offering_items::seed(db, tenant.id, items.iter().copied(), created_at)?;
        if is_partner {
            parent = tenant;
        } else {
            use_items(
                db,
                tenant.id,
                &items,
                2 + i64::from(number % 17),
                created_at,
            )?;
        }
    }
    Ok(())
}
