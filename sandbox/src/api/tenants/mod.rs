//! Tenants: create, read, update, delete and restore.

mod batch;
mod children;
mod response;

use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;

use self::response::Tenant;
use crate::domain::{ApiError, Caller, Id, Result, TenantKind};
use crate::http::extract::{
    Body, LenientBool, LenientInt, PathId, Query, ReadQuery, VersionQuery, double_option, one_of,
};
use crate::state::State;
use crate::store::contact::ContactChange;
use crate::store::tenants::NewTenant;
use crate::store::tenants::change::Change;
use crate::world::World;

/// The routes of this domain.
pub(crate) fn router() -> Router<State> {
    Router::new()
        .route("/api/2/tenants", get(batch::batch).post(create))
        .route("/api/2/tenants/{id}", get(read).put(update).delete(remove))
        .route("/api/2/tenants/{id}/restore", post(restore))
        .route("/api/2/tenants/{id}/children", get(children::children))
        .route("/api/2/tenants/{id}/users", get(children::users))
}

/// The maximum length of a name, in characters.
const MAX_NAME: usize = 255;
/// The maximum length of an internal tag, in characters.
const MAX_TAG: usize = 256;

#[derive(Deserialize)]
struct TenantPost {
    name: String,
    parent_id: Id,
    kind: TenantKind,
    contact: Option<ContactChange>,
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
) -> Result<(StatusCode, Json<Tenant>)> {
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
    Ok((StatusCode::CREATED, Json(Tenant::from(view))))
}

async fn read(
    world: World,
    caller: Caller,
    PathId(id): PathId,
    Query(query): Query<ReadQuery>,
) -> Result<Json<Tenant>> {
    let deleted = query.allow_deleted();
    let view = world
        .store
        .tenant(&caller, id, deleted, world.clock.now())?;
    Ok(Json(Tenant::from(view)))
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
    contact: Option<ContactChange>,
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
) -> Result<Json<Tenant>> {
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
        contact: put.contact,
        enabled: put.enabled.map(|flag| flag.0),
        locked: put.update_lock.map(|lock| lock.enabled.0),
        ancestral_access: put.ancestral_access.map(|flag| flag.0),
        default_idp_id: put.default_idp_id,
    };
    let now = world.clock.now();
    let view = world.store.update_tenant(&caller, id, &change, now)?;
    Ok(Json(Tenant::from(view)))
}

fn check_name(name: &str) -> Result<()> {
    if name.trim().is_empty() {
        return Err(ApiError::bad("name: cannot be empty."));
    }
    if name.chars().count() > MAX_NAME {
        return Err(ApiError::bad(format!(
            "name: longer than {MAX_NAME} characters."
        )));
    }
    if name.chars().any(char::is_control) {
        return Err(ApiError::bad("name: contains a control character."));
    }
    Ok(())
}

fn check_tag(tag: Option<&str>) -> Result<()> {
    if tag.is_some_and(|tag| tag.chars().count() > MAX_TAG) {
        return Err(ApiError::bad(format!(
            "internal_tag: longer than {MAX_TAG} characters."
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
