//! Data of the size of one real partner account.

use rusqlite::Connection;

use super::catalogue::{all_items, enable_catalogue, for_customer};
use super::usage::use_items;
use super::{SeedOptions, add_person, days_ago, history, machines, named};
use crate::catalogue::{Item, STORAGE_DR};
use crate::domain::{Result, TenantKind};
use crate::store::tenants::{self, NewTenant, Tenant};
use crate::store::{offering_items, resources};

/// Puts a world of the size of one real partner account under the partner.
///
/// 74 customers and 175 tenants, personal ones and the partner itself included; 264 offering items of the partner;
/// 6,300 usages, counted over all tenants.
pub(super) fn seed(db: &Connection, partner: &Tenant, options: &SeedOptions) -> Result<()> {
    // What this partner never sold: 264 of 313 remain.
    let never_sold = ["advanced", "cyber_protect_adv", "fss_legacy"];
    let sold = |item: &Item| {
        item.edition
            .is_none_or(|edition| !never_sold.contains(&edition))
    };
    enable_catalogue(db, options, sold)?;
    let opened = days_ago(options, 350);
    let mut resellers = Vec::new();
    for number in 1..=10_i64 {
        let kind = if number <= 8 {
            TenantKind::Partner
        } else {
            TenantKind::Folder
        };
        let name = format!("Reseller {number:02}");
        let new = NewTenant::named(named("tenant", &name), kind, &name);
        let reseller = tenants::insert(db, Some(partner), &new, opened)?;
        // None of them sells all: 262 items for six of them, 261 for four.
        let without = [
            "pg_pack_adv_dlp",
            "pg_pack_adv_email_security",
            "pg_pack_adv_security",
        ];
        let without = if number <= 6 {
            &without[..2]
        } else {
            &without[..]
        };
        let items =
            all_items().filter(|(item, _)| sold(item) && !without.contains(&item.name.as_str()));
        offering_items::seed(db, reseller.id, items, opened)?;
        resellers.push(reseller);
    }
    let items = for_customer("pck_per_workload", STORAGE_DR);
    // 40,000 tasks, with those that are no backups.
    let mut tasks_left = 38_000;
    for (number, parent) in (1..=74_i64).zip(resellers.iter().cycle()) {
        let name = format!("Customer {number:02}");
        // Every fifth is new, and in trial.
        let age = if number % 5 == 0 { 6 } else { 60 + number * 3 };
        let opened = days_ago(options, age);
        let new = NewTenant::named(named("tenant", &name), TenantKind::Customer, &name);
        let customer = tenants::insert(db, Some(parent), &new, opened)?;
        offering_items::seed(db, customer.id, items.iter().copied(), opened)?;
        use_items(db, customer.id, &items, 3 + number % 40, opened)?;
        let domain = format!("customer{number:02}.example");
        // 342 agents in all, on some of the machines that count.
        let agents = (if number <= 46 { 4 } else { 3 }, 1);
        machines::seed(db, &customer, &domain, agents, opened)?;
        add_person(
            db,
            &customer,
            ("Kim", "Keeper", "company_admin"),
            &domain,
            opened,
        )?;
        if number <= 16 {
            let name = format!("{name} branch office");
            let new = NewTenant::named(named("tenant", &name), TenantKind::Unit, &name);
            let unit = tenants::insert(db, Some(&customer), &new, opened)?;
            offering_items::seed(db, unit.id, items.iter().copied(), opened)?;
            use_items(db, unit.id, &items, 2, opened)?;
        }
        let machines = resources::machines_of(db, &customer.path, options.now)?;
        let plan = (named("plan", &name), "Backup of the day");
        history::upkeep(db, &machines, options, age)?;
        tasks_left -= history::backups(db, &machines, plan, options, age, tasks_left)?;
    }
    Ok(())
}
