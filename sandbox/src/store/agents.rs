//! Agents: the programs that connect machines to the platform.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::resources::{self, NewMachine};
use super::tenant_filter;
use super::tenants::{self, Tenant};
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Id, Result, Right};
use crate::lists::{
    self, Condition, Conditions, CursorPage, Key, Op, Order, PageRequest, boolean, text,
};

/// The newest build. Agents with this build are up to date.
pub(crate) const NEWEST_BUILD: i64 = 41_124;
/// The previous build.
pub(crate) const OLDER_BUILD: i64 = 40_901;

/// The operating system of a machine.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct System {
    /// `WINDOWS`, `LINUX` or `MACOSX`.
    pub family: &'static str,
    /// For example `Microsoft Windows 11 Pro`.
    pub name: &'static str,
}

/// The operating systems of seeded machines: three for workstations, two for servers.
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

/// An agent to be registered.
#[derive(Debug)]
pub(crate) struct NewAgent<'a> {
    pub id: Id,
    pub tenant_id: Id,
    /// The fully qualified host name of the machine.
    pub hostname: &'a str,
    pub system: System,
    /// The installed build.
    pub build: i64,
    pub online: bool,
    /// May be in the future: the agent is not visible before then.
    pub registered_at: Timestamp,
    /// The id of the registration token.
    pub registration: Option<i64>,
}

/// Registers an agent, and its machine with the resource id `machine`.
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
    let machine = NewMachine {
        id: machine,
        tenant_id: new.tenant_id,
        agent_id: new.id,
        hostname: new.hostname,
        created_at: new.registered_at,
    };
    resources::insert_machine(db, &machine)
}

/// Simulates the installation of an agent with a registration token: at `at` the agent and its machine appear in the
/// tenant. The name of the machine begins with `test`, which the dynamic group of the tutorial searches for.
pub(crate) fn schedule_registration(
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

/// Cancels the scheduled registration of an agent with a revoked token.
pub(crate) fn cancel_registration(tx: &Transaction<'_>, token: i64, now: Timestamp) -> Result<()> {
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

/// When the last scheduled agent will register.
pub(crate) fn due(db: &Connection, now: Timestamp) -> Result<Option<Timestamp>> {
    let mut row =
        db.prepare_cached("SELECT max(registered_at) FROM agents WHERE registered_at > ?")?;
    Ok(row.query_row([now], |row| row.get(0))?)
}

/// A registered agent.
#[derive(Clone, Debug)]
pub(crate) struct Agent {
    pub id: Id,
    /// The fully qualified host name of the machine.
    pub hostname: String,
    /// `WINDOWS`, `LINUX` or `MACOSX`.
    pub family: String,
    /// For example `Microsoft Windows 11 Pro`.
    pub system: String,
    /// The installed build.
    pub build: i64,
    pub online: bool,
    pub registered_at: Timestamp,
    pub tenant_id: Id,
    /// The legacy integer id of the tenant.
    pub tenant_number: i64,
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

/// The parameters that a cursor contains.
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

/// The units of an agent, apart from its core.
pub(crate) fn units(family: &str) -> &'static [&'static str] {
    match family {
        "WINDOWS" => &["mms", "atp-agent", "task-manager"],
        _ => &["mms", "task-manager"],
    }
}

/// A page of the agents that the caller can see.
pub(crate) fn list(
    db: &Connection,
    caller: &Caller,
    request: &PageRequest,
    now: Timestamp,
) -> Result<CursorPage<Agent>> {
    let params = &request.params;
    let order = Order::parse(params, KEYS, "asc(hostname)", "asc(id)")?;
    let mut conditions = Conditions::default();
    let visible = tenants::within(db, caller)?;
    conditions.and(visible.sql, visible.values);
    conditions.and("a.registered_at <= ?", [Value::Integer(now.millis())]);
    if let Some(tenant) = params.one("tenant_id")? {
        let subtree = tenant_filter::subtree(db, caller, tenant)?;
        conditions.and(subtree.sql, subtree.values);
    }
    let patterns = &[Op::Like, Op::Hlike, Op::Tlike];
    conditions.filter(params, "hostname", "a.hostname", patterns, text)?;
    conditions.filter(params, "os_family", "a.family", &[], |family| {
        text(&family.to_ascii_uppercase())
    })?;
    for (name, sql) in [
        ("online", "a.online = ?".to_owned()),
        ("up_to_date", format!("(a.build >= {NEWEST_BUILD}) = ?")),
    ] {
        if let Some(value) = params.one(name)? {
            let value = boolean(value).map_err(|error| error.of_field(name))?;
            conditions.and(sql, [Value::Integer(value.into())]);
        }
    }
    let requested_units = params.all("unit");
    if !requested_units.is_empty() {
        let families = ["WINDOWS", "LINUX", "MACOSX"].into_iter().filter(|family| {
            let units = units(family);
            requested_units.iter().any(|unit| units.contains(unit))
        });
        let alternatives = families.map(|family| Condition {
            sql: "a.family = ?".to_owned(),
            values: vec![Value::Text(family.to_owned())],
        });
        conditions.any_of(alternatives.collect());
    }
    lists::page(db, (COLUMNS, TABLES), &conditions, &order, request, |row| {
        Ok(from_row(row)?)
    })
}

/// Finds an agent; 404 if there is none, 403 or 404 if the caller cannot access it.
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

/// Unregisters an agent and deletes its machine. It is not an error if there is no such agent.
///
/// `force` is required because it is the last agent of the machine.
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
            "Agent {id} is the last agent of its machine. Use force=true to unregister it."
        )));
    }
    tx.execute("DELETE FROM resources WHERE agent_id = ?", [id])?;
    tx.execute("DELETE FROM agents WHERE id = ?", [id])?;
    Ok(())
}
