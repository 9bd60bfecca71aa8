//! Agents: programs on machines, through which the platform reaches them.

use rusqlite::{Connection, Transaction, params};

use super::resources;
use super::tenants::Tenant;
use crate::clock::Moment;
use crate::error::Result;
use crate::id::Id;

/// The newest build there is. Who has it is up to date.
pub(crate) const NEWEST_BUILD: i64 = 41_124;
/// The one before.
pub(crate) const OLDER_BUILD: i64 = 40_901;

/// The system of a machine.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct System {
    /// `WINDOWS`, `LINUX`, `MACOSX`.
    pub family: &'static str,
    /// `Microsoft Windows 11 Pro`.
    pub name: &'static str,
}

/// The systems of the machines in the sandbox's worlds; the last two are those of servers.
pub(crate) const SYSTEMS: [System; 5] = [
    System {
        family: "WINDOWS",
        name: "Microsoft Windows 11 Pro",
    },
    System {
        family: "WINDOWS",
        name: "Microsoft Windows 10 Enterprise",
    },
    System {
        family: "MACOSX",
        name: "macOS 15.5",
    },
    System {
        family: "WINDOWS",
        name: "Microsoft Windows Server 2022 Standard",
    },
    System {
        family: "LINUX",
        name: "Ubuntu 24.04 LTS",
    },
];

/// What a new agent is made of.
#[derive(Debug)]
pub(crate) struct NewAgent<'a> {
    /// UUID.
    pub id: Id,
    /// The tenant it registers in.
    pub tenant_id: Id,
    /// Full name of its machine.
    pub hostname: &'a str,
    /// The machine's system.
    pub system: System,
    /// Installed build.
    pub build: i64,
    /// Whether it can be reached.
    pub online: bool,
    /// From when on it is there.
    pub registered_at: Moment,
    /// The number of the token it registers with.
    pub registration: Option<i64>,
}

/// Registers an agent, and its machine as a resource of this id.
pub(crate) fn insert(db: &Connection, new: &NewAgent<'_>, machine: Id) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO agents (id, tenant_id, hostname, family, system, build, online, registered_at, registration)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        new.id,
        new.tenant_id,
        new.hostname,
        new.system.family,
        new.system.name,
        new.build,
        new.online,
        new.registered_at,
        new.registration,
    ])?;
    resources::insert_machine(db, machine, new)
}

/// Somebody installs an agent with a registration token of this number: from then on there is a machine in the
/// token's tenant.
pub(crate) fn will_register(
    tx: &Transaction<'_>,
    tenant: &Tenant,
    token: i64,
    at: Moment,
) -> Result<()> {
    let hostname = format!("desktop-{token:04}.example");
    let new = NewAgent {
        id: Id::random(),
        tenant_id: tenant.id,
        hostname: &hostname,
        system: SYSTEMS[0],
        build: NEWEST_BUILD,
        online: true,
        registered_at: at,
        registration: Some(token),
    };
    insert(tx, &new, Id::random())
}

/// The token of this number is gone: who has not registered with it by now cannot any more.
pub(crate) fn will_not_register(tx: &Transaction<'_>, token: i64, now: Moment) -> Result<()> {
    tx.execute(
        "DELETE FROM resources WHERE agent_id IN
             (SELECT id FROM agents WHERE registration = ?1 AND registered_at > ?2)",
        params![token, now],
    )?;
    tx.execute(
        "DELETE FROM agents WHERE registration = ?1 AND registered_at > ?2",
        params![token, now],
    )?;
    Ok(())
}

/// When the last of those who are about to register will have done so.
pub(crate) fn due(db: &Connection, now: Moment) -> Result<Option<Moment>> {
    let mut row =
        db.prepare_cached("SELECT max(registered_at) FROM agents WHERE registered_at > ?")?;
    Ok(row.query_row([now], |row| row.get(0))?)
}
