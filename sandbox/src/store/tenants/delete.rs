//! Deleting and restoring tenants.

use rusqlite::params;
use serde_json::json;

use super::row::searchable;
use super::rules::{ensure_name_is_free, ensure_not_own_tenant, ensure_version, is_name_taken};
use super::{
    ensure_not_locked, find, find_any, no_such, path_end, require_right, require_writable,
};
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Code, Id, Result, Right};
use crate::secrets;
use crate::store::{Store, users};

impl Store {
    /// Marks a disabled tenant and everything in it as deleted.
    pub(crate) fn delete_tenant(
        &self,
        caller: &Caller,
        id: Id,
        version: i64,
        now: Timestamp,
    ) -> Result<()> {
        self.write(|tx| {
            let tenant = require_writable(tx, caller, id)?;
            ensure_not_own_tenant(caller, &tenant, "deleted")?;
            if tenant.enabled {
                let number = tenant.number.to_string();
                return Err(ApiError::Platform {
                    code: Code::DeleteEnabled,
                    info: format!("Disable tenant {id} before you delete it."),
                    context: json!({ "id": number }),
                });
            }
            ensure_version(&tenant, version)?;
            let range = (&tenant.path, path_end(&tenant.path));
            for sql in [
                "UPDATE users SET deleted_at = ?1 WHERE deleted_at IS NULL AND tenant_id IN
                     (SELECT id FROM tenants WHERE path >= ?2 AND path < ?3)",
                "UPDATE clients SET deleted_at = ?1 WHERE deleted_at IS NULL AND tenant_id IN
                     (SELECT id FROM tenants WHERE path >= ?2 AND path < ?3)",
                "UPDATE tenants SET deleted_at = ?1, updated_at = ?1, version = version + 1
                     WHERE deleted_at IS NULL AND path >= ?2 AND path < ?3",
            ] {
                tx.execute(sql, params![now, range.0, range.1])?;
            }
            Ok(())
        })
    }

    /// Restores a deleted tenant and everything that was deleted with it.
    ///
    /// If a name or login is in use again, the call fails with 409; with `force`, the restored object is renamed.
    pub(crate) fn restore_tenant(
        &self,
        caller: &Caller,
        id: Id,
        force: bool,
        now: Timestamp,
    ) -> Result<()> {
        self.write(|tx| {
            let tenant = find_any(tx, id)?.ok_or_else(|| no_such(id))?;
            require_right(tx, caller, &tenant, Right::Manage)?;
            ensure_not_locked(caller, &tenant)?;
            let Some(deleted_at) = tenant.deleted_at else {
                return Err(ApiError::Conflict(format!("Tenant {id} is not deleted.")));
            };
            // The parent must still exist.
            find(tx, tenant.parent_id)?;
            let mut name = tenant.name.clone();
            while is_name_taken(tx, tenant.parent_id, &name, Some(id))? {
                if !force {
                    ensure_name_is_free(tx, tenant.parent_id, &name, Some(id))?;
                }
                name = format!("{} ({})", tenant.name, secrets::random(6)?);
            }
            let range = (&tenant.path, path_end(&tenant.path));
            users::change::restore(tx, &range, deleted_at, force)?;
            for sql in [
                "UPDATE clients SET deleted_at = NULL WHERE deleted_at = ?1 AND tenant_id IN
                     (SELECT id FROM tenants WHERE path >= ?2 AND path < ?3)",
                "UPDATE tenants SET deleted_at = NULL, updated_at = ?4, version = version + 1
                     WHERE deleted_at = ?1 AND path >= ?2 AND path < ?3",
            ] {
                let mut statement = tx.prepare(sql)?;
                if statement.parameter_count() == 3 {
                    statement.execute(params![deleted_at, range.0, range.1])?;
                } else {
                    statement.execute(params![deleted_at, range.0, range.1, now])?;
                }
            }
            let search = searchable(&name, tenant.customer_id.as_deref(), &tenant.contact);
            tx.execute(
                "UPDATE tenants SET name = ?, search = ? WHERE id = ?",
                params![name, search, id],
            )?;
            Ok(())
        })
    }
}
