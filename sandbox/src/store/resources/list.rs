//! Resources as callers see them: lists, single ones, and groups that are made.

use rusqlite::types::{Type, Value};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use serde::{Deserialize, Serialize};

use super::{Condition, MACHINE, WITH_AGENTS, machines_of, members};
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Id, Result, Right, TenantKind};
use crate::lists::{self, Asked, Conditions, Key, Op, Order, Params, Slice, id, text};
use crate::store::agents::below;
use crate::store::tenants::{self};

/// What the types of groups begin with.
const GROUPS: &str = "resource.group.";

/// What else a client sends with a group: it is kept as it is and answered.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Sent {
    /// The name that people see, if it is another one.
    pub user_defined_name: Option<String>,
    /// What may be put in.
    pub allowed_member_types: Option<Vec<String>>,
    /// A word to find it by.
    pub tag: Option<String>,
    /// Keys and values by their namespaces.
    pub attributes: Option<Vec<serde_json::Map<String, serde_json::Value>>>,
}

/// A machine or a group.
#[derive(Clone, Debug)]
pub(crate) struct Resource {
    /// UUID.
    pub id: Id,
    /// The tenant it is in.
    pub tenant_id: Id,
    /// That tenant's legacy integer id.
    pub tenant_number: i64,
    /// And its place in the tree.
    pub tenant_path: String,
    /// `resource.machine`, `resource.group.computers`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// The agent on a machine.
    pub agent_id: Option<Id>,
    /// Who is in a dynamic group.
    pub group_condition: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// The groups it is in.
    pub parents: Vec<Id>,
    /// Of a machine: family, system, build, and whether it can be reached.
    pub software: Option<(String, String, i64, bool)>,
    /// What else a client has sent.
    pub sent: Sent,
}

impl Resource {
    /// Whether it is a group.
    pub(crate) fn is_group(&self) -> bool {
        self.kind.starts_with(GROUPS)
    }
}

const COLUMNS: &str = "r.id, t.id, t.number, t.path, r.type, r.name, r.agent_id, r.group_condition, \
                       r.created_at, r.updated_at, a.family, a.system, a.build, a.online, r.document";
const TABLES: &str =
    "resources r JOIN tenants t ON t.id = r.tenant_id LEFT JOIN agents a ON a.id = r.agent_id";
const KEYS: &[Key] = &[
    Key {
        name: "created_at",
        sql: "r.created_at",
    },
    Key {
        name: "updated_at",
        sql: "r.updated_at",
    },
    Key {
        name: "is_group",
        sql: "(r.type LIKE 'resource.group.%')",
    },
    Key {
        name: "number",
        sql: "r.number",
    },
];

/// What a list of resources can be asked for.
pub(crate) const FILTERS: &[&str] = &[
    "tenant_id",
    "agent_id",
    "parent_id",
    "type",
    "resource_id",
    "search",
    "is_group",
    "include_attributes",
    "order",
];

fn from_row(row: &Row<'_>) -> rusqlite::Result<Resource> {
    let family: Option<String> = row.get(10)?;
    let document: String = row.get(14)?;
    let sent = serde_json::from_str(&document).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(14, Type::Text, Box::new(error))
    })?;
    Ok(Resource {
        id: row.get(0)?,
        tenant_id: row.get(1)?,
        tenant_number: row.get(2)?,
        tenant_path: row.get(3)?,
        kind: row.get(4)?,
        name: row.get(5)?,
        agent_id: row.get(6)?,
        group_condition: row.get(7)?,
        created_at: row.get(8)?,
        updated_at: row.get(9)?,
        parents: Vec::new(),
        software: match family {
            Some(family) => Some((family, row.get(11)?, row.get(12)?, row.get(13)?)),
            None => None,
        },
        sent,
    })
}

/// What the platform has and the sandbox has not, told as such.
fn ensure_simulated(params: &Params) -> Result<()> {
    const OTHERS: [&str; 9] = [
        "has_member_id",
        "not_applied_only",
        "applicable_to_policy_id",
        "applicable_to_policy_selection_id",
        "applied_only",
        "applied_to_policy_id",
        "applied_to_policy_selection_id",
        "allowed_actions",
        "updated_at",
    ];
    match OTHERS.into_iter().find(|name| !params.all(name).is_empty()) {
        Some(name) => Err(ApiError::NotImplemented(format!(
            "Resources filtered by {name} are documented by the platform and not simulated by this sandbox yet."
        ))),
        None => Ok(()),
    }
}

