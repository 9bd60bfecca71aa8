//! The machines of a customer, each with an agent.

use rusqlite::Connection;

use crate::clock::Timestamp;
use crate::domain::{Id, Result};
use crate::store::agents::{self, NEWEST_BUILD, NewAgent, OLDER_BUILD, SYSTEMS, System};
use crate::store::tenants::Tenant;

/// So many workstations and servers in the tenant. Some are off, some wait for an update: it goes by their place in
/// the world, so that it is the same each time.
pub(crate) fn seed(
    db: &Connection,
    tenant: &Tenant,
    domain: &str,
    (workstations, servers): (i64, i64),
    since: Timestamp,
) -> Result<()> {
    let [office, home, mac, windows, linux] = SYSTEMS;
    let pick = |systems: &[System], number: i64| {
        let place = usize::try_from(number).unwrap_or_default() % systems.len();
        systems.get(place).copied().unwrap_or(office)
    };
    let workstations = (1..=workstations).map(|number| {
        let system = pick(&[office, home, office, mac], number);
        ("ws", number, system)
    });
    let servers = (1..=servers).map(|number| ("srv", number, pick(&[windows, linux], number)));
    for (place, (what, number, system)) in workstations.chain(servers).enumerate() {
        let label = domain.split('.').next().unwrap_or_default();
        let hostname = format!("{label}-{what}{number:02}.{domain}");
        let agent = NewAgent {
            id: Id::named(&format!("agent {hostname}")),
            tenant_id: tenant.id,
            hostname: &hostname,
            system,
            build: if place % 5 == 3 {
                OLDER_BUILD
            } else {
                NEWEST_BUILD
            },
            online: place % 7 != 4,
            registered_at: since,
            registration: None,
        };
        agents::insert(db, &agent, Id::named(&format!("machine {hostname}")))?;
    }
    Ok(())
}
