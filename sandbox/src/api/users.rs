//! Users, their passwords and roles.

use axum::http::StatusCode;
use axum::response::Html;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Code, Id, Result};
use crate::http::extract::{
    self, Body, Form, LenientBool, LenientInt, Path, PathId, Query, ReadQuery, VersionQuery, one_of,
};
use crate::state::State;
use crate::store::contact;
use crate::store::tenants::DEFAULT_IDP;
use crate::store::users::activation::Mail;
use crate::store::users::change::Change;
use crate::store::users::list::{Batch, Selection};
use crate::store::users::roles::NewPolicy;
use crate::store::users::{Me, NewUser, Policy, User};
use crate::world::World;
use crate::{lists, secrets};

/// The routes of this domain.
pub(crate) fn router() -> Router<State> {
    Router::new()
        .route("/api/2/users", get(batch).post(create))
        .route("/api/2/users/me", get(me))
        .route("/api/2/users/check_login", get(check_login))
        .route("/api/2/users/{id}", get(read).put(update).delete(remove))
        .route(
            "/api/2/users/{id}/send-activation-email",
            post(send_activation),
        )
        .route("/api/2/users/{id}/password", post(set_password))
        .route(
            "/api/2/users/{id}/access_policies",
            get(policies).put(set_policies),
        )
        .route("/activate/{token}", get(activation_page).post(activate))
}

const LONGEST_LOGIN: usize = 255;
const LONGEST_PASSWORD: usize = 1024;

#[derive(Deserialize)]
struct LoginQuery {
    username: String,
}

/// 204: free; 409: taken; 406: cannot be a login.
async fn check_login(
    world: World,
    _: Caller,
    Query(query): Query<LoginQuery>,
) -> Result<StatusCode> {
    check_form(&query.username).map_err(ApiError::NotAcceptable)?;
    world.store.check_login(&query.username)?;
    Ok(StatusCode::NO_CONTENT)
}

/// ASCII letters, digits and a few signs; else what is wrong with it.
fn check_form(login: &str) -> std::result::Result<(), String> {
    const SIGNS: &str = ".@_-+:!#$%^*={}'`/?";
    if login.is_empty() {
        return Err("A login cannot be empty.".to_owned());
    }
    if login.len() > LONGEST_LOGIN {
        return Err(format!("A login has at most {LONGEST_LOGIN} characters."));
    }
    match login
        .chars()
        .find(|sign| !sign.is_ascii_alphanumeric() && !SIGNS.contains(*sign))
    {
        Some(sign) => Err(format!("A login cannot have {sign:?} in it.")),
        None => Ok(()),
    }
}

fn check_login_form(login: &str) -> Result<()> {
    check_form(login).map_err(|info| ApiError::platform(Code::InvalidLogin, info))
}

