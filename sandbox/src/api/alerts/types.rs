//! Alert types and categories.

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use serde::{Deserialize, Serialize};

use crate::api::{Items, JsonLine};
use crate::domain::{ApiError, Caller, Result};
use crate::http::extract::{Body, Path, one_of};
use crate::lists::Params;
use crate::state::State;
use crate::store::alerts::{AlertType, Details, OPERATING_SYSTEMS, severity_name, severity_rank};
use crate::world::World;

pub(super) fn router() -> Router<State> {
    Router::new()
        .route("/api/alert_manager/v1/types", get(list).post(register))
        .route(
            "/api/alert_manager/v1/types/{id}",
            get(read).delete(unregister),
        )
        .route("/api/alert_manager/v1/categories", get(categories))
}

#[derive(Debug, Serialize)]
struct TypeResponse {
    id: String,
    severity: &'static str,
    enabled: bool,
    #[serde(flatten)]
    details: Details,
    category: String,
}

impl From<AlertType> for TypeResponse {
    fn from(alert_type: AlertType) -> Self {
        Self {
            id: alert_type.id,
            severity: severity_name(alert_type.severity),
            enabled: alert_type.enabled,
            details: alert_type.details,
            category: alert_type.category,
        }
    }
}

fn supports(alert_type: &AlertType, system: &str) -> bool {
    let supported = &alert_type.details.supported_os;
    supported.iter().any(|one| one == system)
}

async fn list(
    world: World,
    caller: Caller,
    params: Params,
) -> Result<JsonLine<Items<TypeResponse>>> {
    caller.require_token()?;
    let mut types = world.store.alert_types()?;
    let categories = params.all("category");
    types.retain(|one| categories.is_empty() || categories.contains(&one.category.as_str()));
    let systems = params.all("os_type");
    for system in &systems {
        one_of("os_type", system, &OPERATING_SYSTEMS)?;
    }
    types.retain(|one| systems.iter().all(|system| supports(one, system)));
    sort(&mut types, &params)?;
    let items = types.into_iter().map(TypeResponse::from).collect();
    Ok(JsonLine(Items { items }))
}

/// Sorts by the `order` parameters: stable, by the least important field first.
fn sort(types: &mut [AlertType], params: &Params) -> Result<()> {
    let orders = params.all("order");
    for order in orders.iter().flat_map(|all| all.split(',')).rev() {
        let order = order.trim().trim_end_matches(')');
        let (direction, field) = order.split_once('(').unwrap_or(("asc", order));
        one_of("order", direction, &["asc", "desc"])?;
        match field {
            "id" => types.sort_by(|a, b| a.id.cmp(&b.id)),
            "severity" => types.sort_by_key(|one| one.severity),
            "category" => types.sort_by(|a, b| a.category.cmp(&b.category)),
            _ => {
                return Err(ApiError::bad(format!(
                    "order: {field:?} is not one of id, severity, category."
                )));
            }
        }
        if direction == "desc" {
            types.reverse();
        }
    }
    Ok(())
}

async fn read(
    world: World,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<JsonLine<TypeResponse>> {
    caller.require_token()?;
    let found = world
        .store
        .alert_types()?
        .into_iter()
        .find(|one| one.id == id)
        .ok_or_else(|| ApiError::NotFound(format!("There is no alert type {id}.")))?;
    Ok(JsonLine(found.into()))
}

#[derive(Deserialize)]
struct Register {
    items: Vec<NewType>,
}

#[derive(Deserialize)]
struct NewType {
    id: String,
    severity: String,
    enabled: Option<bool>,
    category: String,
    #[serde(flatten)]
    details: Details,
}

impl TryFrom<NewType> for AlertType {
    type Error = ApiError;

    fn try_from(new: NewType) -> Result<Self> {
        for (name, text) in [("id", &new.id), ("category", &new.category)] {
            if text.is_empty() {
                return Err(ApiError::bad(format!("items: {name} must not be empty.")));
            }
        }
        Ok(Self {
            severity: severity_rank(&new.severity)?,
            id: new.id,
            enabled: new.enabled.unwrap_or(true),
            category: new.category,
            details: new.details,
        })
    }
}

async fn register(world: World, caller: Caller, Body(body): Body<Register>) -> Result<StatusCode> {
    caller.require_token()?;
    let types = body.items.into_iter().map(AlertType::try_from);
    let types = types.collect::<Result<Vec<_>>>()?;
    world.store.register_alert_types(&caller, &types)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn unregister(world: World, caller: Caller, Path(id): Path<String>) -> Result<StatusCode> {
    caller.require_token()?;
    world.store.unregister_alert_type(&caller, &id)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Serialize)]
struct Category {
    name: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    disabled: bool,
}

async fn categories(
    world: World,
    caller: Caller,
    params: Params,
) -> Result<JsonLine<Items<Category>>> {
    caller.require_token()?;
    let include_disabled = params.flag("include_disabled")?;
    let types = world.store.alert_types()?;
    let mut names: Vec<&str> = types.iter().map(|one| one.category.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let items = names
        .into_iter()
        .map(|name| Category {
            name: name.to_owned(),
            disabled: !types.iter().any(|one| one.category == name && one.enabled),
        })
        .filter(|category| include_disabled || !category.disabled)
        .collect();
    Ok(JsonLine(Items { items }))
}
