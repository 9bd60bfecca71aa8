//! Agents: listed, looked at, unregistered.

use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Result};
use crate::http::extract::{PathId, parse_id};
use crate::lists::{Params, Ways};
use crate::state::State;
use crate::store::agents::{self, Agent, NEWEST_BUILD};
use crate::world::World;

/// The routes of this domain.
pub(crate) fn router() -> Router<State> {
    const P: &str = "/api/agent_manager/v2";
    Router::new()
        .route(&format!("{P}/agents"), get(list).delete(remove_some))
        .route(
            &format!("{P}/agents/{{agent_id}}"),
            get(read).delete(remove),
        )
        .route(&format!("{P}/hardware_nodes"), get(no_nodes))
        .route(&format!("{P}/hardware_nodes/{{node_id}}"), get(no_node))
}

/// RFC 1123 with a numeric zone, in which the platform writes this one time.
fn rfc1123(at: Timestamp) -> String {
    at.civil()
        .strftime("%a, %d %b %Y %H:%M:%S +0000")
        .to_string()
}

fn shown(agent: &Agent) -> Value {
    // The newest version stands beside the current one only where that is an older one.
    let versions = |version: &dyn Fn(i64) -> Value| {
        let mut versions = json!({ "current": version(agent.build) });
        if let (true, Some(fields)) = (agent.build < NEWEST_BUILD, versions.as_object_mut()) {
            fields.insert("latest".to_owned(), version(NEWEST_BUILD));
        }
        versions
    };
    let software = |build: i64| json!({ "release_id": format!("25.{}", build / 1000), "build": build.to_string() });
    let installer =
        |build: i64| json!({ "major": 25, "minor": build / 1000, "build_number": build });
    let units: Vec<Value> = agents::units(&agent.family)
        .iter()
        .map(|unit| json!({ "name": unit, "version": versions(&software) }))
        .collect();
    let (major, minor) = match agent.family.as_str() {
        "WINDOWS" => (10, 0),
        "MACOSX" => (15, 5),
        _ => (24, 4),
    };
    json!({
        "id": agent.id,
        "name": agent.hostname.split('.').next(),
        "hostname": agent.hostname,
        "online": agent.online,
        "enabled": true,
        "registration_id": agent.id.to_string().replace('-', ""),
        "registration_date": rfc1123(agent.registered_at),
        "timezone": "UTC",
        "auto_update": agent.build == NEWEST_BUILD,
        "tenant": { "id": agent.tenant_number.to_string(), "name": agent.tenant_name },
        "platform": {
            "family": agent.family,
            "arch": "X64",
            "name": agent.system,
            "version_major": major,
            "version_minor": minor,
        },
        "core_version": versions(&software),
        "installer_version": versions(&installer),
        "units": units,
        "meta": {},
    })
}

async fn list(world: World, caller: Caller, params: Params) -> Result<Json<Value>> {
    let asked = params.asked("agents", agents::FILTERS, Ways::Both)?;
    let now = world.clock.now();
    let page = world
        .store
        .read(|db| agents::list(db, &caller, &asked, now))?;
    let items: Vec<Value> = page.items.iter().map(shown).collect();
    let mut cursors = serde_json::Map::new();
    cursors.extend(page.after.map(|after| ("after".to_owned(), after.into())));
    cursors.extend(
        page.before
            .map(|before| ("before".to_owned(), before.into())),
    );
    Ok(Json(
        json!({ "items": items, "paging": { "cursors": cursors } }),
    ))
}

async fn read(world: World, caller: Caller, PathId(id): PathId) -> Result<Json<Value>> {
    let now = world.clock.now();
    let agent = world.store.read(|db| agents::find(db, &caller, id, now))?;
    Ok(Json(shown(&agent)))
}

async fn remove(
    world: World,
    caller: Caller,
    PathId(id): PathId,
    params: Params,
) -> Result<StatusCode> {
    let (force, now) = (params.flag("force")?, world.clock.now());
    world
        .store
        .write(|tx| agents::unregister(tx, &caller, id, force, now))?;
    Ok(StatusCode::NO_CONTENT)
}

async fn remove_some(world: World, caller: Caller, params: Params) -> Result<StatusCode> {
    let (force, now) = (params.flag("force")?, world.clock.now());
    let ids = params.all("id");
    if ids.is_empty() {
        return Err(ApiError::bad("id is missing."));
    }
    world.store.write(|tx| {
        for id in ids {
            agents::unregister(tx, &caller, parse_id(id)?, force, now)?;
        }
        Ok(())
    })?;
    Ok(StatusCode::NO_CONTENT)
}

/// No world has appliances.
async fn no_nodes(_: Caller) -> Json<Value> {
    Json(json!({ "items": [] }))
}

async fn no_node(_: Caller) -> ApiError {
    ApiError::NotFound("There is no such hardware node.".to_owned())
}
