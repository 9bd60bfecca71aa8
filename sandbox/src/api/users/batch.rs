//! The list of users.

use axum::Json;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::response::shape;
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Id, Result};
use crate::http::extract::{self, LenientBool, LenientInt, Query, one_of};
use crate::lists;
use crate::store::users::list::{Batch, Selection};
use crate::store::users::{Policy, User};
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
    /// Refuses what the platform can filter by and the sandbox cannot: nobody has written down where an organization
    /// ends.
    fn check_organization(&self) -> Result<()> {
        if self.inside_organization.is_some_and(|flag| flag.0) {
            if self.subtree_root_tenant_id.is_none() {
                return Err(ApiError::bad(
                    "inside_organization needs subtree_root_tenant_id.",
                ));
            }
            return Err(ApiError::NotImplemented(
                "inside_organization is documented by the platform and not simulated by this sandbox yet."
                    .to_owned(),
            ));
        }
        for (name, given) in [
            ("access_policies", &self.access_policies),
            ("tenant_kinds", &self.tenant_kinds),
            ("target_tenant_id", &self.target_tenant_id),
        ] {
            if given.is_some() {
                return Err(ApiError::bad(format!("{name} needs inside_organization.")));
            }
        }
        Ok(())
    }
}

/// What a cursor of this list carries.
#[derive(Deserialize, Serialize)]
struct Place {
    batch: Batch,
    lod: String,
    policies: bool,
}

pub(super) async fn batch(
    world: World,
    caller: Caller,
    Query(query): Query<BatchQuery>,
) -> Result<Json<Value>> {
    query.check_organization()?;
    let limit = query.limit;
    let mut place = place(query, caller.tenant_id)?;
    if let Some(limit) = limit {
        if limit.0 < 1 {
            return Err(ApiError::bad("limit: less than 1."));
        }
        place.batch.limit = limit.0;
    }
    let page = world.store.users(&caller, &place.batch)?;
    let items: Vec<Value> = page
        .items
        .iter()
        .map(|(user, policies)| sized(user, policies, &place))
        .collect();
    let after = page
        .next
        .map(|batch| lists::encode_cursor(&Place { batch, ..place }))
        .transpose()?;
    Ok(Json(json!({
        "timestamp": world.clock.now(),
        "items": items,
        "paging": lists::paging(after),
    })))
}

fn place(query: BatchQuery, home: Id) -> Result<Place> {
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
                .ok_or_else(|| ApiError::bad("external_ids needs tenant_id."))?;
            let external: Vec<String> = external.split(',').map(str::to_owned).collect();
            if external.len() > 100 {
                return Err(ApiError::bad("external_ids: more than 100."));
            }
            Selection::External(tenant, external)
        }
        // Asked for nothing in particular: all that the caller has.
        (None, None, None, None) => Selection::Subtree(home),
        _ => {
            return Err(ApiError::bad(
                "Give one of uuids, subtree_root_tenant_id, external_ids and after.",
            ));
        }
    };
    let lod = query.lod.unwrap_or_else(|| "full".to_owned());
    one_of("lod", &lod, &["stamps", "basic", "full"])?;
    Ok(Place {
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
        lod,
        policies: query.with_access_policies.is_some_and(|flag| flag.0),
    })
}

/// A user of a batch, with as much detail as was asked for.
fn sized(user: &User, policies: &[Policy], place: &Place) -> Value {
    const STAMPS: [&str; 10] = [
        "id",
        "version",
        "tenant_id",
        "created_at",
        "updated_at",
        "deleted_at",
        "access_policies",
        "origin_id",
        "origin_external_id",
        "disable_after",
    ];
    const BASIC: [&str; 5] = [
        "personal_tenant_id",
        "login",
        "enabled",
        "session_mfa_status",
        "delivery_channel",
    ];
    let mut item = shape(user, if place.policies { policies } else { &[] });
    match place.lod.as_str() {
        "stamps" => item.retain(|field, _| STAMPS.contains(&field.as_str())),
        "basic" => item
            .retain(|field, _| STAMPS.contains(&field.as_str()) || BASIC.contains(&field.as_str())),
        _ => {}
    }
    item.into()
}
