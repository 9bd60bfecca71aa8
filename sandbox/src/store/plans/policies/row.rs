//! The row of a policy.

use rusqlite::{Connection, Row};
use serde_json::Value;

use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Id, Result, Right};
use crate::store::plans::schema::PolicyDetails;
use crate::store::tenants;
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    pub id: Id,
    /// The plan that the policy belongs to: the id of its root policy.
    pub root_id: Id,
    pub tenant_id: Id,
    /// The legacy integer id of the tenant.
    pub tenant_number: i64,
    /// For example `policy.backup.machine`.
    pub policy_type: String,
    /// Often empty, except for the root.
    pub name: String,
    pub enabled: bool,
    pub default: bool,
    pub favorite: bool,
    pub favorite_order: Option<i64>,
    /// A template is copied when it is applied.
    pub template: bool,
    pub temporary: bool,
    pub details: PolicyDetails,
    /// A JSON object, as it was sent.
    pub settings: Option<Value>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Policy {
    /// Whether the policy is the root of its plan.
    pub(crate) fn is_root(&self) -> bool {
        self.id == self.root_id
    }
}

const SELECT: &str = "
    SELECT p.id, p.root_id, p.tenant_id, t.number, p.type, p.name, p.enabled, p.is_default, p.favorite, p.favorite_order,
           p.template, p.temporary, p.document, p.settings, p.created_at, p.updated_at
    FROM plan_policies p JOIN tenants t ON t.id = p.tenant_id";

fn from_row(row: &Row<'_>) -> Result<Policy> {
    let settings: Option<String> = row.get(13)?;
    Ok(Policy {
        id: row.get(0)?,
        root_id: row.get(1)?,
        tenant_id: row.get(2)?,
        tenant_number: row.get(3)?,
        policy_type: row.get(4)?,
        name: row.get(5)?,
        enabled: row.get(6)?,
        default: row.get(7)?,
        favorite: row.get(8)?,
        favorite_order: row.get(9)?,
        template: row.get(10)?,
        temporary: row.get(11)?,
        details: serde_json::from_str(&row.get::<_, String>(12)?)?,
        settings: settings
            .map(|text| serde_json::from_str(&text))
            .transpose()?,
        created_at: row.get(14)?,
        updated_at: row.get(15)?,
    })
}

/// The policies of a plan, the root first.
pub(crate) fn plan(db: &Connection, root: Id) -> Result<Vec<Policy>> {
    let mut rows = db.prepare_cached(&format!(
        "{SELECT} WHERE p.root_id = ?1 ORDER BY p.id <> ?1, p.number"
    ))?;
    let mut rows = rows.query([root])?;
    let mut policies = Vec::new();
    while let Some(row) = rows.next()? {
        policies.push(from_row(row)?);
    }
    Ok(policies)
}

/// Finds a policy without checking access.
pub(super) fn find_any(db: &Connection, id: Id) -> Result<Option<Policy>> {
    let mut rows = db.prepare_cached(&format!("{SELECT} WHERE p.id = ?"))?;
    let mut rows = rows.query([id])?;
    rows.next()?.map(from_row).transpose()
}

/// Finds a policy that the caller has this right over; 404 if the caller cannot see it, 403 without the right.
pub(crate) fn require_access(
    db: &Connection,
    caller: &Caller,
    id: Id,
    right: Right,
) -> Result<Policy> {
    let not_found = || ApiError::NotFound(format!("There is no policy {id}."));
    let policy = find_any(db, id)?.ok_or_else(not_found)?;
    let tenant = tenants::find_any(db, policy.tenant_id)?.ok_or_else(not_found)?;
    match caller.right_over(&tenant.path) {
        None => Err(not_found()),
        Some(found) if found < right => Err(ApiError::denied(
            "The caller is not allowed to change this plan.",
        )),
        Some(_) => Ok(policy),
    }
}

/// Turns a 404 into a 400: for some calls the platform documents no 404.
pub(crate) fn not_found_to_bad_request(error: ApiError) -> ApiError {
    match error {
        ApiError::NotFound(info) => ApiError::BadRequest(info),
        other => other,
    }
}
