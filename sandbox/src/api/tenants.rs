//! Tenants: made, read, changed, deleted, restored; one by one and in batches.

use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::api::offering_items::OfferingItem;
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Id, Result, TenantKind};
use crate::http::extract::{
    self, Body, LenientBool, LenientInt, PathId, Query, ReadQuery, VersionQuery, double_option,
    one_of,
};
use crate::lists;
use crate::state::State;
use crate::store::offering_items::Offered;
use crate::store::tenants::change::Change;
use crate::store::tenants::list::{Batch, Order, Selection};
use crate::store::tenants::{self, NewTenant, View};
use crate::store::users::list::Order as UserOrder;
use crate::world::World;

/// The routes of this domain.
pub(crate) fn router() -> Router<State> {
    Router::new()
        .route("/api/2/tenants", get(batch).post(create))
        .route("/api/2/tenants/{id}", get(read).put(update).delete(remove))
        .route("/api/2/tenants/{id}/restore", post(restore))
        .route("/api/2/tenants/{id}/children", get(children))
        .route("/api/2/tenants/{id}/users", get(users))
}

const LONGEST_NAME: usize = 255;
const LONGEST_TAG: usize = 256;

#[derive(Deserialize)]
struct TenantPost {
    name: String,
    parent_id: Id,
    kind: TenantKind,
    contact: Option<Map<String, Value>>,
    enabled: Option<LenientBool>,
    customer_id: Option<String>,
    internal_tag: Option<String>,
    language: Option<String>,
    update_lock: Option<Lock>,
    ancestral_access: Option<LenientBool>,
}

#[derive(Deserialize)]
struct Lock {
    enabled: LenientBool,
}

async fn create(
    world: World,
    caller: Caller,
    Body(post): Body<TenantPost>,
) -> Result<(StatusCode, Json<Value>)> {
    check_name(&post.name)?;
    check_tag(post.internal_tag.as_deref())?;
    let locked = post.update_lock.is_some_and(|lock| lock.enabled.0);
    let new = NewTenant {
        contact: post.contact.unwrap_or_default(),
        customer_id: post.customer_id,
        internal_tag: post.internal_tag,
        language: post.language,
        enabled: post.enabled.is_none_or(|flag| flag.0),
        ancestral_access: post.ancestral_access.is_none_or(|flag| flag.0),
        lock_owner_id: locked.then_some(caller.tenant_id),
        ..NewTenant::named(Id::random(), post.kind, &post.name)
    };
    let now = world.clock.now();
    let view = world
        .store
        .create_tenant(&caller, post.parent_id, &new, now)?;
    Ok((StatusCode::CREATED, Json(shape(&view).into())))
}

async fn read(
    world: World,
    caller: Caller,
    PathId(id): PathId,
    Query(query): Query<ReadQuery>,
) -> Result<Json<Value>> {
    let deleted = query.allow_deleted();
    let view = world
        .store
        .tenant(&caller, id, deleted, world.clock.now())?;
    Ok(Json(shape(&view).into()))
}

#[derive(Deserialize)]
struct TenantPut {
    version: LenientInt,
    name: Option<String>,
    kind: Option<TenantKind>,
    parent_id: Option<Id>,
    customer_type: Option<String>,
    #[serde(default, deserialize_with = "double_option")]
    customer_id: Option<Option<String>>,
    #[serde(default, deserialize_with = "double_option")]
    internal_tag: Option<Option<String>>,
    language: Option<String>,
    contact: Option<Map<String, Value>>,
    enabled: Option<LenientBool>,
    update_lock: Option<Lock>,
    ancestral_access: Option<LenientBool>,
    default_idp_id: Option<Id>,
}

