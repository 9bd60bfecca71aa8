//! Machines.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::MACHINE;
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Id, Result};
use crate::store::tenants::path_end;

/// A machine that plans can be applied to.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    /// The id of the resource.
    pub id: Id,
    pub name: String,
    pub agent_id: Id,
    pub tenant_id: Id,
    /// The legacy integer id of the tenant.
    pub tenant_number: i64,
    pub tenant_path: String,
}

const SELECT: &str = "
    SELECT r.id, r.name, r.agent_id, t.id, t.number, t.path
    FROM resources r JOIN tenants t ON t.id = r.tenant_id
    WHERE r.type = 'resource.machine' AND t.deleted_at IS NULL";

fn from_row(row: &Row<'_>) -> rusqlite::Result<Machine> {
    Ok(Machine {
        id: row.get(0)?,
        name: row.get(1)?,
        agent_id: row.get(2)?,
        tenant_id: row.get(3)?,
        tenant_number: row.get(4)?,
        tenant_path: row.get(5)?,
    })
}

/// A machine to be inserted. It becomes visible at `created_at`.
#[derive(Debug)]
pub(in crate::store) struct NewMachine<'a> {
    pub id: Id,
    pub tenant_id: Id,
    pub agent_id: Id,
    /// The fully qualified host name.
    pub hostname: &'a str,
    pub created_at: Timestamp,
}

/// Inserts a machine. Its name is the first label of the host name, in upper case.
pub(in crate::store) fn insert_machine(db: &Connection, new: &NewMachine<'_>) -> Result<()> {
    let name = new.hostname.split('.').next().unwrap_or_default();
    db.prepare_cached(
        "INSERT INTO resources (id, tenant_id, type, name, agent_id, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)",
    )?
    .execute(params![
        new.id,
        new.tenant_id,
        MACHINE,
        name.to_uppercase(),
        new.agent_id,
        new.created_at,
    ])?;
    Ok(())
}

/// Finds a machine; 404 if the caller cannot see it.
pub(crate) fn machine(db: &Connection, caller: &Caller, id: Id, now: Timestamp) -> Result<Machine> {
    db.prepare_cached(&format!("{SELECT} AND r.id = ? AND r.created_at <= ?"))?
        .query_row(params![id, now], from_row)
        .optional()?
        .filter(|machine| caller.right_over(&machine.tenant_path).is_some())
        .ok_or_else(|| ApiError::NotFound(format!("There is no machine {id}.")))
}

/// The machines of the tenant with this path and its descendants, in the order of their creation.
pub(crate) fn machines_of(
    db: &Connection,
    tenant_path: &str,
    now: Timestamp,
) -> Result<Vec<Machine>> {
    let mut rows = db.prepare_cached(&format!(
        "{SELECT} AND t.path >= ? AND t.path < ? AND r.created_at <= ? ORDER BY r.number"
    ))?;
    let rows = rows.query_map(params![tenant_path, path_end(tenant_path), now], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// All machines that the caller can see.
pub(super) fn visible_machines(
    db: &Connection,
    caller: &Caller,
    now: Timestamp,
) -> Result<Vec<Machine>> {
    let mut machines = Vec::new();
    for grant in &caller.grants {
        machines.extend(machines_of(db, &grant.path, now)?);
    }
    Ok(machines)
}
