//! The demo world: two partners, customers in trial and in production, users and usage.

mod data;

use rusqlite::{Connection, params};

use self::data::{Customer, DIRECT, PARTNERS};
use super::catalogue::{all_items, enable_catalogue, items_of_customer};
use super::usage::{servers, use_items};
use super::{
    SeedOptions, add_person, contact, days_ago, history, id_of, machines, partner_id, plans,
};
use crate::domain::{Id, Result, TenantKind};
use crate::store::tenants::{self, NewTenant, Tenant};
use crate::store::{offering_items, resources};

const GIB: i64 = 1024 * 1024 * 1024;

/// A customer of this age in days is no longer in trial, in any month.
const PRODUCTION_AGE: i64 = 62;

/// Adds the demo world below the partner.
pub(crate) fn seed(db: &Connection, partner: &Tenant, options: &SeedOptions) -> Result<()> {
    enable_catalogue(db, options, |_| true)?;
    for reseller in &PARTNERS {
        let tenant = NewTenant {
            contact: contact(
                reseller.admin.0,
                reseller.admin.1,
                &format!("office@{}", reseller.domain),
            ),
            ..NewTenant::named(
                id_of("tenant", reseller.name),
                TenantKind::Partner,
                reseller.name,
            )
        };
        let created_at = days_ago(options, 350);
        let tenant = tenants::insert(db, Some(partner), &tenant, created_at)?;
        let tenant = set_brand(db, tenant, reseller.brand_id)?;
        let sold = all_items().filter(|(item, _)| {
            // Legacy editions remain with the parent partner.
            item.edition.is_none_or(|edition| {
                edition.starts_with("pck_")
                    || edition.starts_with("fss_per_")
                    || edition == "standard"
            })
        });
        offering_items::seed(db, tenant.id, sold, created_at)?;
        let (first, last) = reseller.admin;
        add_person(
            db,
            &tenant,
            (first, last, "partner_admin"),
            reseller.domain,
            created_at,
        )?;
        for customer in reseller.customers {
            add_customer(db, &tenant, customer, options)?;
        }
    }
    for customer in &DIRECT {
        add_customer(db, partner, customer, options)?;
    }
    // One partner has disabled two packs, so that they can be enabled again.
    db.execute(
        "UPDATE offering_items SET status = 0 WHERE tenant_id = ?
         AND name IN ('pg_pack_adv_dlp', 'pg_pack_adv_email_security')",
        [id_of("tenant", "Blue Harbour Cloud")],
    )?;
    set_quotas(db, options)
}

/// Sets quotas of the administrator's partner, some of them almost used up, and of one partner below it.
fn set_quotas(db: &Connection, options: &SeedOptions) -> Result<()> {
    let northlight = id_of("tenant", "Northlight IT Services");
    for (tenant, name, quota) in [
        (partner_id(), "pg_base_workstations", 20),
        (partner_id(), "pw_base_workstations", 20),
        (partner_id(), "pg_base_storage", 1500 * GIB),
        (partner_id(), "pw_base_storage", 3000 * GIB),
        (partner_id(), "pw_base_m365_seats", 20),
        (northlight, "pg_base_workstations", 15),
        (northlight, "pg_base_storage", 1000 * GIB),
    ] {
        db.execute(
            "UPDATE offering_items SET quota_value = ?, quota_overage = ?, quota_version = ?
             WHERE tenant_id = ? AND name = ?",
            params![
                quota,
                quota / 2,
                days_ago(options, 350).millis(),
                tenant,
                name
            ],
        )?;
    }
    Ok(())
}

fn add_customer(
    db: &Connection,
    parent: &Tenant,
    customer: &Customer,
    options: &SeedOptions,
) -> Result<()> {
    let created_at = days_ago(options, customer.age_days);
    let email = format!("office@{}", customer.domain);
    let (first, last, _) = customer.people.first().copied().unwrap_or_default();
    let new = NewTenant {
        contact: contact(first, last, &email),
        ..NewTenant::named(
            id_of("tenant", customer.name),
            TenantKind::Customer,
            customer.name,
        )
    };
    let tenant = tenants::insert(db, Some(parent), &new, created_at)?;
    let items = items_of_customer(customer.edition, customer.recovery);
    offering_items::seed(db, tenant.id, items.iter().copied(), created_at)?;
    use_items(db, tenant.id, &items, customer.size, created_at)?;
    for person in customer.people {
        add_person(db, &tenant, *person, customer.domain, created_at)?;
    }
    let machines = (customer.size, servers(customer.size));
    machines::seed(db, &tenant, customer.domain, machines, created_at)?;
    if customer.age_days >= PRODUCTION_AGE {
        let applied = plans::seed(db, &tenant, options, created_at)?;
        history::plan_runs(db, &applied, options)?;
    }
    let machines = resources::machines_of(db, &tenant.path, options.now)?;
    history::updates_and_scans(db, &machines, options, customer.age_days)?;
    Ok(())
}

/// Gives the tenant its own brand.
fn set_brand(db: &Connection, tenant: Tenant, brand_id: i64) -> Result<Tenant> {
    let brand_uuid = Id::named(&format!("brand {brand_id}"));
    db.execute(
        "UPDATE tenants SET brand_id = ?, brand_uuid = ?, brand_enabled = 1 WHERE id = ?",
        params![brand_id, brand_uuid, tenant.id],
    )?;
    // The tenants below it inherit the brand.
    Ok(Tenant {
        brand_id: Some(brand_id),
        brand_uuid,
        brand_enabled: true,
        ..tenant
    })
}
