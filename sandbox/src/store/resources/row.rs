//! The row of a resource.

use rusqlite::Row;
use rusqlite::types::Type;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::clock::Timestamp;
use crate::domain::Id;

/// The prefix of the types of groups.
pub(super) const GROUP_PREFIX: &str = "resource.group.";

/// A machine or a group.
#[derive(Clone, Debug)]
pub(crate) struct Resource {
    pub id: Id,
    pub tenant_id: Id,
    /// The legacy integer id of the tenant.
    pub tenant_number: i64,
    pub tenant_path: String,
    /// For example `resource.machine` or `resource.group.computers`.
    pub kind: String,
    pub name: String,
    /// The agent on a machine.
    pub agent_id: Option<Id>,
    /// The condition for the members of a dynamic group.
    pub group_condition: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// The groups that contain the resource.
    pub parents: Vec<Id>,
    /// The software of a machine.
    pub software: Option<Software>,
    pub group_fields: GroupFields,
}

/// The software of a machine.
#[derive(Clone, Debug)]
pub(crate) struct Software {
    /// The family of the operating system, for example `WINDOWS`.
    pub family: String,
    /// The name of the operating system.
    pub system: String,
    /// The build of the agent.
    pub build: i64,
    pub online: bool,
}

/// Optional fields of a group, stored and returned as they were sent.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct GroupFields {
    /// The display name, if it differs from the name.
    pub user_defined_name: Option<String>,
    pub allowed_member_types: Option<Vec<String>>,
    pub tag: Option<String>,
    /// JSON objects with a namespace and key-value pairs.
    pub attributes: Option<Vec<Map<String, Value>>>,
}

impl Resource {
    pub(crate) fn is_group(&self) -> bool {
        self.kind.starts_with(GROUP_PREFIX)
    }
}

pub(super) const COLUMNS: &str = "r.id, t.id, t.number, t.path, r.type, r.name, r.agent_id, r.group_condition, \
                                  r.created_at, r.updated_at, a.family, a.system, a.build, a.online, r.document";
pub(super) const TABLES: &str =
    "resources r JOIN tenants t ON t.id = r.tenant_id LEFT JOIN agents a ON a.id = r.agent_id";

/// Reads [`COLUMNS`]. The parents are in another table.
pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Resource> {
    let family: Option<String> = row.get(10)?;
    let software = match family {
        Some(family) => Some(Software {
            family,
            system: row.get(11)?,
            build: row.get(12)?,
            online: row.get(13)?,
        }),
        None => None,
    };
    let group_fields = serde_json::from_str(&row.get::<_, String>(14)?).map_err(|error| {
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
        software,
        group_fields,
    })
}
