//! The `tenant_id` filter that lists of machines have in common.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension};

use super::tenants::{self, path_end};
use crate::domain::{ApiError, Caller, Id, Result, Right};
use crate::lists::Condition;

/// The SQL condition for a tenant, given as integer id or UUID, and its descendants. 403 if the caller has no right over
/// the tenant.
pub(super) fn subtree(db: &Connection, caller: &Caller, tenant: &str) -> Result<Condition> {
    let unknown = || ApiError::denied(format!("tenant_id: there is no tenant {tenant:?}."));
    let id: Id = match tenant.parse::<i64>() {
        Ok(number) => db
            .prepare_cached("SELECT id FROM tenants WHERE number = ?")?
            .query_row([number], |row| row.get(0))
            .optional()?
            .ok_or_else(unknown)?,
        Err(_) => tenant.parse().map_err(|_| {
            ApiError::bad(format!(
                "tenant_id: {tenant:?} is neither an integer nor a UUID."
            ))
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