/// The resources a caller reaches that were asked for.
fn conditions(
    db: &Connection,
    caller: &Caller,
    asked: &Asked,
    now: Timestamp,
) -> Result<Conditions> {
    let params = &asked.params;
    ensure_simulated(params)?;
    let mut wanted = Conditions::default();
    let reached = tenants::within(db, caller)?;
    wanted.and(reached.sql, reached.values);
    wanted.and("r.created_at <= ?", [Value::Integer(now.millis())]);
    if !params.all("tenant_id").is_empty() {
        wanted.tests(params, "tenant_id", &[Op::Or], |test| {
            let mut any = lists::Condition {
                sql: "0".to_owned(),
                values: Vec::new(),
            };
            for tenant in &test.values {
                let below = below(db, caller, tenant)?;
                any.sql = format!("({} OR {})", any.sql, below.sql);
                any.values.extend(below.values);
            }
            Ok(any)
        })?;
    }
    let alternatives = &[Op::Or, Op::Not];
    wanted.filter(params, "agent_id", "r.agent_id", alternatives, id)?;
    wanted.filter(params, "resource_id", "r.id", alternatives, id)?;
    wanted.filter(params, "type", "r.type", alternatives, text)?;
    if params.one("is_group")?.is_some() {
        let groups = i64::from(params.flag("is_group")?);
        wanted.and("(r.type LIKE 'resource.group.%') = ?", [groups.into()]);
    }
    if let Some(search) = params.one("search")? {
        let condition = Condition::parse(search).map_err(|error| error.of_field("search"))?;
        // Machines are looked at in whole, groups by their names.
        let mut found = Vec::new();
        for grant in &caller.grants {
            for machine in machines_of(db, &grant.path, now)? {
                if condition.holds(&|field| field.of(&machine)) {
                    found.push(machine.id);
                }
            }
        }
        found.extend(
            groups(db, caller, now)?
                .into_iter()
                .filter_map(|group| condition.holds_for_group(&group).then_some(group.id)),
        );
        one_of(&mut wanted, &found);
    }
    if let Some(group) = params.one("parent_id")? {
        let group = group
            .parse()
            .map_err(|_| ApiError::bad(format!("parent_id: {group:?} is no UUID.")))?;
        let mut found = Vec::new();
        for grant in &caller.grants {
            if group == WITH_AGENTS {
                found.extend(machines_of(db, &grant.path, now)?);
            }
        }
        for known in groups(db, caller, now)? {
            if known.id == group {
                found.extend(members(db, &known, &known.tenant_path, now)?);
            }
        }
        let mut found: Vec<Id> = found.into_iter().map(|machine| machine.id).collect();
        let mut below =
            db.prepare_cached("SELECT resource_id FROM resource_parents WHERE group_id = ?")?;
        for child in below.query_map([group], |row| row.get(0))? {
            found.push(child?);
        }
        one_of(&mut wanted, &found);
    }
    Ok(wanted)
}

fn one_of(wanted: &mut Conditions, ids: &[Id]) {
    let ids = serde_json::json!(ids).to_string();
    wanted.and(
        "r.id IN (SELECT value FROM json_each(?))",
        [Value::Text(ids)],
    );
}

/// The groups that the caller reaches.
fn groups(db: &Connection, caller: &Caller, now: Timestamp) -> Result<Vec<Resource>> {
    let mut found = Vec::new();
    for grant in &caller.grants {
        let mut rows = db.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM {TABLES} WHERE r.type LIKE 'resource.group.%'
             AND t.path >= ? AND t.path < ? AND t.deleted_at IS NULL AND r.created_at <= ?"
        ))?;
        let rows = rows.query_map(
            params![grant.path, tenants::path_end(&grant.path), now],
            from_row,
        )?;
        for row in rows {
            found.push(row?);
        }
    }
    Ok(found)
}

/// The machines in a group; 404 if there is no such group within reach.
pub(crate) fn members_of(
    db: &Connection,
    caller: &Caller,
    group: Id,
    now: Timestamp,
) -> Result<Vec<super::Machine>> {
    if group == WITH_AGENTS {
        let all = caller
            .grants
            .iter()
            .map(|grant| machines_of(db, &grant.path, now));
        return Ok(all.collect::<Result<Vec<_>>>()?.concat());
    }
    let mut known = groups(db, caller, now)?;
    known.retain(|known| known.id == group);
    match known.first() {
        Some(known) => members(db, known, &known.tenant_path, now),
        None => Err(ApiError::NotFound(format!("There is no group {group}."))),
    }
}

