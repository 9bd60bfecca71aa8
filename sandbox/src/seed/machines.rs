//! The machines of a customer, each with an agent.

use rusqlite::Connection;

use crate::clock::Timestamp;
use crate::domain::{Id, Result};
use crate::store::agents::{self, NEWEST_BUILD, NewAgent, OLDER_BUILD, SYSTEMS, System};
use crate::store::tenants::Tenant;

/// Adds workstations and servers to the tenant. Depending on their position, some are offline or outdated, the same
/// ones in every world.
pub(super) fn seed(
    db: &Connection,
    tenant: &Tenant,
    domain: &str,
    (workstations, servers): (i64, i64),
    created_at: Timestamp,
) -> Result<()> {
    let [office, home, mac, windows, linux] = SYSTEMS;
    let pick = |systems: &[System], number: i64| {
        let index = usize::try_from(number).unwrap_or_default() % systems.len();
        systems.get(index).copied().unwrap_or(office)
    };
    let workstations = (1..=workstations).map(|number| {
        let system = pick(&[office, home, office, mac], number);
        ("ws", number, system)
    });
    let servers = (1..=servers).map(|number| ("srv", number, pick(&[windows, linux], number)));
    for (index, (role, number, system)) in workstations.chain(servers).enumerate() {
        let label = domain.split('.').next().unwrap_or_default();
        let hostname = format!("{label}-{role}{number:02}.{domain}");
        let agent = NewAgent {
            id: Id::named(&format!("agent {hostname}")),
            tenant_id: tenant.id,
            hostname: &hostname,
            system,
            build: if index % 5 == 3 {
                OLDER_BUILD
            } else {
                NEWEST_BUILD
            },
            online: index % 7 != 4,
            registered_at: created_at,
            registration: None,
        };
        agents::insert(db, &agent, Id::named(&format!("machine {hostname}")))?;
    }
    Ok(())
}
