//! Groups of resources, and their members.

use rusqlite::{Connection, Transaction, params};

use super::condition::Condition;
use super::machines::{Machine, machines_of, visible_machines};
use super::row::{COLUMNS, GROUP_PREFIX, GroupFields, Resource, TABLES, from_row};
use super::{MACHINE, WITH_AGENTS, find};
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Id, Result, Right, TenantKind};
use crate::store::tenants::{self, Tenant};

/// The groups that the caller can see.
pub(super) fn visible_groups(
    db: &Connection,
    caller: &Caller,
    now: Timestamp,
) -> Result<Vec<Resource>> {
    let mut groups = Vec::new();
    for grant in &caller.grants {
        let mut rows = db.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM {TABLES} WHERE r.type LIKE 'resource.group.%'
             AND t.path >= ? AND t.path < ? AND t.deleted_at IS NULL AND r.created_at <= ?"
        ))?;
        let path_end = tenants::path_end(&grant.path);
        for row in rows.query_map(params![grant.path, path_end, now], from_row)? {
            groups.push(row?);
        }
    }
    Ok(groups)
}

/// The members of a group: the matching machines of a dynamic group, the machines that were added to a static group.
pub(super) fn members(db: &Connection, group: &Resource, now: Timestamp) -> Result<Vec<Machine>> {
    let mut machines = machines_of(db, &group.tenant_path, now)?;
    if let Some(condition) = &group.group_condition {
        let condition = Condition::parse(condition)?;
        machines.retain(|machine| condition.holds_for_machine(machine));
        return Ok(machines);
    }
    let mut added =
        db.prepare_cached("SELECT 1 FROM resource_parents WHERE group_id = ? AND resource_id = ?")?;
    let mut members = Vec::new();
    for machine in machines {
        if added.exists(params![group.id, machine.id])? {
            members.push(machine);
        }
    }
    Ok(members)
}

/// The machines in a group; 404 if the caller cannot see the group.
pub(crate) fn members_of(
    db: &Connection,
    caller: &Caller,
    group: Id,
    now: Timestamp,
) -> Result<Vec<Machine>> {
    if group == WITH_AGENTS {
        return visible_machines(db, caller, now);
    }
    let groups = visible_groups(db, caller, now)?;
    match groups.iter().find(|known| known.id == group) {
        Some(known) => members(db, known, now),
        None => Err(ApiError::NotFound(format!("There is no group {group}."))),
    }
}

/// Fills in the groups that contain each resource.
pub(super) fn with_parents(
    db: &Connection,
    caller: &Caller,
    mut resources: Vec<Resource>,
    now: Timestamp,
) -> Result<Vec<Resource>> {
    let mut static_groups = db.prepare_cached(
        "SELECT group_id FROM resource_parents WHERE resource_id = ? ORDER BY group_id",
    )?;
    let dynamic_groups: Vec<(Id, Vec<Id>)> = visible_groups(db, caller, now)?
        .into_iter()
        .filter(|group| group.group_condition.is_some())
        .map(|group| {
            let members = members(db, &group, now)?;
            Ok((group.id, members.into_iter().map(|one| one.id).collect()))
        })
        .collect::<Result<_>>()?;
    for resource in &mut resources {
        if resource.kind == MACHINE && resource.agent_id.is_some() {
            resource.parents.push(WITH_AGENTS);
        }
        for group in static_groups.query_map([resource.id], |row| row.get(0))? {
            resource.parents.push(group?);
        }
        let containing = dynamic_groups
            .iter()
            .filter(|(_, members)| members.contains(&resource.id));
        resource.parents.extend(containing.map(|(group, _)| *group));
    }
    Ok(resources)
}

/// A group to be created or changed.
#[derive(Debug)]
pub(crate) struct NewGroup {
    /// The id of an existing group to be changed; `None` to create one.
    pub id: Option<Id>,
    /// For example `resource.group.computers`.
    pub kind: String,
    pub name: String,
    pub parents: Vec<Id>,
    /// The condition for the members of a dynamic group.
    pub group_condition: Option<String>,
    pub fields: GroupFields,
}

/// Creates a group in the customer or unit of the token, or changes a group.
pub(crate) fn put_group(
    tx: &Transaction<'_>,
    caller: &Caller,
    new: &NewGroup,
    now: Timestamp,
) -> Result<()> {
    let tenant = tenant_of_group(tx, caller)?;
    if !new.kind.starts_with(GROUP_PREFIX) {
        return Err(ApiError::not_simulated(format_args!(
            "Creating a resource of the type {}",
            new.kind
        )));
    }
    if let Some(condition) = &new.group_condition {
        Condition::parse(condition).map_err(|error| error.of_field("group_condition"))?;
    }
    ensure_static_groups(tx, caller, &new.parents, now)?;
    let document = serde_json::to_string(&new.fields)?;
    let id = match new.id {
        None => {
            let id = Id::random();
            tx.execute(
                "INSERT INTO resources (id, tenant_id, type, name, group_condition, document, created_at, updated_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)",
                params![
                    id,
                    tenant.id,
                    new.kind,
                    new.name,
                    new.group_condition,
                    document,
                    now
                ],
            )?;
            id
        }
        Some(id) => {
            let existing = find(tx, caller, id, now).ok();
            if existing.is_none_or(|existing| existing.kind != new.kind) {
                return Err(ApiError::bad(format!(
                    "id: there is no group {id} of this type. The platform assigns the ids of new groups."
                )));
            }
            tx.execute(
                "UPDATE resources SET name = ?2, group_condition = ?3, document = ?4, updated_at = ?5
                 WHERE id = ?1",
                params![id, new.name, new.group_condition, document, now],
            )?;
            tx.execute("DELETE FROM resource_parents WHERE resource_id = ?", [id])?;
            id
        }
    };
    for parent in &new.parents {
        tx.execute(
            "INSERT OR IGNORE INTO resource_parents (resource_id, group_id) VALUES (?, ?)",
            params![id, parent],
        )?;
    }
    Ok(())
}

/// The customer or unit that the token is for.
fn tenant_of_group(db: &Connection, caller: &Caller) -> Result<Tenant> {
    let found = caller
        .grants
        .iter()
        .find_map(|grant| match tenants::find(db, grant.tenant_id) {
            Ok(tenant) if matches!(tenant.kind, TenantKind::Customer | TenantKind::Unit) => {
                Some((grant.right, tenant))
            }
            _ => None,
        });
    match found {
        Some((Right::Manage, tenant)) => Ok(tenant),
        _ => Err(ApiError::denied(
            "Creating a group requires a token for one customer.",
        )),
    }
}

/// Resources can be added to static groups only.
fn ensure_static_groups(
    db: &Connection,
    caller: &Caller,
    parents: &[Id],
    now: Timestamp,
) -> Result<()> {
    for parent in parents.iter().filter(|parent| **parent != WITH_AGENTS) {
        let parent = find(db, caller, *parent, now)
            .map_err(|_| ApiError::bad(format!("parent_group_ids: there is no group {parent}.")))?;
        if !parent.is_group() || parent.group_condition.is_some() {
            return Err(ApiError::bad(format!(
                "parent_group_ids: {:?} is not a static group.",
                parent.name
            )));
        }
    }
    Ok(())
}
