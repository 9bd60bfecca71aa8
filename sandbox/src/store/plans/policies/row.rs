//! A policy: its row.

use rusqlite::{Connection, Row};
use serde_json::{Map, Value};

use crate::domain::{ApiError, Caller, Id, Result, Right};
use crate::store::plans::stamp;
use crate::store::tenants;

/// A policy as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    /// UUID.
    pub id: Id,
    /// The plan it is part of.
    pub root_id: Id,
    /// Whose it is.
    pub tenant_id: Id,
    /// `policy.backup.machine`, …
    pub policy_type: String,
    /// Mostly the plan's alone.
    pub name: String,
    /// Whether it does anything.
    pub enabled: bool,
    /// Whether it is one that is copied when applied.
    pub template: bool,
    /// As it is answered, settings left out.
    pub document: Map<String, Value>,
    /// The settings, if it has some.
    pub settings: Option<Value>,
}

impl Policy {
    /// Whether it is the plan itself.
    pub(crate) fn is_root(&self) -> bool {
        self.id == self.root_id
    }

    /// As it is answered.
    pub(crate) fn shown(&self, with_settings: bool) -> Value {
        let mut shown = self.document.clone();
        if let (true, Some(settings)) = (with_settings, &self.settings) {
            shown.insert("settings".to_owned(), settings.clone());
        }
        Value::Object(shown)
    }

    /// Its parents, in an answer.
    pub(crate) fn parent_ids(&self) -> Option<&Value> {
        self.document.get("parent_ids")
    }
}

const SELECT: &str = "
    SELECT p.id, p.root_id, p.tenant_id, p.type, p.name, p.enabled, p.template, p.document, p.settings, p.is_default,
           p.favorite, p.favorite_order, p.temporary, p.created_at, p.updated_at, t.number
    FROM plan_policies p JOIN tenants t ON t.id = p.tenant_id";

fn read(row: &Row<'_>) -> Result<Policy> {
    let (id, policy_type): (Id, String) = (row.get(0)?, row.get(3)?);
    let (root_id, name): (Id, String) = (row.get(1)?, row.get(4)?);
    let (enabled, template): (bool, bool) = (row.get(5)?, row.get(6)?);
    let rest: Map<String, Value> = serde_json::from_str(&row.get::<_, String>(7)?)?;
    let settings: Option<String> = row.get(8)?;
    let mut document = Map::new();
    let mut put = |name: &str, value: Value| document.insert(name.to_owned(), value);
    put("id", id.into());
    put("type", policy_type.as_str().into());
    if !name.is_empty() {
        put("name", name.as_str().into());
    }
    put("enabled", enabled.into());
    for (name, value) in rest {
        put(&name, value);
    }
    put("tenant_id", row.get::<_, i64>(15)?.to_string().into());
    put("created_at", stamp(row.get(13)?).into());
    put("updated_at", stamp(row.get(14)?).into());
    if id == root_id {
        put("default", row.get::<_, bool>(9)?.into());
        put("favorite", row.get::<_, bool>(10)?.into());
        if let Some(order) = row.get::<_, Option<i64>>(11)? {
            put("favorite_order", order.into());
        }
        put("template", template.into());
        put("temporary", row.get::<_, bool>(12)?.into());
    }
    Ok(Policy {
        id,
        root_id,
        tenant_id: row.get(2)?,
        policy_type,
        name,
        enabled,
        template,
        document,
        settings: settings
            .map(|text| serde_json::from_str(&text))
            .transpose()?,
    })
}

/// A plan, the root first.
pub(crate) fn plan(db: &Connection, root: Id) -> Result<Vec<Policy>> {
    let mut rows = db.prepare_cached(&format!(
        "{SELECT} WHERE p.root_id = ?1 ORDER BY p.id <> ?1, p.number"
    ))?;
    let mut rows = rows.query([root])?;
    let mut policies = Vec::new();
    while let Some(row) = rows.next()? {
        policies.push(read(row)?);
    }
    Ok(policies)
}

pub(super) fn find_any(db: &Connection, id: Id) -> Result<Option<Policy>> {
    let mut rows = db.prepare_cached(&format!("{SELECT} WHERE p.id = ?"))?;
    let mut rows = rows.query([id])?;
    rows.next()?.map(read).transpose()
}

/// The policy of this id and its tenant, if the caller has the right over it: 404 if it is not there for the caller.
pub(crate) fn require_access(
    db: &Connection,
    caller: &Caller,
    id: Id,
    right: Right,
) -> Result<Policy> {
    let missing = || ApiError::NotFound(format!("There is no policy {id}."));
    let policy = find_any(db, id)?.ok_or_else(missing)?;
    let tenant = tenants::find_any(db, policy.tenant_id)?.ok_or_else(missing)?;
    match caller.right_over(&tenant.path) {
        None => Err(missing()),
        Some(found) if found < right => Err(ApiError::denied("This takes the right to change.")),
        Some(_) => Ok(policy),
    }
}
