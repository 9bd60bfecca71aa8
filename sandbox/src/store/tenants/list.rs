//! Lists of tenants: children, and batches that go on where they stopped.

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

/// How children are ordered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Order {
    /// As they were made.
    AsIs,
    /// By name.
    Name,
    /// Enabled ones first.
    Status,
}

/// Which tenants a batch is about.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) enum Selection {
    /// These, if visible; and those on the way to them from the caller's own.
    Ids {
        /// Which.
        ids: Vec<Id>,
        /// Whether those on the way are wanted.
        with_path: bool,
    },
    /// Those directly under this one.
    Children(Id),
    /// This one and all below.
    Subtree(Id),
}

/// What a batch of tenants asks for. A cursor carries all of it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Batch {
    /// Which tenants.
    pub selection: Selection,
    /// Changed after this, in Unix milliseconds.
    pub updated_since: Option<i64>,
    /// Deleted ones too.
    pub allow_deleted: bool,
    /// Only those with items of this type that are on.
    pub having: Option<String>,
    /// With their items.
    pub expand: bool,
    /// At most so many.
    pub limit: i64,
    /// Depth and number of the last one already seen.
    pub after: (i64, i64),
}

impl Batch {
    fn wants_items(&self) -> bool {
        self.expand || self.having.is_some()
    }
}

const DEPTH: &str = "(length(t.path) - length(replace(t.path, '/', '')))";

impl Store {
    /// The tenants directly under one, personal ones left out.
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

    /// A page of tenants, level by level, with their items where asked for, and where it goes on.
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
                with_path: true, ..
            } = &batch.selection
            {
                add_ways(db, caller, &mut ids)?;
            }
            let wanted = matches!(batch.selection, Selection::Ids { .. })
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
                wanted,
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
                // What is out of reach is left out, not refused.
                if require_visible(db, caller, &tenant).is_err() {
                    continue;
                }
                let items = if batch.wants_items() {
                    offering_items::of_tenant(db, tenant.id)?
                } else {
                    Vec::new()
                };
                if let Some(kind) = &batch.having
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

/// The tenants on the way from the caller's own down to each of these.
fn add_ways(db: &Connection, caller: &Caller, ids: &mut Vec<Id>) -> Result<()> {
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
