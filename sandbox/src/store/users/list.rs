//! Lists of users.

use rusqlite::params;
use serde::{Deserialize, Serialize};

use super::access::require_right;
use super::roles::{Policy, policies};
use super::row::{SELECT, User, from_row};
use crate::domain::{Caller, Id, Result, Right, TenantKind};
use crate::lists::Page;
use crate::store::Store;
use crate::store::tenants;

/// The users of a batch.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) enum Selection {
    /// The visible ones of these users.
    Ids(Vec<Id>),
    /// The users in a tenant and its descendants that have one of these external ids.
    External(Id, Vec<String>),
    /// The users in a tenant and its descendants.
    Subtree(Id),
}

/// A request for a batch of users, which is also the content of a cursor.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Batch {
    pub selection: Selection,
    /// Only users that this application created.
    pub origin_id: Option<String>,
    /// Only users changed after this time, in Unix milliseconds.
    pub updated_since: Option<i64>,
    /// Whether to include deleted users.
    pub allow_deleted: bool,
    /// The maximum number of users.
    pub limit: i64,
    /// The number of the last user of the previous page.
    pub after: i64,
}

/// The order of a tenant's users.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Order {
    /// By creation time.
    AsIs,
    /// By login.
    Login,
    /// By first name, then last name.
    Name,
    /// Enabled users first.
    Status,
}

impl Store {
    /// The users of a tenant and, if requested, those of its folders or units.
    pub(crate) fn users_of(
        &self,
        caller: &Caller,
        tenant: Id,
        include_grand_children: bool,
        order: Order,
        allow_deleted: bool,
    ) -> Result<Vec<User>> {
        self.read(|db| {
            let top = tenants::require_access(db, caller, tenant, Right::View)?;
            let kind = match top.kind {
                TenantKind::Customer | TenantKind::Unit => "unit",
                _ => "folder",
            };
            let order = match order {
                Order::AsIs => "u.number",
                Order::Login => "u.login_key, u.number",
                Order::Name => {
                    "lower(u.contact ->> 'firstname'), lower(u.contact ->> 'lastname'),
                     u.login_key, u.number"
                }
                Order::Status => "u.enabled DESC, u.login_key, u.number",
            };
            let users = db
                .prepare_cached(&format!(
                    "{SELECT} JOIN tenants t ON t.id = u.tenant_id
                     WHERE (?5 OR u.deleted_at IS NULL)
                     AND (t.id = ?1 OR (?2 AND t.kind = ?3 AND t.path > ?4 AND t.path < ?6))
                     ORDER BY {order}"
                ))?
                .query_map(
                    params![
                        top.id,
                        include_grand_children,
                        kind,
                        top.path,
                        allow_deleted,
                        tenants::path_end(&top.path)
                    ],
                    from_row,
                )?
                .collect::<rusqlite::Result<_>>()?;
            Ok(users)
        })
    }

    /// A page of users with their roles.
    pub(crate) fn users(
        &self,
        caller: &Caller,
        batch: &Batch,
    ) -> Result<Page<(User, Vec<Policy>), Batch>> {
        self.read(|db| {
            let (mut low, mut high) = ("/".to_owned(), "0".to_owned());
            let (mut ids, mut external) = (None, None);
            match &batch.selection {
                Selection::Subtree(id) => {
                    let top = tenants::require_access(db, caller, *id, Right::View)?;
                    high = tenants::path_end(&top.path);
                    low = top.path;
                }
                Selection::External(tenant, ids) => {
                    let top = tenants::require_access(db, caller, *tenant, Right::View)?;
                    high = tenants::path_end(&top.path);
                    low = top.path;
                    external = Some(serde_json::to_string(ids)?);
                }
                Selection::Ids(list) => ids = Some(serde_json::to_string(list)?),
            }
            let mut statement = db.prepare_cached(&format!(
                "{SELECT} JOIN tenants t ON t.id = u.tenant_id
                 WHERE t.path >= ?1 AND t.path < ?2 AND u.number > ?3
                 AND (?4 OR u.deleted_at IS NULL) AND u.updated_at > ?5
                 AND (?6 IS NULL OR u.id IN (SELECT value FROM json_each(?6)))
                 AND (?7 IS NULL OR u.external_id IN (SELECT value FROM json_each(?7)))
                 AND (?8 IS NULL OR u.origin_id = ?8)
                 ORDER BY u.number"
            ))?;
            let mut rows = statement.query(params![
                low,
                high,
                batch.after,
                batch.allow_deleted,
                batch.updated_since.unwrap_or(i64::MIN),
                ids,
                external,
                batch.origin_id,
            ])?;
            let limit = usize::try_from(batch.limit).unwrap_or(usize::MAX);
            let mut page: Vec<(User, Vec<Policy>)> = Vec::new();
            let mut next = None;
            while let Some(row) = rows.next()? {
                let user = from_row(row)?;
                // Users that the caller cannot read are left out.
                if require_right(db, caller, &user, Right::View).is_err() {
                    continue;
                }
                if page.len() == limit {
                    if let Some((last, _)) = page.last() {
                        let after = db.query_row(
                            "SELECT number FROM users WHERE id = ?",
                            [last.id],
                            |row| row.get(0),
                        )?;
                        next = Some(Batch {
                            after,
                            ..batch.clone()
                        });
                    }
                    break;
                }
                let policies = policies(db, user.id)?;
                page.push((user, policies));
            }
            Ok(Page { items: page, next })
        })
    }
}
