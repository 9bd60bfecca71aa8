//! Agents: programs on machines, through which the platform reaches them.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::resources;
use super::tenants::{self, Tenant, path_end};
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Id, Result, Right};
use crate::lists::{self, Asked, Condition, Conditions, Key, Op, Order, Slice, boolean, text};

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
    pub registered_at: Timestamp,
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
/// token's tenant. Its name begins with `test`, which is what the tutorial's dynamic group looks for.
pub(crate) fn will_register(
    tx: &Transaction<'_>,
    tenant: &Tenant,
    token: i64,
    at: Timestamp,
) -> Result<()> {
    let hostname = format!("test-machine-{token}.example");
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
pub(crate) fn will_not_register(tx: &Transaction<'_>, token: i64, now: Timestamp) -> Result<()> {
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
pub(crate) fn due(db: &Connection, now: Timestamp) -> Result<Option<Timestamp>> {
    let mut row =
        db.prepare_cached("SELECT max(registered_at) FROM agents WHERE registered_at > ?")?;
    Ok(row.query_row([now], |row| row.get(0))?)
}

/// An agent that is there.
#[derive(Clone, Debug)]
pub(crate) struct Agent {
    /// UUID.
    pub id: Id,
    /// Full name of its machine.
    pub hostname: String,
    /// `WINDOWS`, `LINUX`, `MACOSX`.
    pub family: String,
    /// `Microsoft Windows 11 Pro`.
    pub system: String,
    /// Installed build.
    pub build: i64,
    /// Whether it can be reached.
    pub online: bool,
    /// Since when it is there.
    pub registered_at: Timestamp,
    /// The tenant it is in.
    pub tenant_id: Id,
    /// That tenant's legacy integer id.
    pub tenant_number: i64,
    /// And its name.
    pub tenant_name: String,
}

const COLUMNS: &str = "a.id, a.hostname, a.family, a.system, a.build, a.online, a.registered_at, \
                       t.id, t.number, t.name";
const TABLES: &str = "agents a JOIN tenants t ON t.id = a.tenant_id";
const KEYS: &[Key] = &[
    Key {
        name: "hostname",
        sql: "a.hostname",
    },
    Key {
        name: "id",
        sql: "a.id",
    },
];

/// What the list of agents can be asked for.
pub(crate) const FILTERS: &[&str] = &[
    "hostname",
    "online",
    "order",
    "os_family",
    "tenant_id",
    "unit",
    "up_to_date",
];

fn from_row(row: &Row<'_>) -> rusqlite::Result<Agent> {
    Ok(Agent {
        id: row.get(0)?,
        hostname: row.get(1)?,
        family: row.get(2)?,
        system: row.get(3)?,
        build: row.get(4)?,
        online: row.get(5)?,
        registered_at: row.get(6)?,
        tenant_id: row.get(7)?,
        tenant_number: row.get(8)?,
        tenant_name: row.get(9)?,
    })
}

/// The units of an agent beside its core.
pub(crate) fn units(family: &str) -> &'static [&'static str] {
    match family {
        "WINDOWS" => &["mms", "atp-agent", "task-manager"],
        _ => &["mms", "task-manager"],
    }
}

/// The tenant of a legacy number or a UUID and all below it, in SQL; 403 where the caller has no right over it.
pub(super) fn below(db: &Connection, caller: &Caller, tenant: &str) -> Result<Condition> {
    let unknown = || ApiError::denied(format!("tenant_id: there is no tenant {tenant:?}."));
    let id: Id = match tenant.parse::<i64>() {
        Ok(number) => db
            .prepare_cached("SELECT id FROM tenants WHERE number = ?")?
            .query_row([number], |row| row.get(0))
            .optional()?
            .ok_or_else(unknown)?,
        Err(_) => tenant.parse().map_err(|_| {
            ApiError::bad(format!("tenant_id: {tenant:?} is no number and no UUID."))
        })?,
    };
    let tenant = tenants::require_access(db, caller, id, Right::View)?;
    Ok(Condition {
        sql: "(t.path >= ? AND t.path < ?)".to_owned(),
        values: vec![
            Value::Text(tenant.path.clone()),
            Value::Text(path_end(&tenant.path)),
        ],
    })
}

/// A page of the agents that the caller reaches.
pub(crate) fn list(
    db: &Connection,
    caller: &Caller,
    asked: &Asked,
    now: Timestamp,
) -> Result<Slice<Agent>> {
    let params = &asked.params;
    let order = Order::parse(params, KEYS, "asc(hostname)", "asc(id)")?;
    let mut wanted = Conditions::default();
    let reached = tenants::within(db, caller)?;
    wanted.and(reached.sql, reached.values);
    wanted.and("a.registered_at <= ?", [Value::Integer(now.millis())]);
    if let Some(tenant) = params.one("tenant_id")? {
        let below = below(db, caller, tenant)?;
        wanted.and(below.sql, below.values);
    }
    let patterns = &[Op::Like, Op::Hlike, Op::Tlike];
    wanted.filter(params, "hostname", "a.hostname", patterns, text)?;
    wanted.filter(params, "os_family", "a.family", &[], |family| {
        text(&family.to_ascii_uppercase())
    })?;
    for (name, sql) in [
        ("online", "a.online = ?".to_owned()),
        ("up_to_date", format!("(a.build >= {NEWEST_BUILD}) = ?")),
    ] {
        if let Some(value) = params.one(name)? {
            let value = boolean(value).map_err(|error| error.of_field(name))?;
            wanted.and(sql, [Value::Integer(value.into())]);
        }
    }
    let asked_units = params.all("unit");
    if !asked_units.is_empty() {
        let families = ["WINDOWS", "LINUX", "MACOSX"].into_iter().filter(|family| {
            let units = units(family);
            asked_units.iter().any(|unit| units.contains(unit))
        });
        let alternatives = families.map(|family| Condition {
            sql: "a.family = ?".to_owned(),
            values: vec![Value::Text(family.to_owned())],
        });
        wanted.any(alternatives.collect());
    }
    lists::page(db, (COLUMNS, TABLES), &wanted, &order, asked, |row| {
        Ok(from_row(row)?)
    })
}

/// The agent of this id, within reach of the caller; else 404.
pub(crate) fn find(db: &Connection, caller: &Caller, id: Id, now: Timestamp) -> Result<Agent> {
    let agent = db
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM {TABLES} WHERE a.id = ? AND a.registered_at <= ?"
        ))?
        .query_row(params![id, now], from_row)
        .optional()?
        .ok_or_else(|| ApiError::NotFound(format!("There is no agent {id}.")))?;
    tenants::require_access(db, caller, agent.tenant_id, Right::View)?;
    Ok(agent)
}

/// Unregisters an agent and forgets its machine; one that is not there is no error.
///
/// It is the last one of its machine, so that this takes `force`.
pub(crate) fn unregister(
    tx: &Transaction<'_>,
    caller: &Caller,
    id: Id,
    force: bool,
    now: Timestamp,
) -> Result<()> {
    let agent = match find(tx, caller, id, now) {
        Err(ApiError::NotFound(_)) => return Ok(()),
        found => found?,
    };
    tenants::require_access(tx, caller, agent.tenant_id, Right::Manage)?;
    if !force {
        return Err(ApiError::Conflict(format!(
            "Agent {id} is the last one of its machine: force=true unregisters it."
        )));
    }
    tx.execute("DELETE FROM resources WHERE agent_id = ?", [id])?;
    tx.execute("DELETE FROM agents WHERE id = ?", [id])?;
    Ok(())
}
