//! The worlds with something in them: the demo world, a real partner's size, and any size.

use rusqlite::{Connection, params};

use super::{SeedOptions, contact, history, machines, partner_id, plans, root_id};
use crate::catalogue::{
    self, BACKUP, Capability, FILES, Item, ItemType, STORAGE_DR, STORAGE_DR_GOOGLE, Unit,
};
use crate::clock::Timestamp;
use crate::domain::{Id, Result, TenantKind};
use crate::store::tenants::{self, NewTenant, Tenant};
use crate::store::users::{self, NewUser};
use crate::store::{offering_items, resources, usage};

const DAY: i64 = 24 * 60 * 60 * 1000;
const MIB: i64 = 1024 * 1024;
const GIB: i64 = 1024 * MIB;

/// An item where it is.
type Place = (&'static Item, Option<Id>);

/// Everything that is sold goes on for the root and, if `sold` agrees, for the administrator's partner.
fn enable_catalogue(
    db: &Connection,
    options: &SeedOptions,
    sold: impl Fn(&Item) -> bool,
) -> Result<()> {
    let opened = days_ago(options, 400);
    offering_items::seed(db, root_id(), everything(), opened)?;
    let sold = everything().filter(|(item, _)| sold(item));
    offering_items::seed(db, partner_id(), sold, opened)
}

fn everything() -> impl Iterator<Item = Place> {
    catalogue::items()
        .iter()
        .flat_map(|item| item.places().into_iter().map(move |place| (item, place)))
}

/// What a customer gets of an edition and of what has none: on one storage of a kind.
fn for_customer(edition: &str, recovery: Id) -> Vec<Place> {
    let other_storage = [STORAGE_DR, STORAGE_DR_GOOGLE]
        .into_iter()
        .find(|storage| *storage != recovery);
    everything()
        .filter(|(item, place)| {
            let sold = item.edition.is_none_or(|of| of == edition);
            sold && !item.partners_only && (place.is_none() || *place != other_storage)
        })
        .collect()
}

/// So many days before the world is made.
pub(super) fn days_ago(options: &SeedOptions, days: i64) -> Timestamp {
    options.now.plus_millis(-days * DAY)
}

/// A world with nothing but what can be sold.
pub(crate) fn empty(db: &Connection, options: &SeedOptions) -> Result<()> {
    enable_catalogue(db, options, |_| true)
}

/// Customers of so many days have ended their trial, whatever the month.
const IN_PRODUCTION: i64 = 62;

/// A customer of the demo world.
struct Customer {
    name: &'static str,
    domain: &'static str,
    /// In days. After one full calendar month it is in production.
    age: i64,
    edition: &'static str,
    recovery: Id,
    /// Workstations, on which all else depends.
    size: i64,
    /// First name, last name, role.
    people: &'static [(&'static str, &'static str, &'static str)],
}

struct Partner {
    name: &'static str,
    domain: &'static str,
    brand_id: i64,
    admin: (&'static str, &'static str),
    customers: &'static [Customer],
}

const PARTNERS: [Partner; 2] = [
    Partner {
        name: "Northlight IT Services",
        domain: "northlight.example",
        brand_id: 3579,
        admin: ("Nora", "North"),
        customers: &[
            Customer {
                name: "Alder Dental Practice",
                domain: "alder.example",
                age: 200,
                edition: "pck_per_gigabyte",
                recovery: STORAGE_DR,
                size: 4,
                people: &[
                    ("Anna", "Alder", "company_admin"),
                    ("Aron", "Ash", "backup_user"),
                ],
            },
            Customer {
                name: "Birch Logistics",
                domain: "birch.example",
                age: 9,
                edition: "pck_per_gigabyte",
                recovery: STORAGE_DR,
                size: 5,
                people: &[("Ben", "Birch", "company_admin")],
            },
            Customer {
                name: "Cedar Law Office",
                domain: "cedar.example",
                age: 150,
                edition: "pck_per_workload",
                recovery: STORAGE_DR_GOOGLE,
                size: 6,
                people: &[
                    ("Clara", "Cedar", "company_admin"),
                    ("Carl", "Cole", "backup_user"),
                    ("Cora", "Crane", "backup_user"),
                ],
            },
        ],
    },
    Partner {
        name: "Blue Harbour Cloud",
        domain: "blueharbour.example",
        brand_id: 3580,
        admin: ("Bruno", "Blue"),
        customers: &[
            Customer {
                name: "Dune Architects",
                domain: "dune.example",
                age: 300,
                edition: "pck_per_workload",
                recovery: STORAGE_DR,
                size: 8,
                people: &[
                    ("Dora", "Dune", "company_admin"),
                    ("Dan", "Dale", "backup_user"),
                ],
            },
            Customer {
                name: "Elm Bakery",
                domain: "elm.example",
                age: 4,
                edition: "standard",
                recovery: STORAGE_DR,
                size: 2,
                people: &[("Emil", "Elm", "company_admin")],
            },
        ],
    },
];