async fn update(
    world: World,
    caller: Caller,
    PathId(id): PathId,
    Body(put): Body<TenantPut>,
) -> Result<Json<Value>> {
    const TYPES: [&str; 5] = [
        "default",
        "enterprise",
        "consumer",
        "small_office",
        "ti_unified",
    ];
    if let Some(name) = &put.name {
        check_name(name)?;
    }
    check_tag(put.internal_tag.as_ref().and_then(Option::as_deref))?;
    if let Some(kind) = &put.customer_type {
        one_of("customer_type", kind, &TYPES)?;
    }
    let change = Change {
        version: put.version.0,
        name: put.name,
        kind: put.kind,
        parent_id: put.parent_id,
        customer_type: put.customer_type,
        customer_id: put.customer_id,
        internal_tag: put.internal_tag,
        language: put.language,
        contact: put.contact.unwrap_or_default(),
        enabled: put.enabled.map(|flag| flag.0),
        locked: put.update_lock.map(|lock| lock.enabled.0),
        ancestral_access: put.ancestral_access.map(|flag| flag.0),
        default_idp_id: put.default_idp_id,
    };
    let now = world.clock.now();
    let view = world.store.update_tenant(&caller, id, &change, now)?;
    Ok(Json(shape(&view).into()))
}

fn check_name(name: &str) -> Result<()> {
    if name.trim().is_empty() {
        return Err(ApiError::bad("name: empty."));
    }
    if name.chars().count() > LONGEST_NAME {
        return Err(ApiError::bad(format!(
            "name: longer than {LONGEST_NAME} characters."
        )));
    }
    if name.chars().any(char::is_control) {
        return Err(ApiError::bad("name: has a control character in it."));
    }
    Ok(())
}

fn check_tag(tag: Option<&str>) -> Result<()> {
    if tag.is_some_and(|tag| tag.chars().count() > LONGEST_TAG) {
        return Err(ApiError::bad(format!(
            "internal_tag: longer than {LONGEST_TAG} characters."
        )));
    }
    Ok(())
}

