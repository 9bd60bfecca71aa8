//! Lists of tenants.

use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

use super::{
    SELECT, View, depth, find_any, from_row, path_end, require_access, require_visible, view,
};
use crate::clock::Timestamp;
use crate::domain::{Caller, Id, Result, Right};
use crate::lists::Page;
use crate::store::Store;
use crate::store::offering_items::{self, Offered};

/// The order of children.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Order {
    /// By creation time.
    AsIs,
    /// By name.
    Name,
    /// Enabled tenants first.
    Status,
}

/// The tenants of a batch.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) enum Selection {
    /// The visible ones of these tenants.
    Ids {
        ids: Vec<Id>,
        /// Whether to add the ancestors up to the caller's own tenant.
        with_ancestors: bool,
    },
    /// The children of a tenant.
    Children(Id),
    /// A tenant and its descendants.
    Subtree(Id),
}

/// A request for a batch of tenants, which is also the content of a cursor.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Batch {
    pub selection: Selection,
    /// Only tenants changed after this time, in Unix milliseconds.
    pub updated_since: Option<i64>,
    /// Whether to include deleted tenants.
    pub allow_deleted: bool,
    /// Only tenants that have an enabled offering item of this type.
    pub with_item_type: Option<String>,
    /// Whether to return the offering items of each tenant.
    pub expand_items: bool,
    /// The maximum number of tenants.
    pub limit: i64,
    /// The depth and number of the last tenant of the previous page.
    pub after: (i64, i64),
}

impl Batch {
    fn needs_items(&self) -> bool {
        self.expand_items || self.with_item_type.is_some()
    }
}

const DEPTH: &str = "(length(t.path) - length(replace(t.path, '/', '')))";

impl Store {
    /// The children of a tenant, without personal tenants.
    pub(crate) fn children(
        &self,
        caller: &Caller,
        id: Id,
        order: Order,
        allow_deleted: bool,
        now: Timestamp,
    ) -> Result<Vec<View>> {
        self.read(|db| {
            require_access(db, caller, id, Right::View)?;
            let order = match order {
                Order::AsIs => "t.number",
                Order::Name => "t.name COLLATE NOCASE, t.number",
                Order::Status => "t.enabled DESC, t.name COLLATE NOCASE, t.number",
            };
            let children = db
                .prepare_cached(&format!(
                    "{SELECT} WHERE t.parent_id = ?1 AND t.id <> ?1 AND t.owner_id IS NULL
                     AND (?2 OR t.deleted_at IS NULL) ORDER BY {order}"
                ))?
                .query_map(params![id, allow_deleted], from_row)?
                .collect::<rusqlite::Result<Vec<_>>>()?;
            children
                .into_iter()
                .map(|tenant| view(db, tenant, now))
                .collect()
        })
    }

    /// A page of tenants, level by level, with their offering items if the batch needs them.
    pub(crate) fn tenants(
        &self,
        caller: &Caller,
        batch: &Batch,
        now: Timestamp,
    ) -> Result<Page<(View, Vec<Offered>), Batch>> {
        self.read(|db| {
            let (low, high, parent, mut ids) = match &batch.selection {
                Selection::Subtree(id) => {
                    let top = require_access(db, caller, *id, Right::View)?;
                    (top.path.clone(), path_end(&top.path), None, Vec::new())
                }
                Selection::Children(id) => {
                    let parent = require_access(db, caller, *id, Right::View)?;
                    (
                        parent.path.clone(),
                        path_end(&parent.path),
                        Some(*id),
                        Vec::new(),
                    )
                }
                Selection::Ids { ids, .. } => ("/".to_owned(), "0".to_owned(), None, ids.clone()),
            };
            if let Selection::Ids {
                with_ancestors: true,
                ..
            } = &batch.selection
            {
                add_ancestors(db, caller, &mut ids)?;
            }
            let ids = matches!(batch.selection, Selection::Ids { .. })
                .then(|| serde_json::to_string(&ids))
                .transpose()?;
            let mut statement = db.prepare_cached(&format!(
                "{SELECT} WHERE t.path >= ?1 AND t.path < ?2
                 AND (?3 IS NULL OR (t.parent_id = ?3 AND t.id <> ?3))
                 AND (?4 IS NULL OR t.id IN (SELECT value FROM json_each(?4)))
                 AND (?5 OR t.deleted_at IS NULL) AND t.updated_at > ?6
                 AND ({DEPTH}, t.number) > (?7, ?8)
                 ORDER BY {DEPTH}, t.number"
            ))?;
            let mut rows = statement.query(params![
                low,
                high,
                parent,
                ids,
                batch.allow_deleted,
                batch.updated_since.unwrap_or(i64::MIN),
                batch.after.0,
                batch.after.1,
            ])?;
            let mut page = Vec::new();
            let limit = usize::try_from(batch.limit).unwrap_or(usize::MAX);
            let mut next = None;
            while let Some(row) = rows.next()? {
                let tenant = from_row(row)?;
                // Tenants that the caller cannot read are left out.
                if require_visible(db, caller, &tenant).is_err() {
                    continue;
                }
                let items = if batch.needs_items() {
                    offering_items::of_tenant(db, tenant.id)?
                } else {
                    Vec::new()
                };
                if let Some(kind) = &batch.with_item_type
                    && !items
                        .iter()
                        .any(|item| item.on && item.item.item_type.as_str() == kind)
                {
                    continue;
                }
                if page.len() == limit {
                    next = page.last().map(|(last, _): &(View, Vec<Offered>)| Batch {
                        after: (depth(&last.tenant.path), last.tenant.number),
                        ..batch.clone()
                    });
                    break;
                }
                page.push((view(db, tenant, now)?, items));
            }
            Ok(Page { items: page, next })
        })
    }
}

/// Adds the ancestors of each tenant, up to the caller's own tenant.
fn add_ancestors(db: &Connection, caller: &Caller, ids: &mut Vec<Id>) -> Result<()> {
    let mut position = 0;
    while let Some(id) = ids.get(position).copied() {
        position += 1;
        if let Some(tenant) = find_any(db, id)?
            && caller.right_over(&tenant.path).is_some()
            && !ids.contains(&tenant.parent_id)
        {
            ids.push(tenant.parent_id);
        }
    }
    Ok(())
}
