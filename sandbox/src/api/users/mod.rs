//! Users: create, read, update and delete.

mod access_policies;
mod activation;
mod batch;
mod login;
mod me;
mod response;

use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;

use self::login::ensure_valid_login;
pub(super) use self::response::User;
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Id, Result};
use crate::http::extract::{
    Body, LenientBool, LenientInt, PathId, Query, ReadQuery, VersionQuery, one_of,
};
use crate::state::State;
use crate::store::contact::ContactChange;
use crate::store::users::NewUser;
use crate::store::users::change::Change;
use crate::world::World;

/// The routes of this domain.
pub(crate) fn router() -> Router<State> {
    Router::new()
        .route("/api/2/users", get(batch::batch).post(create))
        .route("/api/2/users/me", get(me::me))
        .route("/api/2/users/check_login", get(login::check_login))
        .route("/api/2/users/{id}", get(read).put(update).delete(remove))
        .route(
            "/api/2/users/{id}/send-activation-email",
            post(activation::send_activation),
        )
        .route("/api/2/users/{id}/password", post(activation::set_password))
        .route(
            "/api/2/users/{id}/access_policies",
            get(access_policies::read).put(access_policies::replace),
        )
        .route(
            "/activate/{token}",
            get(activation::page).post(activation::activate),
        )
}

#[derive(Deserialize)]
struct UserPost {
    tenant_id: Id,
    login: Option<String>,
    contact: Option<ContactChange>,
    enabled: Option<LenientBool>,
    language: Option<String>,
    notifications: Option<Vec<String>>,
    business_types: Option<Vec<String>>,
    idp_id: Option<Id>,
    external_id: Option<String>,
    origin_id: Option<String>,
    origin_external_id: Option<String>,
    disable_after: Option<String>,
}

async fn create(world: World, caller: Caller, Body(post): Body<UserPost>) -> Result<Json<User>> {
    let contact = match post.contact {
        Some(contact) if contact.email.is_none() => {
            return Err(ApiError::bad("contact.email is missing."));
        }
        contact => contact.unwrap_or_default(),
    };
    // The default login is the e-mail address.
    let login = post
        .login
        .or_else(|| {
            let email = contact.email.as_ref()?;
            Some(email.as_str().to_owned())
        })
        .ok_or_else(|| {
            ApiError::bad("login is missing, and there is no e-mail address to use instead.")
        })?;
    ensure_valid_login(&login)?;
    let new = NewUser {
        contact,
        enabled: post.enabled.is_none_or(|flag| flag.0),
        language: post.language,
        notifications: notifications(post.notifications)?,
        business_types: business_types(post.business_types)?,
        idp_id: post.idp_id,
        external_id: post.external_id,
        origin_id: post.origin_id,
        origin_external_id: post.origin_external_id,
        disable_after: disable_after(post.disable_after)?,
        ..NewUser::named(Id::random(), &login)
    };
    let now = world.clock.now();
    let user = world
        .store
        .create_user(&caller, post.tenant_id, &new, now)?;
    Ok(Json(User::new(user, Vec::new())))
}

fn notifications(given: Option<Vec<String>>) -> Result<Option<Vec<String>>> {
    const KNOWN: [&str; 12] = [
        "maintenance",
        "quota",
        "reports",
        "backup_error",
        "backup_warning",
        "backup_info",
        "backup_daily_report",
        "backup_critical",
        "device_control_warning",
        "certificate_management_error",
        "certificate_management_warning",
        "certificate_management_info",
    ];
    check_names("notifications", given, &KNOWN)
}

fn business_types(given: Option<Vec<String>>) -> Result<Option<Vec<String>>> {
    check_names("business_types", given, &["buyer"])
}

/// Rejects lists that contain an unknown name.
fn check_names(
    field: &str,
    given: Option<Vec<String>>,
    known: &[&str],
) -> Result<Option<Vec<String>>> {
    for name in given.iter().flatten() {
        one_of(field, name, known)?;
    }
    Ok(given)
}

fn disable_after(given: Option<String>) -> Result<Option<Timestamp>> {
    given
        .map(|text| Timestamp::parse_field("disable_after", &text))
        .transpose()
}

async fn read(
    world: World,
    caller: Caller,
    PathId(id): PathId,
    Query(query): Query<ReadQuery>,
) -> Result<Json<User>> {
    let deleted = query.allow_deleted();
    let (user, policies) = world.store.user(&caller, id, deleted)?;
    Ok(Json(User::new(user, policies)))
}

#[derive(Deserialize)]
struct UserPut {
    version: LenientInt,
    login: Option<String>,
    contact: Option<ContactChange>,
    enabled: Option<LenientBool>,
    language: Option<String>,
    notifications: Option<Vec<String>>,
    business_types: Option<Vec<String>>,
    idp_id: Option<Id>,
    external_id: Option<String>,
    disable_after: Option<String>,
}

async fn update(
    world: World,
    caller: Caller,
    PathId(id): PathId,
    Body(put): Body<UserPut>,
) -> Result<Json<User>> {
    if let Some(login) = &put.login {
        ensure_valid_login(login)?;
    }
    let change = Change {
        version: put.version.0,
        login: put.login,
        contact: put.contact,
        enabled: put.enabled.map(|flag| flag.0),
        language: put.language,
        notifications: notifications(put.notifications)?,
        business_types: business_types(put.business_types)?,
        idp_id: put.idp_id,
        external_id: put.external_id,
        disable_after: disable_after(put.disable_after)?,
    };
    let now = world.clock.now();
    let (user, policies) = world.store.update_user(&caller, id, &change, now)?;
    Ok(Json(User::new(user, policies)))
}

async fn remove(
    world: World,
    caller: Caller,
    PathId(id): PathId,
    Query(query): Query<VersionQuery>,
) -> Result<StatusCode> {
    let now = world.clock.now();
    world.store.delete_user(&caller, id, query.version.0, now)?;
    Ok(StatusCode::NO_CONTENT)
}
