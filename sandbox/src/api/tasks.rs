//! Tasks and activities.

use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::domain::{ApiError, Caller, Result};
use crate::http::extract::Path;
use crate::lists::{Params, Ways};
use crate::state::State;
use crate::store::tasks::{Detail, List};
use crate::world::World;

/// The routes of this domain.
pub(crate) fn router() -> Router<State> {
    Router::new()
        .route("/api/task_manager/v2/tasks", get(tasks))
        .route("/api/task_manager/v2/tasks/{id}", get(task))
        .route("/api/task_manager/v2/activities", get(activities))
        .route("/api/task_manager/v2/activities/{id}", get(activity))
}

async fn tasks(world: World, caller: Caller, params: Params) -> Result<Json<Value>> {
    page(&world, &caller, List::Tasks, &params)
}

async fn activities(world: World, caller: Caller, params: Params) -> Result<Json<Value>> {
    page(&world, &caller, List::Activities, &params)
}

async fn task(
    world: World,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<Value>> {
    one(&world, &caller, List::Tasks, &id, &params)
}

async fn activity(
    world: World,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<Value>> {
    one(&world, &caller, List::Activities, &id, &params)
}

fn page(world: &World, caller: &Caller, list: List, params: &Params) -> Result<Json<Value>> {
    caller.require_token()?;
    let now = world.clock.now();
    let asked = params.asked(list.name(), List::FILTERS, Ways::Forward)?;
    let Some(detail) = detail(params)? else {
        let size = world.store.count_work(caller, list, &asked, now)?;
        return Ok(Json(json!({ "items": [], "size": size })));
    };
    let page = world.store.work(caller, list, &asked, detail, now)?;
    let mut answer = json!({ "size": page.items.len(), "items": page.items });
    // Where nothing follows there is no paging at all.
    if let (Some(answer), Some(after)) = (answer.as_object_mut(), page.after) {
        answer.insert(
            "paging".to_owned(),
            json!({ "cursors": { "after": after } }),
        );
    }
    Ok(Json(answer))
}

fn one(
    world: &World,
    caller: &Caller,
    list: List,
    id: &str,
    params: &Params,
) -> Result<Json<Value>> {
    caller.require_token()?;
    params.flag("allow_deleted")?;
    let Some(detail) = detail(params)? else {
        return Err(ApiError::bad("lod: count is for lists."));
    };
    let now = world.clock.now();
    let found = world.store.one_work(caller, list, id, detail, now)?;
    Ok(Json(found))
}

/// How much is asked for; none for the number alone.
fn detail(params: &Params) -> Result<Option<Detail>> {
    Ok(Some(match params.one("lod")? {
        Some("tiny") => Detail::Tiny,
        Some("short") => Detail::Short,
        Some("long") => Detail::Long,
        None | Some("full" | "debug") => Detail::Full,
        Some("count") => return Ok(None),
        Some(other) => {
            return Err(ApiError::bad(format!(
                "lod: {other:?} is not one of tiny, short, long, full, debug, count."
            )));
        }
    }))
}
