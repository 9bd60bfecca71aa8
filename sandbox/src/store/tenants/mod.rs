//! Tenants and their tree.

mod access;
pub(crate) mod change;
mod create;
mod delete;
pub(crate) mod list;
mod row;
mod rules;

use rusqlite::{Connection, OptionalExtension};

use self::access::require_visible;
use self::row::{SELECT, from_row};
use super::Store;
use super::pricing::{self, Pricing};
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Id, Result};

pub(crate) use self::access::{
    ensure_not_locked, require_access, require_right, require_writable, within,
};
pub(crate) use self::create::{NewTenant, insert};
pub(crate) use self::row::{
    DEFAULT_IDP, Tenant, depth, descendants, find, find_any, no_such, path_end,
};
pub(crate) use self::rules::ensure_enabled;
pub(crate) use super::contact::Contact;

/// A tenant with its pricing.
#[derive(Debug)]
pub(crate) struct View {
    pub tenant: Tenant,
    pub pricing: Pricing,
}

fn view(db: &Connection, tenant: Tenant, now: Timestamp) -> Result<View> {
    let pricing = pricing::current(db, tenant.id, now)?;
    Ok(View { tenant, pricing })
}

impl Store {
    /// Reads one tenant.
    pub(crate) fn tenant(
        &self,
        caller: &Caller,
        id: Id,
        allow_deleted: bool,
        now: Timestamp,
    ) -> Result<View> {
        self.read(|db| {
            let tenant = if allow_deleted {
                find_any(db, id)?.ok_or_else(|| no_such(id))?
            } else {
                find(db, id)?
            };
            require_visible(db, caller, &tenant)?;
            view(db, tenant, now)
        })
    }

    /// Reads one tenant by its number, the id of the older API versions.
    pub(crate) fn tenant_of_number(&self, caller: &Caller, number: i64) -> Result<Tenant> {
        self.read(|db| {
            let tenant = db
                .prepare_cached(&format!(
                    "{SELECT} WHERE t.number = ? AND t.deleted_at IS NULL"
                ))?
                .query_row([number], from_row)
                .optional()?
                .ok_or_else(|| ApiError::NotFound(format!("There is no group {number}.")))?;
            require_visible(db, caller, &tenant)?;
            Ok(tenant)
        })
    }
}