#[derive(Deserialize)]
struct UserPost {
    tenant_id: Id,
    login: Option<String>,
    contact: Option<Map<String, Value>>,
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

async fn create(world: World, caller: Caller, Body(post): Body<UserPost>) -> Result<Json<Value>> {
    let contact = match post.contact {
        Some(contact) if !contact.contains_key("email") => {
            return Err(ApiError::bad("contact.email is missing."));
        }
        contact => contact.unwrap_or_default(),
    };
    // Who gives no login signs in with the e-mail address.
    let login = post
        .login
        .or_else(|| {
            let email = contact.get("email").and_then(Value::as_str)?;
            Some(email.to_owned())
        })
        .ok_or_else(|| {
            ApiError::bad("login is missing, and there is no e-mail to take instead.")
        })?;
    check_login_form(&login)?;
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
    Ok(Json(shape(&user, &[]).into()))
}

fn notifications(given: Option<Vec<String>>) -> Result<Option<Value>> {
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
    known("notifications", given, &KNOWN)
}

fn business_types(given: Option<Vec<String>>) -> Result<Option<Value>> {
    known("business_types", given, &["buyer"])
}

fn known(field: &str, given: Option<Vec<String>>, known: &[&str]) -> Result<Option<Value>> {
    let Some(given) = given else {
        return Ok(None);
    };
    for name in &given {
        one_of(field, name, known)?;
    }
    Ok(Some(json!(given)))
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
) -> Result<Json<Value>> {
    let deleted = query.allow_deleted();
    let (user, policies) = world.store.user(&caller, id, deleted)?;
    Ok(Json(shape(&user, &policies).into()))
}

#[derive(Deserialize)]
struct UserPut {
    version: LenientInt,
    login: Option<String>,
    contact: Option<Map<String, Value>>,
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
) -> Result<Json<Value>> {
    if let Some(login) = &put.login {
        check_login_form(login)?;
    }
    let change = Change {
        version: put.version.0,
        login: put.login,
        contact: put.contact.unwrap_or_default(),
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
    Ok(Json(shape(&user, &policies).into()))
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

/// Puts the mail in the outbox. The body, empty or `{}`, says nothing.
async fn send_activation(state: State, caller: Caller, PathId(id): PathId) -> Result<StatusCode> {
    caller.require_client()?;
    let token = secrets::random(52)?;
    let mail = Mail {
        link: format!("{}activate/{token}", state.url),
        token: secrets::fingerprint(&token),
    };
    let now = state.world.clock.now();
    state.world.store.send_activation(&caller, id, &mail, now)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
struct PasswordPost {
    password: String,
}

async fn set_password(
    world: World,
    caller: Caller,
    PathId(id): PathId,
    Body(post): Body<PasswordPost>,
) -> Result<StatusCode> {
    caller.require_token()?;
    check_password(&post.password)?;
    let now = world.clock.now();
    world.store.set_password(&caller, id, &post.password, now)?;
    Ok(StatusCode::NO_CONTENT)
}

fn check_password(password: &str) -> Result<()> {
    if password.is_empty() || password.len() > LONGEST_PASSWORD {
        return Err(ApiError::bad(format!(
            "password: not between 1 and {LONGEST_PASSWORD} bytes long."
        )));
    }
    Ok(())
}

/// The page behind the link of an activation mail.
async fn activation_page(world: World, Path(token): Path<String>) -> Result<Html<String>> {
    let login = escaped(&world.store.activation(&token)?);
    Ok(page(&format!(
        "<p>Set a password for <b>{login}</b>.</p>\
         <form method=\"post\"><input type=\"password\" name=\"password\" required autofocus> \
         <button>Activate</button></form>"
    )))
}

async fn activate(
    world: World,
    Path(token): Path<String>,
    Form(post): Form<PasswordPost>,
) -> Result<Html<String>> {
    check_password(&post.password)?;
    let now = world.clock.now();
    let login = escaped(&world.store.activate(&token, &post.password, now)?);
    Ok(page(&format!("<p><b>{login}</b> is activated.</p>")))
}

fn page(content: &str) -> Html<String> {
    Html(format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Sandbox</title>\
         <h1>Account activation</h1>{content}</html>"
    ))
}

/// Signs that a login may have and HTML may not.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('\'', "&#39;")
}

async fn policies(world: World, caller: Caller, PathId(id): PathId) -> Result<Json<Value>> {
    let policies = world.store.policies(&caller, id)?;
    Ok(Json(json!({
        "timestamp": world.clock.now(),
        "items": policies,
    })))
}

#[derive(Deserialize)]
struct PoliciesPut {
    items: Vec<PolicyPut>,
}

#[derive(Deserialize)]
struct PolicyPut {
    id: Option<Id>,
    tenant_id: Id,
    role_id: String,
    trustee_id: Option<Id>,
    trustee_type: Option<String>,
}

async fn set_policies(
    world: World,
    caller: Caller,
    PathId(id): PathId,
    Body(put): Body<PoliciesPut>,
) -> Result<Json<Value>> {
    let wanted = put
        .items
        .into_iter()
        .map(|item| {
            if item.trustee_id.is_some_and(|trustee| trustee != id) {
                return Err(ApiError::bad("trustee_id: not the user of the path."));
            }
            if item.trustee_type.is_some_and(|kind| kind != "user") {
                return Err(ApiError::bad("trustee_type: not user."));
            }
            Ok(NewPolicy {
                tenant_id: item.tenant_id,
                role_id: item.role_id,
                id: item.id.unwrap_or(Id::NIL),
            })
        })
        .collect::<Result<Vec<_>>>()?;
    let now = world.clock.now();
    let policies = world.store.set_policies(&caller, id, &wanted, now)?;
    Ok(Json(json!({ "timestamp": now, "items": policies })))
}

#[derive(Deserialize)]
struct BatchQuery {
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
#[derive(Deserialize, serde::Serialize)]
struct Place {
    batch: Batch,
    lod: String,
    policies: bool,
}

async fn batch(
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
        .map(|batch| lists::cursor(&Place { batch, ..place }))
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
        (None, None, None, Some(after)) => return lists::place(&after),
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

/// Who is calling: a user, or an API client in a user's shape.
async fn me(world: World, caller: Caller) -> Result<Json<Value>> {
    let now = world.clock.now();
    let me = world.store.me(&caller, now)?;
    let mut answer = match &me {
        Me {
            user: Some(user),
            policies,
            ..
        } => shape(user, policies),
        Me { tenant, .. } => {
            let client = User {
                id: caller.id,
                tenant_id: tenant.id,
                personal_tenant_id: None,
                login: caller.name.clone(),
                contact: contact::new(caller.id, &Map::new(), tenant.created_at)?,
                activated: true,
                enabled: true,
                language: tenant.language.clone(),
                notifications: json!([]),
                business_types: json!([]),
                idp_id: DEFAULT_IDP,
                external_id: None,
                origin_id: None,
                origin_external_id: None,
                disable_after: None,
                terms_accepted: true,
                version: 1,
                created_at: tenant.created_at,
                updated_at: tenant.created_at,
                deleted_at: None,
            };
            shape(&client, &[])
        }
    };
    answer.insert("login_totp_time".to_owned(), Value::Null);
    answer.insert("tenant_kind".to_owned(), json!(me.tenant.kind));
    answer.insert("tenant_pricing_model".to_owned(), json!(me.pricing.mode));
    answer.insert("brand_id".to_owned(), json!(me.tenant.brand_uuid));
    Ok(Json(answer.into()))
}

/// A user as the platform answers it.
pub(super) fn shape(user: &User, policies: &[Policy]) -> Map<String, Value> {
    let mut answer = Map::new();
    let mut put = |field: &str, value: Value| answer.insert(field.to_owned(), value);
    put("id", json!(user.id));
    put("version", json!(user.version));
    put("tenant_id", json!(user.tenant_id));
    put("created_at", json!(user.created_at));
    put("updated_at", json!(user.updated_at));
    put("deleted_at", json!(user.deleted_at));
    put("access_policies", json!(policies));
    put("origin_id", json!(user.origin_id));
    put("origin_external_id", json!(user.origin_external_id));
    put("disable_after", json!(user.disable_after));
    put("personal_tenant_id", json!(user.personal_tenant_id));
    put("login", json!(user.login));
    put("enabled", json!(user.enabled));
    put("session_mfa_status", json!("passed_or_not_required"));
    put("delivery_channel", json!("email"));
    put("contact", json!(user.contact));
    put("activated", json!(user.activated));
    put("language", json!(user.language));
    put("business_types", user.business_types.clone());
    put("notifications", user.notifications.clone());
    put("idp_id", json!(user.idp_id));
    // Declared a string: left out where there is none.
    if let Some(external) = &user.external_id {
        put("external_id", json!(external));
    }
    put("mfa_status", json!("disabled"));
    put("external_operation_status", Value::Null);
    put("terms_accepted", json!(user.terms_accepted));
    answer
}
