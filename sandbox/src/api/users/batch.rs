//! Lists of users, page by page.

use axum::Json;
use serde::{Deserialize, Serialize};

use super::response::{ListedUser, User};
use crate::api::Detail;
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Id, Result};
use crate::http::extract::{self, LenientBool, LenientInt, Query};
use crate::lists::{self, Paging};
use crate::store::users::list::{Batch, Selection};
use crate::world::World;

#[derive(Deserialize)]
pub(super) struct BatchQuery {
    uuids: Option<String>,
    subtree_root_tenant_id: Option<Id>,
    external_ids: Option<String>,
    tenant_id: Option<Id>,
    origin_id: Option<String>,
    after: Option<String>,
    updated_since: Option<String>,
    limit: Option<LenientInt>,
    lod: Option<String>,
    with_access_policies: Option<LenientBool>,
    allow_deleted: Option<LenientBool>,
    inside_organization: Option<LenientBool>,
    access_policies: Option<String>,
    tenant_kinds: Option<String>,
    target_tenant_id: Option<String>,
}

impl BatchQuery {
    /// Rejects the filters that the sandbox does not simulate. The platform does not document what belongs to an
    /// organization.
    fn reject_organization_filters(&self) -> Result<()> {
        if self.inside_organization.is_some_and(|flag| flag.0) {
            if self.subtree_root_tenant_id.is_none() {
                return Err(ApiError::bad(
                    "inside_organization requires subtree_root_tenant_id.",
                ));
            }
            return Err(ApiError::not_simulated("inside_organization"));
        }
        for (name, given) in [
            ("access_policies", &self.access_policies),
            ("tenant_kinds", &self.tenant_kinds),
            ("target_tenant_id", &self.target_tenant_id),
        ] {
            if given.is_some() {
                return Err(ApiError::bad(format!(
                    "{name} requires inside_organization."
                )));
            }
        }
        Ok(())
    }
}

/// The content of a cursor.
#[derive(Deserialize, Serialize)]
struct Cursor {
    batch: Batch,
    lod: Detail,
    policies: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct UserPage {
    timestamp: Timestamp,
    items: Vec<ListedUser>,
    paging: Paging,
}

pub(super) async fn batch(
    world: World,
    caller: Caller,
    Query(query): Query<BatchQuery>,
) -> Result<Json<UserPage>> {
    query.reject_organization_filters()?;
    let limit = query.limit;
    let mut cursor = first_page(query, caller.tenant_id)?;
    if let Some(limit) = limit {
        if limit.0 < 1 {
            return Err(ApiError::bad("limit: must be at least 1."));
        }
        cursor.batch.limit = limit.0;
    }
    let page = world.store.users(&caller, &cursor.batch)?;
    let items = page
        .items
        .into_iter()
        .map(|(user, policies)| {
            let policies = if cursor.policies {
                policies
            } else {
                Vec::new()
            };
            ListedUser::new(User::new(user, policies), cursor.lod)
        })
        .collect();
    let after = page
        .next
        .map(|batch| lists::encode_cursor(&Cursor { batch, ..cursor }))
        .transpose()?;
    Ok(Json(UserPage {
        timestamp: world.clock.now(),
        items,
        paging: lists::paging(after),
    }))
}

fn first_page(query: BatchQuery, home: Id) -> Result<Cursor> {
    let selection = match (
        query.uuids,
        query.subtree_root_tenant_id,
        query.external_ids,
        query.after,
    ) {
        (None, None, None, Some(after)) => return lists::decode_cursor(&after),
        (Some(uuids), None, None, None) => Selection::Ids(extract::ids("uuids", &uuids, 100)?),
        (None, Some(top), None, None) => Selection::Subtree(top),
        (None, None, Some(external), None) => {
            let tenant = query
                .tenant_id
                .ok_or_else(|| ApiError::bad("external_ids requires tenant_id."))?;
            let external: Vec<String> = external.split(',').map(str::to_owned).collect();
            if external.len() > 100 {
                return Err(ApiError::bad("external_ids: more than 100 ids."));
            }
            Selection::External(tenant, external)
        }
        // The default is all users that the caller can read.
        (None, None, None, None) => Selection::Subtree(home),
        _ => {
            return Err(ApiError::bad(
                "At most one of uuids, subtree_root_tenant_id, external_ids and after is allowed.",
            ));
        }
    };
    Ok(Cursor {
        batch: Batch {
            selection,
            origin_id: query.origin_id,
            updated_since: query
                .updated_since
                .map(|text| Timestamp::parse_field("updated_since", &text))
                .transpose()?
                .map(Timestamp::millis),
            allow_deleted: query.allow_deleted.is_some_and(|flag| flag.0),
            limit: 2000,
            after: 0,
        },
        lod: Detail::parse(query.lod.as_deref())?,
        policies: query.with_access_policies.is_some_and(|flag| flag.0),
    })
}
