//! Applications of plans to machines: apply, run and revoke.

pub(super) mod response;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, put};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Map, Value};

use self::response::{ApplicationResponse, Issue, Issues};
use super::policies::response::List;
use crate::domain::{ApiError, Caller, Id, Result};
use crate::http::extract::Body;
use crate::lists::{self, CursorPage, Directions, Filter, Op, Params};
use crate::state::State;
use crate::store::plans::applications::{self, ApplyRequest, PolicySelection};
use crate::store::plans::policies;
use crate::store::plans::runs::{self, RunRequest};
use crate::world::World;

/// The maximum number of ids in `context.items` and `context_ids`.
const MAX_IDS: usize = 100;

/// The routes of this domain. The vendor's tutorials call them with two leading slashes.
pub(crate) fn router() -> Router<State> {
    ["", "/"].into_iter().fold(Router::new(), |router, slash| {
        let path = |rest: &str| format!("{slash}/api/policy_management/v4/{rest}");
        router
            .route(&path("applications"), get(list).post(apply).delete(revoke))
            .route(&path("applications/run"), put(run))
            .route(&path("applications/issues/statistics"), get(statistics))
    })
}

async fn list(
    world: World,
    caller: Caller,
    params: Params,
) -> Result<Json<List<Vec<ApplicationResponse>>>> {
    let now = world.clock.now();
    let request = params.page_request("applications", applications::FILTERS, Directions::Both)?;
    policies::ensure_no_selections(&params)?;
    let selection = PolicySelection::parse(&request.params)?;
    world.store.read(|db| {
        let (page, total) = applications::list(db, &caller, &request, now)?;
        let items = page
            .items
            .iter()
            .map(|application| {
                let policies = policies::plan(db, application.plan_id)?.into_iter();
                Ok(policies
                    .filter(|policy| selection.contains(policy))
                    .map(|policy| ApplicationResponse::new(policy, application, now))
                    .collect())
            })
            .collect::<Result<Vec<_>>>()?;
        let page = CursorPage {
            items,
            after: page.after,
            before: page.before,
        };
        Ok(Json(List::new(page, total, now, |item| item)))
    })
}

#[derive(Debug, Deserialize)]
struct Apply {
    policy_id: Id,
    context: Option<Context>,
    disable_on_conflict: Option<bool>,
    #[serde(rename = "accepted_default_name")]
    _accepted_default_name: Option<String>,
    #[serde(rename = "precheck_disabled")]
    _precheck_disabled: Option<bool>,
}

#[derive(Debug, Deserialize)]
struct Context {
    items: Option<Vec<Id>>,
    id: Option<Id>,
}

fn ensure_at_most(name: &str, ids: &[Id]) -> Result<()> {
    if ids.len() > MAX_IDS {
        return Err(ApiError::bad(format!(
            "{name}: {} ids given, at most {MAX_IDS} allowed.",
            ids.len()
        )));
    }
    Ok(())
}

async fn apply(world: World, caller: Caller, Body(body): Body<Apply>) -> Result<Response> {
    let context = body
        .context
        .ok_or_else(|| ApiError::bad("context: the plan requires machines."))?;
    if context.id.is_some() {
        return Err(ApiError::not_simulated("A stored selection of resources"));
    }
    let items = context.items.unwrap_or_default();
    ensure_at_most("context.items", &items)?;
    if items.is_empty() {
        return Err(ApiError::bad("context.items: the plan requires machines."));
    }
    let disable_on_conflict = body.disable_on_conflict.unwrap_or(false);
    let request = ApplyRequest {
        plan_id: body.policy_id,
        items,
    };
    let now = world.clock.now();
    let conflicts = world.store.write(|tx| {
        let conflicts = applications::apply(tx, &caller, &request, now)?;
        if conflicts.is_empty() || disable_on_conflict {
            return Ok(conflicts);
        }
        let issue = Issue::conflicts(request.plan_id, conflicts, true);
        Err(ApiError::Blocked {
            info: "Another plan conflicts with this plan.".to_owned(),
            issues: serde_json::to_value([issue])?,
        })
    })?;
    if conflicts.is_empty() {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let issues = [Issue::conflicts(request.plan_id, conflicts, false)];
    Ok(Json(Issues { issues }).into_response())
}

async fn revoke(world: World, caller: Caller, params: Params) -> Result<StatusCode> {
    world
        .store
        .write(|tx| applications::revoke(tx, &caller, &params))?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
enum RunningState {
    Running,
    Idle,
    Cancelling,
    InteractionRequired,
}

#[derive(Debug, Deserialize)]
struct RunNow {
    state: RunningState,
    policy_id: Option<Id>,
    #[serde(rename = "arg")]
    _arg: Option<String>,
    context_ids: Option<Vec<Id>>,
    context_selection_id: Option<Id>,
    policy_type: Option<String>,
    settings: Option<Map<String, Value>>,
}

async fn run(world: World, caller: Caller, Body(body): Body<RunNow>) -> Result<StatusCode> {
    if let Some(ids) = &body.context_ids {
        ensure_at_most("context_ids", ids)?;
    }
    let is_ad_hoc = body.policy_type.is_some() || body.settings.is_some();
    let policy_id = match body.policy_id {
        Some(_) if is_ad_hoc => {
            return Err(ApiError::bad(
                "policy_id cannot be combined with policy_type or settings.",
            ));
        }
        None if is_ad_hoc => return Err(ApiError::not_simulated("A run without a stored plan")),
        None => return Err(ApiError::bad("policy_id: missing.")),
        Some(id) => id,
    };
    if body.context_selection_id.is_some() {
        return Err(ApiError::not_simulated("A stored selection of resources"));
    }
    let request = RunRequest {
        policy_id,
        machines: body.context_ids,
        millis: world.clock.work(runs::RUN_MILLIS),
    };
    let now = world.clock.now();
    match body.state {
        RunningState::Running => {
            world
                .store
                .write(|tx| runs::start(tx, &caller, &request, now))?;
            Ok(StatusCode::ACCEPTED)
        }
        RunningState::Idle | RunningState::Cancelling => {
            let stopped = world
                .store
                .write(|tx| runs::stop(tx, &caller, &request, now))?;
            Ok(match stopped {
                true => StatusCode::ACCEPTED,
                false => StatusCode::NO_CONTENT,
            })
        }
        RunningState::InteractionRequired => Err(ApiError::bad(
            "state: interaction_required cannot be requested.",
        )),
    }
}

/// Applications have no issues in the sandbox.
async fn statistics(_state: State, _caller: Caller, params: Params) -> Result<Json<[(); 0]>> {
    for name in ["policy_id", "context_id"] {
        for text in params.all(name) {
            let filter = Filter::parse(name, text, &[Op::Or, Op::Not])?;
            for id in &filter.values {
                lists::id(id)?;
            }
        }
    }
    Ok(Json([]))
}
