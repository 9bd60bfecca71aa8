//! Resources: machines and groups, and how well they are protected.

use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::clock::Timestamp;
use crate::domain::{Caller, Id, Result};
use crate::http::extract::{Body, Path, parse_id};
use crate::lists::{Params, Slice, Ways};
use crate::state::State;
use crate::store::plans;
use crate::store::resources::{self, NewGroup, Resource, Sent};
use crate::world::World;

/// The routes of this domain.
pub(crate) fn router() -> Router<State> {
    const P: &str = "/api/resource_management/v4";
    Router::new()
        .route(&format!("{P}/resources"), get(list).post(create))
        .route(&format!("{P}/resources/count"), get(count))
        .route(&format!("{P}/resources/{{id}}"), get(read))
        .route(&format!("{P}/resources/{{id}}/attributes"), get(attributes))
        .route(&format!("{P}/resource_statuses"), get(statuses))
}

/// RFC 3339, as this service writes times.
fn rfc3339(at: Timestamp) -> String {
    format!("{at}.{:03}Z", at.millis().rem_euclid(1000))
}

/// The attributes of a machine, or those that came with a group, by their namespaces.
fn attributes_of(resource: &Resource) -> Vec<Value> {
    let Some((family, system, build, online)) = &resource.software else {
        let sent = resource.sent.attributes.iter().flatten();
        return sent.cloned().map(Value::Object).collect();
    };
    let pair = |key: &str, value: Value| json!({ "key": key, "value": value });
    vec![
        json!({ "name": "agent", "kvs": [
            pair("os_family", family.as_str().into()),
            pair("os_name", system.as_str().into()),
            pair("is_online", i64::from(*online).into()),
            pair("version", format!("25.{}.{build}", build / 1000).into()),
        ] }),
        json!({ "name": "default", "kvs": [pair("operating_system", system.as_str().into())] }),
    ]
}

fn shown(resource: &Resource, attributes: bool) -> Value {
    let group = resource.is_group();
    let cti = if group {
        "cti.a.p.wm.workload.v1.0~a.p.wm.group.v1.0~a.p.computers.v1.0"
    } else {
        "cti.a.p.wm.workload.v1.0~a.p.wm.aspect.v1.0~a.p.machine.v1.0"
    };
    let mut shown = Map::new();
    let mut put = |key: &str, value: Value| shown.insert(key.to_owned(), value);
    put("id", resource.id.into());
    put(
        "external_id",
        format!("{}@{}", resource.id, resource.tenant_number).into(),
    );
    put("name", resource.name.as_str().into());
    let sent = &resource.sent;
    let seen = sent.user_defined_name.as_ref().unwrap_or(&resource.name);
    put("user_defined_name", seen.as_str().into());
    put("type", resource.kind.as_str().into());
    put("cti", cti.into());
    put("tenant_id", resource.tenant_number.to_string().into());
    if let Some(agent) = resource.agent_id {
        put("agent_id", agent.into());
    }
    put("parent_group_ids", json!(resource.parents));
    if group {
        let allowed = match &sent.allowed_member_types {
            Some(types) => json!(types),
            None => json!(["resource.machine"]),
        };
        put("allowed_member_types", allowed);
        put("is_static", resource.group_condition.is_none().into());
    } else {
        put("aggregation_status", "NOT_AGGREGATED".into());
    }
    if let Some(condition) = &resource.group_condition {
        put("group_condition", condition.as_str().into());
    }
    if let Some(tag) = &sent.tag {
        put("tag", tag.as_str().into());
    }
    put("is_auto_created", false.into());
    put("is_customer_managed", group.into());
    put("created_at", rfc3339(resource.created_at).into());
    put("updated_at", rfc3339(resource.updated_at).into());
    if attributes && (!group || sent.attributes.is_some()) {
        put("attributes", attributes_of(resource).into());
    }
    Value::Object(shown)
}

