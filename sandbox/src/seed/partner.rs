//! A world of the size of a real partner account.

use rusqlite::Connection;

use super::catalogue::{all_items, enable_catalogue, items_of_customer};
use super::usage::use_items;
use super::{SeedOptions, add_person, days_ago, history, id_of, machines};
use crate::catalogue::{Item, STORAGE_DR};
use crate::domain::{Result, TenantKind};
use crate::store::tenants::{self, NewTenant, Tenant};
use crate::store::{offering_items, resources};

/// Adds the data of a real partner account below the partner.
///
/// It has 102 tenants including the partner itself, of which 74 are customers; 73 personal tenants of users; 264 offering
/// items of the partner; and 6,300 usages of all tenants.
pub(super) fn seed(db: &Connection, partner: &Tenant, options: &SeedOptions) -> Result<()> {
    // Without these editions, 264 of 313 items remain.
    let not_sold = ["advanced", "cyber_protect_adv", "fss_legacy"];
    let sold = |item: &Item| {
        item.edition
            .is_none_or(|edition| !not_sold.contains(&edition))
    };
    enable_catalogue(db, options, sold)?;
    let created_at = days_ago(options, 350);
    let mut resellers = Vec::new();
    for number in 1..=10_i64 {
        let kind = if number <= 8 {
            TenantKind::Partner
        } else {
            TenantKind::Folder
        };
        let name = format!("Reseller {number:02}");
        let new = NewTenant::named(id_of("tenant", &name), kind, &name);
        let reseller = tenants::insert(db, Some(partner), &new, created_at)?;
        // Six of them sell 262 items, the other four 261.
        let excluded = [
            "pg_pack_adv_dlp",
            "pg_pack_adv_email_security",
            "pg_pack_adv_security",
        ];
        let excluded = if number <= 6 {
            &excluded[..2]
        } else {
            &excluded[..]
        };
        let items =
            all_items().filter(|(item, _)| sold(item) && !excluded.contains(&item.name.as_str()));
        offering_items::seed(db, reseller.id, items, created_at)?;
        resellers.push(reseller);
    }
    let items = items_of_customer("pck_per_workload", STORAGE_DR);
    // Together with updates and scans, about 40,000 tasks.
    let mut tasks_left = 38_000;
    for (number, parent) in (1..=74_i64).zip(resellers.iter().cycle()) {
        let name = format!("Customer {number:02}");
        // Every fifth customer is new, and in trial.
        let age = if number % 5 == 0 { 6 } else { 60 + number * 3 };
        let created_at = days_ago(options, age);
        let new = NewTenant::named(id_of("tenant", &name), TenantKind::Customer, &name);
        let customer = tenants::insert(db, Some(parent), &new, created_at)?;
        offering_items::seed(db, customer.id, items.iter().copied(), created_at)?;
        use_items(db, customer.id, &items, 3 + number % 40, created_at)?;
        let domain = format!("customer{number:02}.example");
        // 342 agents in total, on a part of the machines.
        let agents = (if number <= 46 { 4 } else { 3 }, 1);
        machines::seed(db, &customer, &domain, agents, created_at)?;
        add_person(
            db,
            &customer,
            ("Kim", "Keeper", "company_admin"),
            &domain,
            created_at,
        )?;
        if number <= 16 {
            let name = format!("{name} branch office");
            let new = NewTenant::named(id_of("tenant", &name), TenantKind::Unit, &name);
            let unit = tenants::insert(db, Some(&customer), &new, created_at)?;
            offering_items::seed(db, unit.id, items.iter().copied(), created_at)?;
            use_items(db, unit.id, &items, 2, created_at)?;
        }
        let machines = resources::machines_of(db, &customer.path, options.now)?;
        let plan = (id_of("plan", &name), "Backup of the day");
        history::updates_and_scans(db, &machines, options, age)?;
        tasks_left -= history::backups(db, &machines, plan, options, age, tasks_left)?;
    }
    Ok(())
}
