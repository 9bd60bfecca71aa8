//! The demo data: two partners, customers in trial and in production, people, usage.

mod data;

use rusqlite::{Connection, params};

use self::data::{Customer, DIRECT, PARTNERS};
use super::catalogue::{all_items, enable_catalogue, for_customer};
use super::usage::{servers, use_items};
use super::{
    SeedOptions, add_person, contact, days_ago, history, machines, named, partner_id, plans,
};
use crate::domain::{Id, Result, TenantKind};
use crate::store::tenants::{self, NewTenant, Tenant};
use crate::store::{offering_items, resources};

const GIB: i64 = 1024 * 1024 * 1024;

/// Customers of so many days have ended their trial, whatever the month.
const IN_PRODUCTION: i64 = 62;

/// Puts the demo world under the partner: two partners, customers in trial and in production, people, usage.
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
                named("tenant", reseller.name),
                TenantKind::Partner,
                reseller.name,
            )
        };
        let opened = days_ago(options, 350);
        let tenant = tenants::insert(db, Some(partner), &tenant, opened)?;
        let tenant = brand(db, tenant, reseller.brand_id)?;
        let sold = all_items().filter(|(item, _)| {
            // The editions that are sold no more stay with the partner above.
            item.edition.is_none_or(|edition| {
                edition.starts_with("pck_")
                    || edition.starts_with("fss_per_")
                    || edition == "standard"
            })
        });
        offering_items::seed(db, tenant.id, sold, opened)?;
        let (first, last) = reseller.admin;
        add_person(
            db,
            &tenant,
            (first, last, "partner_admin"),
            reseller.domain,
            opened,
        )?;
        for customer in reseller.customers {
            add_customer(db, &tenant, customer, options)?;
        }
    }
    for customer in &DIRECT {
        add_customer(db, partner, customer, options)?;
    }
    // Two packs that one partner gave up, so that there is something to switch on again.
    db.execute(
        "UPDATE offering_items SET status = 0 WHERE tenant_id = ?
         AND name IN ('pg_pack_adv_dlp', 'pg_pack_adv_email_security')",
        [named("tenant", "Blue Harbour Cloud")],
    )?;
    limit(db, options)
}

/// What the administrator's partner has bought of some items: enough, or nearly.
fn limit(db: &Connection, options: &SeedOptions) -> Result<()> {
    for (name, quota) in [
        ("pg_base_workstations", 20),
        ("pw_base_workstations", 20),
        ("pg_base_storage", 1500 * GIB),
        ("pw_base_storage", 3000 * GIB),
        ("pw_base_m365_seats", 20),
    ] {
        db.execute(
            "UPDATE offering_items SET quota_value = ?, quota_overage = ?, quota_version = ?
             WHERE tenant_id = ? AND name = ?",
            params![
                quota,
                quota / 2,
                days_ago(options, 350).millis(),
                partner_id(),
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
    let opened = days_ago(options, customer.age);
    let email = format!("office@{}", customer.domain);
    let (first, last, _) = customer.people.first().copied().unwrap_or_default();
    let new = NewTenant {
        contact: contact(first, last, &email),
        ..NewTenant::named(
            named("tenant", customer.name),
            TenantKind::Customer,
            customer.name,
        )
    };
    let tenant = tenants::insert(db, Some(parent), &new, opened)?;
    let items = for_customer(customer.edition, customer.recovery);
    offering_items::seed(db, tenant.id, items.iter().copied(), opened)?;
    use_items(db, tenant.id, &items, customer.size, opened)?;
    for who in customer.people {
        add_person(db, &tenant, *who, customer.domain, opened)?;
    }
    let machines = (customer.size, servers(customer.size));
    machines::seed(db, &tenant, customer.domain, machines, opened)?;
    if customer.age >= IN_PRODUCTION {
        let applied = plans::seed(db, &tenant, options, opened)?;
        history::of_plan(db, &applied, options)?;
    }
    let machines = resources::machines_of(db, &tenant.path, options.now)?;
    history::upkeep(db, &machines, options, customer.age)?;
    Ok(())
}

fn brand(db: &Connection, tenant: Tenant, brand_id: i64) -> Result<Tenant> {
    let brand_uuid = Id::named(&format!("brand {brand_id}"));
    db.execute(
        "UPDATE tenants SET brand_id = ?, brand_uuid = ?, brand_enabled = 1 WHERE id = ?",
        params![brand_id, brand_uuid, tenant.id],
    )?;
    // Those below it inherit the brand.
    Ok(Tenant {
        brand_id: Some(brand_id),
        brand_uuid,
        brand_enabled: true,
        ..tenant
    })
}