fn paged(page: &Slice<Resource>, items: &[Value], now: Timestamp) -> Json<Value> {
    let mut cursors = Map::new();
    for (key, cursor) in [("after", &page.after), ("before", &page.before)] {
        if let Some(cursor) = cursor {
            cursors.insert(key.to_owned(), cursor.as_str().into());
        }
    }
    Json(json!({
        "items": items,
        "paging": { "cursors": cursors },
        "timestamp": rfc3339(now),
    }))
}

async fn list(world: World, caller: Caller, params: Params) -> Result<Json<Value>> {
    let asked = params.asked("resources", resources::FILTERS, Ways::Both)?;
    let attributes = asked.params.flag("include_attributes")?;
    let now = world.clock.now();
    let page = world
        .store
        .read(|db| resources::list(db, &caller, &asked, now))?;
    let items = page.items.iter().map(|one| shown(one, attributes));
    let items: Vec<Value> = items.collect();
    Ok(paged(&page, &items, now))
}

async fn count(world: World, caller: Caller, params: Params) -> Result<Json<Value>> {
    let asked = params.asked("resources", resources::FILTERS, Ways::Both)?;
    let now = world.clock.now();
    let count = world
        .store
        .read(|db| resources::count(db, &caller, &asked, now))?;
    Ok(Json(json!({ "count": count })))
}

/// The UUID of a resource, which may be followed by `@type` and `!tenant`.
fn internal(id: &str) -> Result<Id> {
    parse_id(id.split(['@', '!']).next().unwrap_or(id))
}

async fn read(
    world: World,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<Value>> {
    let (id, now) = (internal(&id)?, world.clock.now());
    let attributes = params.flag("include_attributes")?;
    let resource = world
        .store
        .read(|db| resources::find(db, &caller, id, now))?;
    Ok(Json(shown(&resource, attributes)))
}

async fn attributes(world: World, caller: Caller, Path(id): Path<String>) -> Result<Json<Value>> {
    let (id, now) = (internal(&id)?, world.clock.now());
    let resource = world
        .store
        .read(|db| resources::find(db, &caller, id, now))?;
    Ok(Json(json!({ "items": attributes_of(&resource) })))
}

#[derive(Deserialize)]
struct Create {
    id: Option<Id>,
    #[serde(rename = "type")]
    kind: String,
    name: String,
    parent_group_ids: Vec<Id>,
    group_condition: Option<String>,
    #[serde(flatten)]
    sent: Sent,
}

async fn create(world: World, caller: Caller, Body(body): Body<Create>) -> Result<StatusCode> {
    let new = NewGroup {
        id: body.id,
        kind: body.kind,
        name: body.name,
        parents: body.parent_group_ids,
        group_condition: body.group_condition,
        sent: body.sent,
    };
    let now = world.clock.now();
    world
        .store
        .write(|tx| resources::put_group(tx, &caller, &new, now))?;
    Ok(StatusCode::NO_CONTENT)
}

async fn statuses(world: World, caller: Caller, params: Params) -> Result<Json<Value>> {
    let asked = params.asked("resource_statuses", resources::FILTERS, Ways::Both)?;
    let attributes = asked.params.flag("include_attributes")?;
    let now = world.clock.now();
    let (page, items) = world.store.read(|db| {
        let page = resources::list(db, &caller, &asked, now)?;
        let items = page.items.iter().map(|one| {
            let status = plans::status_of(db, one.id, now)?;
            let mut shown =
                json!({ "context": shown(one, attributes), "aggregate": status.aggregate });
            if let (false, Some(fields)) = (status.policies.is_empty(), shown.as_object_mut()) {
                fields.insert("policies".to_owned(), status.policies.into());
            }
            Ok(shown)
        });
        let items = items.collect::<Result<Vec<Value>>>()?;
        Ok((page, items))
    })?;
    Ok(paged(&page, &items, now))
}
