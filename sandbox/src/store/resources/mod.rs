//! Resources: machines with agents, and groups of them.

mod condition;
mod list;

use rusqlite::{Connection, OptionalExtension, Row, params};

use self::condition::Condition;
pub(crate) use self::list::{
    FILTERS, NewGroup, Resource, Sent, count, find, list, members_of, put_group,
};

use super::agents::NewAgent;
use super::tenants::path_end;
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Id, Result};

/// The type of a machine.
pub(crate) const MACHINE: &str = "resource.machine";
/// The predefined group of all machines with agents, the same id in every tenant.
pub(crate) const WITH_AGENTS: Id = Id::from_u128(0x301d_1574_849e_4714_859f_3a2e_c12a_218b);

/// A machine that plans can be applied to.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    /// The id of the resource.
    pub id: Id,
    /// Its name.
    pub name: String,
    /// The agent on it.
    pub agent_id: Id,
    /// The tenant it is in.
    pub tenant_id: Id,
    /// The tenant's legacy integer id.
    pub tenant_number: i64,
    /// The tenant's place in the tree.
    pub tenant_path: String,
}

const MACHINES: &str = "
    SELECT r.id, r.name, r.agent_id, t.id, t.number, t.path
    FROM resources r JOIN tenants t ON t.id = r.tenant_id
    WHERE r.type = 'resource.machine' AND t.deleted_at IS NULL";

fn machine_from(row: &Row<'_>) -> rusqlite::Result<Machine> {
    Ok(Machine {
        id: row.get(0)?,
        name: row.get(1)?,
        agent_id: row.get(2)?,
        tenant_id: row.get(3)?,
        tenant_number: row.get(4)?,
        tenant_path: row.get(5)?,
    })
}

/// The machine with this agent: a resource of its own.
pub(super) fn insert_machine(db: &Connection, id: Id, agent: &NewAgent<'_>) -> Result<()> {
    let name = agent.hostname.split('.').next().unwrap_or_default();
    db.prepare_cached(
        "INSERT INTO resources (id, tenant_id, type, name, agent_id, created_at, updated_at)
         VALUES (?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        id,
        agent.tenant_id,
        MACHINE,
        name.to_uppercase(),
        agent.id,
        agent.registered_at,
        agent.registered_at,
    ])?;
    Ok(())
}

/// The machine of this id, within reach of the caller; else 404.
pub(crate) fn machine(db: &Connection, caller: &Caller, id: Id, now: Timestamp) -> Result<Machine> {
    db.prepare_cached(&format!("{MACHINES} AND r.id = ? AND r.created_at <= ?"))?
        .query_row(params![id, now], machine_from)
        .optional()?
        .filter(|machine| caller.right_over(&machine.tenant_path).is_some())
        .ok_or_else(|| ApiError::NotFound(format!("There is no machine {id}.")))
}

/// The machines in the tenant at this place and below, in the order they came.
pub(crate) fn machines_of(
    db: &Connection,
    tenant_path: &str,
    now: Timestamp,
) -> Result<Vec<Machine>> {
    let mut rows = db.prepare_cached(&format!(
        "{MACHINES} AND t.path >= ? AND t.path < ? AND r.created_at <= ? ORDER BY r.number"
    ))?;
    let rows = rows.query_map(
        params![tenant_path, path_end(tenant_path), now],
        machine_from,
    )?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Who is in a group: of the predefined one all machines at or below this place, of a dynamic one those that meet its
/// condition, of a static one those that were put in.
fn members(db: &Connection, group: &Resource, place: &str, now: Timestamp) -> Result<Vec<Machine>> {
    let mut machines = machines_of(db, place, now)?;
    if group.id == WITH_AGENTS {
        return Ok(machines);
    }
    if let Some(condition) = &group.group_condition {
        let condition = Condition::parse(condition)?;
        machines.retain(|machine| condition.holds(&|field| field.of(machine)));
        return Ok(machines);
    }
    let mut put_in =
        db.prepare_cached("SELECT 1 FROM resource_parents WHERE group_id = ? AND resource_id = ?")?;
    let mut found = Vec::new();
    for machine in machines {
        if put_in.exists(params![group.id, machine.id])? {
            found.push(machine);
        }
    }
    Ok(found)
}