/// Finds the groups that each of these is in.
fn with_parents(
    db: &Connection,
    caller: &Caller,
    mut resources: Vec<Resource>,
    now: Timestamp,
) -> Result<Vec<Resource>> {
    let mut put_in = db.prepare_cached(
        "SELECT group_id FROM resource_parents WHERE resource_id = ? ORDER BY group_id",
    )?;
    let dynamic: Vec<(Id, Vec<Id>)> = groups(db, caller, now)?
        .into_iter()
        .filter(|group| group.group_condition.is_some())
        .map(|group| {
            let members = members(db, &group, &group.tenant_path, now)?;
            Ok((group.id, members.into_iter().map(|one| one.id).collect()))
        })
        .collect::<Result<_>>()?;
    for resource in &mut resources {
        if resource.kind == MACHINE && resource.agent_id.is_some() {
            resource.parents.push(WITH_AGENTS);
        }
        for group in put_in.query_map([resource.id], |row| row.get(0))? {
            resource.parents.push(group?);
        }
        let matching = dynamic.iter().filter(|(_, ids)| ids.contains(&resource.id));
        resource.parents.extend(matching.map(|(group, _)| *group));
    }
    Ok(resources)
}

/// A page of the resources that the caller reaches.
pub(crate) fn list(
    db: &Connection,
    caller: &Caller,
    asked: &Asked,
    now: Timestamp,
) -> Result<Slice<Resource>> {
    let order = Order::parse(&asked.params, KEYS, "asc(created_at)", "asc(number)")?;
    let wanted = conditions(db, caller, asked, now)?;
    let page = lists::page(db, (COLUMNS, TABLES), &wanted, &order, asked, |row| {
        Ok(from_row(row)?)
    })?;
    Ok(Slice {
        items: with_parents(db, caller, page.items, now)?,
        ..page
    })
}

/// How many there are.
pub(crate) fn count(
    db: &Connection,
    caller: &Caller,
    asked: &Asked,
    now: Timestamp,
) -> Result<i64> {
    let wanted = conditions(db, caller, asked, now)?;
    lists::count(db, TABLES, &wanted)
}

/// The resource of this id, within reach of the caller; else 404, or 403.
pub(crate) fn find(db: &Connection, caller: &Caller, id: Id, now: Timestamp) -> Result<Resource> {
    let unknown = || ApiError::NotFound(format!("There is no resource {id}."));
    let found = db
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM {TABLES} WHERE r.id = ? AND r.created_at <= ? AND t.deleted_at IS NULL"
        ))?
        .query_row(params![id, now], from_row)
        .optional()?
        .ok_or_else(unknown)?;
    tenants::require_access(db, caller, found.tenant_id, Right::View)?;
    let found = with_parents(db, caller, vec![found], now)?.pop();
    found.ok_or_else(unknown)
}

/// A group that is to be.
#[derive(Debug)]
pub(crate) struct NewGroup {
    /// Of one that is there already and is to change.
    pub id: Option<Id>,
    /// `resource.group.computers`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// The groups above it.
    pub parents: Vec<Id>,
    /// Who is in it, if it is dynamic.
    pub group_condition: Option<String>,
    /// What else was sent.
    pub sent: Sent,
}

/// Makes a group in the customer or unit that the call is for, or changes one.
pub(crate) fn put_group(
    tx: &Transaction<'_>,
    caller: &Caller,
    new: &NewGroup,
    now: Timestamp,
) -> Result<()> {
    let home = caller
        .grants
        .iter()
        .find_map(|grant| match tenants::find(tx, grant.tenant_id) {
            Ok(tenant) if matches!(tenant.kind, TenantKind::Customer | TenantKind::Unit) => {
                Some((grant.right, tenant))
            }
            _ => None,
        });
    let Some((Right::Manage, home)) = home else {
        return Err(ApiError::denied(
            "Groups are made with a token for one customer.",
        ));
    };
    if !new.kind.starts_with(GROUPS) {
        return Err(ApiError::NotImplemented(
            "Other resources than groups are made by agents, not by calls, in this sandbox."
                .to_owned(),
        ));
    }
    if let Some(condition) = &new.group_condition {
        Condition::parse(condition).map_err(|error| error.of_field("group_condition"))?;
    }
    for parent in &new.parents {
        if *parent == WITH_AGENTS {
            continue;
        }
        let parent = find(tx, caller, *parent, now)
            .map_err(|_| ApiError::bad(format!("parent_group_ids: there is no group {parent}.")))?;
        if !parent.is_group() || parent.group_condition.is_some() {
            return Err(ApiError::bad(format!(
                "parent_group_ids: nothing can be put into {:?}, which is no static group.",
                parent.name
            )));
        }
    }
    let document = serde_json::json!(new.sent).to_string();
    let id = match new.id {
        None => {
            let id = Id::random();
            tx.execute(
                "INSERT INTO resources (id, tenant_id, type, name, group_condition, document,
                                        created_at, updated_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)",
                params![
                    id,
                    home.id,
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
            let known = find(tx, caller, id, now).ok();
            if known.is_none_or(|known| known.kind != new.kind) {
                return Err(ApiError::bad(format!(
                    "id: there is no such group {id}, and the platform makes the ids of new ones."
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
