//! Tasks and activities.

mod response;

use axum::routing::get;
use axum::{Json, Router};

use self::response::{Detail, List, WorkItem};
use crate::domain::{ApiError, Caller, Result};
use crate::http::extract::Path;
use crate::lists::{Directions, Params};
use crate::state::State;
use crate::store::tasks::WorkKind;
use crate::world::World;

/// The routes of this domain.
pub(crate) fn router() -> Router<State> {
    Router::new()
        .route("/api/task_manager/v2/tasks", get(list_tasks))
        .route("/api/task_manager/v2/tasks/{id}", get(read_task))
        .route("/api/task_manager/v2/activities", get(list_activities))
        .route("/api/task_manager/v2/activities/{id}", get(read_activity))
}

async fn list_tasks(world: World, caller: Caller, params: Params) -> Result<Json<List>> {
    list(&world, &caller, WorkKind::Task, &params)
}

async fn list_activities(world: World, caller: Caller, params: Params) -> Result<Json<List>> {
    list(&world, &caller, WorkKind::Activity, &params)
}

async fn read_task(
    world: World,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<WorkItem>> {
    read(&world, &caller, WorkKind::Task, &id, &params)
}

async fn read_activity(
    world: World,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<WorkItem>> {
    read(&world, &caller, WorkKind::Activity, &id, &params)
}

fn list(world: &World, caller: &Caller, kind: WorkKind, params: &Params) -> Result<Json<List>> {
    caller.require_token()?;
    let now = world.clock.now();
    let request = params.page_request(kind.list_name(), WorkKind::FILTERS, Directions::Forward)?;
    let Some(detail) = detail(params)? else {
        let size = world.store.count_work(caller, kind, &request, now)?;
        return Ok(Json(List::count(size)));
    };
    let page = world.store.list_work(caller, kind, &request, now)?;
    let items = page
        .items
        .iter()
        .map(|work| WorkItem::new(kind, work, detail, now))
        .collect();
    Ok(Json(List::page(items, page.after)))
}

fn read(
    world: &World,
    caller: &Caller,
    kind: WorkKind,
    id: &str,
    params: &Params,
) -> Result<Json<WorkItem>> {
    caller.require_token()?;
    params.flag("allow_deleted")?;
    let Some(detail) = detail(params)? else {
        return Err(ApiError::bad("lod: count is only supported for lists."));
    };
    let now = world.clock.now();
    let work = world.store.find_work(caller, kind, id, now)?;
    Ok(Json(WorkItem::new(kind, &work, detail, now)))
}

/// The level of detail; `None` for the count alone.
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