async fn remove(
    world: World,
    caller: Caller,
    PathId(id): PathId,
    Query(query): Query<VersionQuery>,
) -> Result<StatusCode> {
    let now = world.clock.now();
    world
        .store
        .delete_tenant(&caller, id, query.version.0, now)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
struct RestoreQuery {
    force: Option<LenientBool>,
}

async fn restore(
    world: World,
    caller: Caller,
    PathId(id): PathId,
    Query(query): Query<RestoreQuery>,
) -> Result<StatusCode> {
    let force = query.force.is_some_and(|flag| flag.0);
    let now = world.clock.now();
    world.store.restore_tenant(&caller, id, force, now)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
struct ChildrenQuery {
    order: Option<String>,
    allow_deleted: Option<LenientBool>,
    after: Option<String>,
    include_details: Option<LenientBool>,
}

/// Splits `-name` in `name` and whether it is to be turned round; an order that only the platform has is told as such.
fn order<'a>(
    given: Option<&'a str>,
    known: &[&str],
    only_platform: &[&str],
) -> Result<(&'a str, bool)> {
    let given = given.unwrap_or("name");
    let order = given.strip_prefix('-').unwrap_or(given);
    if only_platform.contains(&order) || order.starts_with("usage.") {
        return Err(ApiError::NotImplemented(format!(
            "order={order} is documented by the platform and not simulated by this sandbox yet."
        )));
    }
    one_of("order", order, known)?;
    Ok((order, given != order))
}

async fn children(
    world: World,
    caller: Caller,
    PathId(id): PathId,
    Query(query): Query<ChildrenQuery>,
) -> Result<Json<Value>> {
    // All children are on the first page.
    if query.after.is_some() {
        return Err(ApiError::bad(
            "after: not a cursor that this list has given out.",
        ));
    }
    let known = ["name", "status", "as_is"];
    let (order, backwards) = order(query.order.as_deref(), &known, &["usage"])?;
    let order = match order {
        "status" => Order::Status,
        "as_is" => Order::AsIs,
        _ => Order::Name,
    };
    let deleted = query.allow_deleted.is_some_and(|flag| flag.0);
    let now = world.clock.now();
    let mut children = world.store.children(&caller, id, order, deleted, now)?;
    if backwards {
        children.reverse();
    }
    let details = query.include_details.is_some_and(|flag| flag.0);
    let items: Vec<Value> = children
        .iter()
        .map(|child| {
            if details {
                shape(child).into()
            } else {
                json!(child.tenant.id)
            }
        })
        .collect();
    Ok(Json(json!({ "items": items })))
}

#[derive(Deserialize)]
struct UsersQuery {
    include_grand_children: Option<LenientBool>,
    order: Option<String>,
    allow_deleted: Option<LenientBool>,
}

async fn users(
    world: World,
    caller: Caller,
    PathId(id): PathId,
    Query(query): Query<UsersQuery>,
) -> Result<Json<Value>> {
    let below = query.include_grand_children.is_some_and(|flag| flag.0);
    let deleted = query.allow_deleted.is_some_and(|flag| flag.0);
    let known = ["name", "login", "status", "as_is"];
    let only_platform = ["roles", "level", "usage", "mfa_status", "contact_types"];
    let (order, backwards) = order(query.order.as_deref(), &known, &only_platform)?;
    let order = match order {
        "login" => UserOrder::Login,
        "status" => UserOrder::Status,
        "as_is" => UserOrder::AsIs,
        _ => UserOrder::Name,
    };
    let users = world.store.users_of(&caller, id, below, order, deleted)?;
    let mut ids: Vec<Id> = users.iter().map(|user| user.id).collect();
    if backwards {
        ids.reverse();
    }
    Ok(Json(json!({ "items": ids })))
}

#[derive(Deserialize)]
struct BatchQuery {
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

/// What a cursor of this list carries.
#[derive(Deserialize, serde::Serialize)]
struct Place {
    batch: Batch,
    lod: String,
    contacts: bool,
}

async fn batch(
    world: World,
    caller: Caller,
    Query(query): Query<BatchQuery>,
) -> Result<Json<Value>> {
    let limit = query.limit;
    let mut place = place(query)?;
    if let Some(limit) = limit {
        if limit.0 < 1 {
            return Err(ApiError::bad("limit: less than 1."));
        }
        place.batch.limit = limit.0;
    }
    let now = world.clock.now();
    let page = world.store.tenants(&caller, &place.batch, now)?;
    let items: Vec<Value> = page
        .items
        .iter()
        .map(|(view, items)| sized(view, items, &place))
        .collect();
    let after = page
        .next
        .map(|batch| lists::encode_cursor(&Place { batch, ..place }))
        .transpose()?;
    Ok(Json(json!({
        "timestamp": now,
        "items": items,
        "paging": lists::paging(after),
    })))
}

fn place(query: BatchQuery) -> Result<Place> {
    let on = |flag: Option<LenientBool>| flag.is_some_and(|flag| flag.0);
    let with_path = on(query.include_relative_path);
    let selection = match (
        query.uuids,
        query.parent_id,
        query.subtree_root_id,
        query.after,
    ) {
        (None, None, None, Some(after)) => return lists::decode_cursor(&after),
        (Some(uuids), None, None, None) => Selection::Ids {
            ids: extract::ids("uuids", &uuids, 100)?,
            with_path,
        },
        (None, Some(parent), None, None) if !with_path => Selection::Children(parent),
        (None, None, Some(top), None) if !with_path => Selection::Subtree(top),
        _ => {
            return Err(ApiError::bad(
                "Give one of uuids (alone with include_relative_path), parent_id, \
                 subtree_root_id and after.",
            ));
        }
    };
    let lod = query.lod.unwrap_or_else(|| "full".to_owned());
    one_of("lod", &lod, &["stamps", "basic", "full"])?;
    let having = match (
        on(query.with_offering_items),
        on(query.with_infra_offering_items),
    ) {
        (true, _) => Some("count".to_owned()),
        (false, true) => Some("infra".to_owned()),
        (false, false) => None,
    };
    Ok(Place {
        batch: Batch {
            selection,
            updated_since: query
                .updated_since
                .map(|text| Timestamp::parse_field("updated_since", &text))
                .transpose()?
                .map(|moment| moment.millis()),
            allow_deleted: on(query.allow_deleted),
            having,
            expand: on(query.expand_offering_items),
            limit: 5000,
            after: (0, 0),
        },
        lod,
        contacts: on(query.with_contacts),
    })
}

/// A tenant of a batch, with as much detail as was asked for.
fn sized(view: &View, items: &[Offered], place: &Place) -> Value {
    const STAMPS: [&str; 6] = [
        "id",
        "parent_id",
        "version",
        "created_at",
        "updated_at",
        "deleted_at",
    ];
    const BASIC: [&str; 3] = ["name", "kind", "enabled"];
    let mut item = shape(view);
    match place.lod.as_str() {
        "stamps" => item.retain(|field, _| STAMPS.contains(&field.as_str())),
        "basic" => item
            .retain(|field, _| STAMPS.contains(&field.as_str()) || BASIC.contains(&field.as_str())),
        _ => {
            item.insert("barrier".to_owned(), json!(barrier(view)));
        }
    }
    let contacts = if place.contacts {
        json!([view.tenant.contact])
    } else {
        json!([])
    };
    item.insert("contacts".to_owned(), contacts);
    let items: Vec<OfferingItem> = items
        .iter()
        .filter(|_| place.batch.expand)
        .map(|offered| OfferingItem::of(view.tenant.id, offered))
        .collect();
    item.insert("offering_items".to_owned(), json!(items));
    item.into()
}

/// The level above which ancestors have no access, 0 if they all do.
fn barrier(view: &View) -> i64 {
    if view.tenant.ancestral_access {
        0
    } else {
        // Its parent is one level up, and the root is level 0.
        tenants::depth(&view.tenant.path) - 3
    }
}

/// A tenant as the platform answers it.
pub(crate) fn shape(view: &View) -> Map<String, Value> {
    let View { tenant, pricing } = view;
    let mut answer = Map::new();
    let mut put = |field: &str, value: Value| answer.insert(field.to_owned(), value);
    put("id", json!(tenant.id));
    put("version", json!(tenant.version));
    put("name", json!(tenant.name));
    put("customer_type", json!(tenant.customer_type));
    put("parent_id", json!(tenant.parent_id));
    put("kind", json!(tenant.kind));
    put("contact", json!(tenant.contact));
    put("contacts", json!([]));
    put("enabled", json!(tenant.enabled));
    put("created_at", json!(tenant.created_at));
    put("updated_at", json!(tenant.updated_at));
    put("deleted_at", json!(tenant.deleted_at));
    put("customer_id", json!(tenant.customer_id));
    put("brand_id", json!(tenant.brand_id));
    put("brand_uuid", json!(tenant.brand_uuid));
    put("brand_enabled", json!(tenant.brand_enabled));
    put("internal_tag", json!(tenant.internal_tag));
    put("language", json!(tenant.language));
    put("owner_id", json!(tenant.owner_id));
    put("has_children", json!(tenant.has_children));
    put("default_idp_id", json!(tenant.default_idp_id));
    put(
        "update_lock",
        json!({
            "enabled": tenant.lock_owner_id.is_some(),
            "owner_id": tenant.lock_owner_id,
        }),
    );
    put("ancestral_access", json!(tenant.ancestral_access));
    put("mfa_status", json!(tenant.mfa_status));
    put("pricing_mode", json!(pricing.mode));
    put(
        "production_start_date",
        json!(pricing.production_start_date),
    );
    put("external_operation_status", Value::Null);
    answer
}