/// Customers of the administrator's own partner.
const DIRECT: [Customer; 2] = [
    Customer {
        name: "Fern Consulting",
        domain: "fern.example",
        age: 120,
        edition: "pck_per_gigabyte",
        recovery: STORAGE_DR,
        size: 3,
        people: &[("Fay", "Fern", "company_admin")],
    },
    Customer {
        name: "Grove School",
        domain: "grove.example",
        age: 12,
        edition: "cyber_protect_std",
        recovery: STORAGE_DR,
        size: 7,
        people: &[
            ("Greta", "Grove", "company_admin"),
            ("Gus", "Green", "backup_user"),
        ],
    },
];

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
        let sold = everything().filter(|(item, _)| {
            // The editions that are sold no more stay with the partner above.
            item.edition.is_none_or(|edition| {
                edition.starts_with("pck_")
                    || edition.starts_with("fss_per_")
                    || edition == "standard"
            })
        });
        offering_items::seed(db, tenant.id, sold, opened)?;
        let (first, last) = reseller.admin;
        person(
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
        person(db, &tenant, *who, customer.domain, opened)?;
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

fn person(
    db: &Connection,
    tenant: &Tenant,
    (first, last, role): (&str, &str, &str),
    domain: &str,
    now: Timestamp,
) -> Result<()> {
    let login = format!("{first}.{last}@{domain}").to_lowercase();
    let new = NewUser {
        contact: contact(first, last, &login),
        ..NewUser::named(named("user", &login), &login)
    };
    let user = users::insert(db, tenant, &new, now)?;
    users::grant(db, user.id, tenant.id, role, tenant.id, now)?;
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

fn named(what: &str, name: &str) -> Id {
    Id::named(&format!("{what} {name}"))
}

/// Notes what a customer with so many workstations uses of its items.
fn use_items(
    db: &Connection,
    tenant: Id,
    items: &[Place],
    size: i64,
    since: Timestamp,
) -> Result<()> {
    for place in items {
        let (base, growth) = amount(place.0, size);
        if (base, growth) != (0, 0) {
            usage::seed(db, tenant, *place, (base, growth), since)?;
        }
    }
    Ok(())
}

/// How much a customer with so many workstations uses of an item at first, and how much more each day.
fn amount(item: &Item, size: i64) -> (i64, i64) {
    match (item.item_type, item.unit) {
        (ItemType::Feature, _) => (0, 0),
        (_, Unit::Bytes) => match item.capability {
            Some(Capability::Backup) => (size * 40 * GIB, size * 300 * MIB),
            Some(Capability::DisasterRecovery) => (size * 4 * GIB, size * 20 * MIB),
            Some(Capability::FilesCloud) => (size * 2 * GIB, size * 50 * MIB),
            None if item.application_id == BACKUP => (size * 10 * GIB, size * 90 * MIB),
            None => (size * 5 * MIB, MIB),
        },
        (_, Unit::Seconds) => (0, size * 600),
        (_, _) if item.is_consumable() => (size / 4, if size > 10 { 2 } else { 0 }),
        (_, _) => match item.usage_name {
            "workstations" => (size, 0),
            "mailboxes" | "gsuite_seats" => (size * 5 / 4, 0),
            "servers" | "vms" => (servers(size), 0),
            "mobiles" => (size / 2, 0),
            name if name.starts_with("pack_") => (size / 2, 0),
            _ => (size / 6, 0),
        },
    }
}

/// How many servers there are beside so many workstations.
fn servers(workstations: i64) -> i64 {
    1 + workstations / 10
}

/// Puts a world of the size of one real partner account under the partner.
///
/// 74 customers and 175 tenants, personal ones and the partner itself included; 264 offering items of the partner;
/// 6,300 usages, counted over all tenants.
pub(crate) fn partner(db: &Connection, partner: &Tenant, options: &SeedOptions) -> Result<()> {
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
            everything().filter(|(item, _)| sold(item) && !without.contains(&item.name.as_str()));
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
        person(
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

/// Puts so many tenants under the partner: partners with fifty customers each, who use a little.
pub(crate) fn many(
    db: &Connection,
    partner: &Tenant,
    options: &SeedOptions,
    tenants: u32,
) -> Result<()> {
    enable_catalogue(db, options, |_| true)?;
    let opened = days_ago(options, 350);
    let sold: Vec<Place> = for_customer("pck_per_gigabyte", STORAGE_DR)
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
        let new = NewTenant::named(named("tenant", &name), kind, &name);
        let tenant = tenants::insert(db, Some(above), &new, opened)?;
        offering_items::seed(db, tenant.id, sold.iter().copied(), opened)?;
        if is_partner {
            parent = tenant;
        } else {
            use_items(db, tenant.id, &sold, 2 + i64::from(number % 17), opened)?;
        }
    }
    Ok(())
}
