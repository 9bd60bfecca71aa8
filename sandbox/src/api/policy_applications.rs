//! Plans on machines: applied, run and revoked.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, put};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::policies::paged;
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Id, Result};
use crate::http::extract::Body;
use crate::lists::Params;
use crate::state::State;
use crate::store::plans::applications::{self, Application, Wish};
use crate::store::plans::policies::{self, Policy};
use crate::store::plans::runs::{self, Order};
use crate::store::plans::stamp;
use crate::world::World;

/// `context.items` and the ids of a run hold at most so many.
const MOST_IDS: usize = 100;

/// The routes of this domain, with one slash in front and, as the vendor's tutorials call them, with two.
pub(crate) fn router() -> Router<State> {
    ["", "/"].into_iter().fold(Router::new(), |router, slash| {
        let path = |rest: &str| format!("{slash}/api/policy_management/v4/{rest}");
        router
            .route(&path("applications"), get(list).post(apply).delete(revoke))
            .route(&path("applications/run"), put(run))
            .route(&path("applications/issues/statistics"), get(statistics))
    })
}

async fn list(world: World, caller: Caller, params: Params) -> Result<Json<Value>> {
    let now = world.clock.now();
    let (slice, total) = world.store.read(|db| {
        let (parts, slice, total) = applications::list(db, &caller, &params, now)?;
        let items = slice
            .items
            .into_iter()
            .map(|application| {
                let policies = policies::plan(db, application.plan_id)?;
                let shown = policies.iter().filter(|policy| parts.has(policy));
                Ok(shown.map(|it| shown_part(it, &application, now)).collect())
            })
            .collect::<Result<Vec<Vec<Value>>>>()?;
        let slice = crate::lists::Slice {
            items,
            after: slice.after,
            before: slice.before,
        };
        Ok((slice, total))
    })?;
    Ok(Json(paged(slice, total, &stamp(now), Value::from)))
}

/// One policy of a plan on a machine. The plan itself has no state of its own.
fn shown_part(policy: &Policy, application: &Application, now: Timestamp) -> Value {
    let mut named = json!({
        "id": policy.id,
        "type": policy.policy_type,
        "name": policy.name,
        "temporary": false,
    });
    // Nobody documents it, and the vendor's scripts find the plan by it.
    if let (Some(parents), Some(named)) = (policy.parent_ids(), named.as_object_mut()) {
        named.insert("parent_ids".to_owned(), parents.clone());
    }
    let tenant = application.tenant_number.to_string();
    let resource = application.resource_id;
    let mut shown = json!({
        "policy": named,
        "context": {
            "id": resource,
            "external_id": format!("{resource}@{tenant}"),
            "type": "resource.machine",
        },
        "context_tenant_id": tenant,
        "tenant_id": tenant,
        "agent_id": application.agent_id,
        "enabled": application.enabled && policy.enabled,
        "is_licensed": true,
        "automatic_enabled_switch": { "by_time_period": 0, "by_events": [] },
        "origin_contexts": application.origins,
        "created_at": stamp(application.created_at),
        "updated_at": stamp(application.updated_at),
    });
    if let (false, Some(shown)) = (policy.is_root(), shown.as_object_mut()) {
        let doing = runs::doing(policy, application, now);
        let mut put = |name: &str, value: Value| shown.insert(name.to_owned(), value);
        put("status", doing.status.into());
        put("deployment", json!({ "state": "deployed" }));
        put("running", doing.running);
        for (name, time) in [
            ("last_run_time", doing.last_run),
            ("last_success_time", doing.last_success),
            ("next_run_time", doing.next_run),
        ] {
            if let Some(time) = time {
                put(name, time.into());
            }
        }
        put("sequenceId", application.run.count.into());
    }
    shown
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

fn not_simulated(what: &str) -> ApiError {
    ApiError::NotImplemented(format!(
        "{what} is documented by the platform and not simulated by this sandbox yet."
    ))
}

fn at_most(name: &str, ids: &[Id]) -> Result<()> {
    if ids.len() > MOST_IDS {
        return Err(ApiError::bad(format!(
            "{name}: {} given, {MOST_IDS} allowed.",
            ids.len()
        )));
    }
    Ok(())
}

/// 204, or 200 with what there is to report.
fn done(issues: &[Value]) -> Response {
    match issues {
        [] => StatusCode::NO_CONTENT.into_response(),
        issues => Json(json!({ "issues": issues })).into_response(),
    }
}

async fn apply(world: World, caller: Caller, Body(body): Body<Apply>) -> Result<Response> {
    let context = body
        .context
        .ok_or_else(|| ApiError::bad("context: this plan needs machines."))?;
    if context.id.is_some() {
        return Err(not_simulated("A stored selection of resources"));
    }
    let items = context.items.unwrap_or_default();
    at_most("context.items", &items)?;
    if items.is_empty() {
        return Err(ApiError::bad("context.items: this plan needs machines."));
    }
    let wish = Wish {
        plan_id: body.policy_id,
        items,
        disable_on_conflict: body.disable_on_conflict.unwrap_or(false),
    };
    let now = world.clock.now();
    let issues = world
        .store
        .write(|tx| applications::apply(tx, &caller, &wish, now))?;
    Ok(done(&issues))
}

async fn revoke(world: World, caller: Caller, params: Params) -> Result<Response> {
    world
        .store
        .write(|tx| applications::revoke(tx, &caller, &params))?;
    Ok(done(&[]))
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
        at_most("context_ids", ids)?;
    }
    let alone = body.policy_type.is_some() || body.settings.is_some();
    let policy_id = match body.policy_id {
        Some(_) if alone => {
            return Err(ApiError::bad(
                "policy_id goes with policy_type and settings never.",
            ));
        }
        None if alone => return Err(not_simulated("A run by settings alone")),
        None => return Err(ApiError::bad("policy_id: missing.")),
        Some(id) => id,
    };
    if body.context_selection_id.is_some() {
        return Err(not_simulated("A stored selection of resources"));
    }
    let order = Order {
        policy_id,
        machines: body.context_ids,
        millis: world.clock.work(runs::WORK_MILLIS),
    };
    let now = world.clock.now();
    match body.state {
        RunningState::Running => {
            world
                .store
                .write(|tx| runs::start(tx, &caller, &order, now))?;
            Ok(StatusCode::ACCEPTED)
        }
        RunningState::Idle | RunningState::Cancelling => {
            let stopped = world
                .store
                .write(|tx| runs::stop(tx, &caller, &order, now))?;
            Ok(match stopped {
                true => StatusCode::ACCEPTED,
                false => StatusCode::NO_CONTENT,
            })
        }
        RunningState::InteractionRequired => Err(ApiError::bad(
            "state: a run asks for interaction by itself, nobody can ask for that.",
        )),
    }
}

/// No application here has an issue.
async fn statistics(_state: State, _caller: Caller, params: Params) -> Result<Json<Vec<Value>>> {
    for name in ["policy_id", "context_id"] {
        for text in params.all(name) {
            crate::lists::Test::parse(name, text, &[crate::lists::Op::Or, crate::lists::Op::Not])?
                .values
                .iter()
                .try_for_each(|id| crate::lists::id(id).map(drop))?;
        }
    }
    Ok(Json(Vec::new()))
}
