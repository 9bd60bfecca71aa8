//! Lists of tenants, page by page.

use axum::Json;
use serde::{Deserialize, Serialize};

use super::response::ListedTenant;
use crate::api::Detail;
use crate::api::offering_items::OfferingItem;
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Id, Result};
use crate::http::extract::{self, LenientBool, LenientInt, Query};
use crate::lists::{self, Paging};
use crate::store::tenants::list::{Batch, Selection};
use crate::world::World;

#[derive(Deserialize)]
pub(super) struct BatchQuery {
    uuids: Option<String>,
    parent_id: Option<Id>,
    subtree_root_id: Option<Id>,
    after: Option<String>,
    updated_since: Option<String>,
    limit: Option<LenientInt>,
    lod: Option<String>,
    with_contacts: Option<LenientBool>,
    with_offering_items: Option<LenientBool>,
    with_infra_offering_items: Option<LenientBool>,
    expand_offering_items: Option<LenientBool>,
    include_relative_path: Option<LenientBool>,
    allow_deleted: Option<LenientBool>,
}

/// The content of a cursor.
#[derive(Deserialize, Serialize)]
struct Cursor {
    batch: Batch,
    lod: Detail,
    contacts: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct TenantPage {
    timestamp: Timestamp,
    items: Vec<ListedTenant>,
    paging: Paging,
}

pub(super) async fn batch(
    world: World,
    caller: Caller,
    Query(query): Query<BatchQuery>,
) -> Result<Json<TenantPage>> {
    let limit = query.limit;
    let mut cursor = first_page(query)?;
    if let Some(limit) = limit {
        if limit.0 < 1 {
            return Err(ApiError::bad("limit: must be at least 1."));
        }
        cursor.batch.limit = limit.0;
    }
    let now = world.clock.now();
    let page = world.store.tenants(&caller, &cursor.batch, now)?;
    let items = page
        .items
        .into_iter()
        .map(|(view, items)| {
            let contacts = if cursor.contacts {
                vec![view.tenant.contact.clone()]
            } else {
                Vec::new()
            };
            let offering_items = items
                .iter()
                .filter(|_| cursor.batch.expand_items)
                .map(|offered| OfferingItem::of(view.tenant.id, offered))
                .collect();
            ListedTenant::new(view, cursor.lod, contacts, offering_items)
        })
        .collect();
    let after = page
        .next
        .map(|batch| lists::encode_cursor(&Cursor { batch, ..cursor }))
        .transpose()?;
    Ok(Json(TenantPage {
        timestamp: now,
        items,
        paging: lists::paging(after),
    }))
}

fn first_page(query: BatchQuery) -> Result<Cursor> {
    let is_set = |flag: Option<LenientBool>| flag.is_some_and(|flag| flag.0);
    let with_ancestors = is_set(query.include_relative_path);
    let selection = match (
        query.uuids,
        query.parent_id,
        query.subtree_root_id,
        query.after,
    ) {
        (None, None, None, Some(after)) => return lists::decode_cursor(&after),
        (Some(uuids), None, None, None) => Selection::Ids {
            ids: extract::ids("uuids", &uuids, 100)?,
            with_ancestors,
        },
        (None, Some(parent), None, None) if !with_ancestors => Selection::Children(parent),
        (None, None, Some(top), None) if !with_ancestors => Selection::Subtree(top),
        _ => {
            return Err(ApiError::bad(
                "Exactly one of uuids, parent_id, subtree_root_id and after is required; \
                 include_relative_path requires uuids.",
            ));
        }
    };
    let with_item_type = match (
        is_set(query.with_offering_items),
        is_set(query.with_infra_offering_items),
    ) {
        (true, _) => Some("count".to_owned()),
        (false, true) => Some("infra".to_owned()),
        (false, false) => None,
    };
    Ok(Cursor {
        batch: Batch {
            selection,
            updated_since: query
                .updated_since
                .map(|text| Timestamp::parse_field("updated_since", &text))
                .transpose()?
                .map(Timestamp::millis),
            allow_deleted: is_set(query.allow_deleted),
            with_item_type,
            expand_items: is_set(query.expand_offering_items),
            limit: 5000,
            after: (0, 0),
        },
        lod: Detail::parse(query.lod.as_deref())?,
        contacts: is_set(query.with_contacts),
    })
}
