//! The JSON of tasks and activities.

use serde::Serialize;

use crate::clock::Timestamp;
use crate::domain::Id;
use crate::store::tasks::{Work, WorkKind};

/// The level of detail (`lod`) of a response. Each level contains the fields of the levels before it.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Detail {
    /// Required fields only.
    Tiny,
    /// With times, result and user.
    Short,
    /// With progress, policy and resource.
    Long,
    Full,
}

impl Detail {
    /// The value of a field that is shown from a level on.
    fn from<T>(self, level: Self, value: T) -> Option<T> {
        (self >= level).then_some(value)
    }
}

/// A list of tasks or activities.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum List {
    /// On the last page there is no `paging`.
    Page {
        size: usize,
        items: Vec<WorkItem>,
        #[serde(skip_serializing_if = "Option::is_none")]
        paging: Option<Paging>,
    },
    /// The response to `lod=count`.
    Count { items: [(); 0], size: i64 },
}

#[derive(Debug, Serialize)]
pub(super) struct Paging {
    cursors: Cursors,
}

#[derive(Debug, Serialize)]
struct Cursors {
    after: String,
}

impl List {
    pub(super) fn count(size: i64) -> Self {
        Self::Count { items: [], size }
    }

    pub(super) fn page(items: Vec<WorkItem>, after: Option<String>) -> Self {
        Self::Page {
            size: items.len(),
            items,
            paging: after.map(|after| Paging {
                cursors: Cursors { after },
            }),
        }
    }
}

/// A task or an activity.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WorkItem {
    id: i64,
    id_string: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uuid: Option<Id>,
    #[serde(rename = "type")]
    kind: String,
    #[serde(flatten)]
    own: OwnFields,
    state: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<WorkResult>,
    #[serde(skip_serializing_if = "Option::is_none")]
    progress: Option<Progress>,
    tenant: Tenant,
    #[serde(skip_serializing_if = "Option::is_none")]
    executor: Option<Actor>,
    #[serde(skip_serializing_if = "Option::is_none")]
    started_by_user: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<Policy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<Resource>,
    #[serde(skip_serializing_if = "Option::is_none")]
    workflow_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<[String; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<Context>,
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<String>,
    updated_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    completed_at: Option<String>,
}

/// The fields that only tasks or only activities have.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum OwnFields {
    Task(TaskFields),
    Activity(ActivityFields),
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct TaskFields {
    queue: String,
    priority: &'static str,
    issuer: Actor,
    #[serde(skip_serializing_if = "Option::is_none")]
    cancellable: Option<bool>,
    cancel_requested: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    sustainable: Option<bool>,
    assign_count: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_assign_count: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    heart_beat_interval: Option<&'static str>,
    enqueued_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    assigned_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    affinity: Option<Affinity>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ActivityFields {
    #[serde(skip_serializing_if = "Option::is_none")]
    task_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    task_id_string: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_activity_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_activity_id_string: Option<String>,
    created_at: String,
}

/// The agent that issued or executes a task.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Actor {
    id: String,
    cluster_id: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Affinity {
    agent_id: String,
    cluster_id: &'static str,
}

#[derive(Debug, Serialize)]
struct Tenant {
    id: String,
    uuid: Id,
    name: String,
    locator: String,
}

#[derive(Debug, Serialize)]
struct Policy {
    id: String,
    name: Option<String>,
    #[serde(rename = "type")]
    policy_type: Option<String>,
}

#[derive(Debug, Serialize)]
struct Resource {
    id: String,
    name: String,
    #[serde(rename = "type")]
    kind: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Context {
    #[serde(rename = "IsProcessRoot")]
    is_process_root: bool,
    #[serde(rename = "MachineName")]
    machine_name: String,
    run_mode: &'static str,
    title: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Progress {
    current: i64,
    total: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes_processed: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes_saved: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    left_time: Option<String>,
}

#[derive(Debug, Serialize)]
struct WorkResult {
    code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Issue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    warnings: Option<[Issue; 1]>,
}

#[derive(Debug, Serialize)]
struct Issue {
    domain: &'static str,
    code: &'static str,
    reason: &'static str,
    debug: DebugInfo,
}

#[derive(Debug, Serialize)]
struct DebugInfo {
    msg: &'static str,
}

impl WorkItem {
    pub(super) fn new(kind: WorkKind, work: &Work, detail: Detail, now: Timestamp) -> Self {
        let is_assigned = work.assigned_at() <= now;
        Self {
            id: work.id,
            id_string: work.id.to_string(),
            uuid: detail.from(Detail::Short, work.uuid),
            kind: work.kind.clone(),
            own: match kind {
                WorkKind::Task => OwnFields::Task(TaskFields::new(work, detail, now)),
                WorkKind::Activity => OwnFields::Activity(ActivityFields::new(work, detail)),
            },
            state: work.state.clone(),
            result: work
                .is_completed()
                .then(|| WorkResult::new(&work.outcome))
                .and_then(|result| detail.from(Detail::Short, result)),
            progress: work
                .is_started()
                .then(|| Progress::new(work, now))
                .and_then(|progress| detail.from(Detail::Long, progress)),
            tenant: Tenant {
                id: work.tenant_number.to_string(),
                uuid: work.tenant_id,
                name: work.tenant_name.clone(),
                locator: work.tenant_path.clone(),
            },
            executor: is_assigned.then(|| Actor::new(work)),
            started_by_user: detail.from(Detail::Short, work.started_by.clone()),
            policy: work
                .policy
                .clone()
                .map(|policy| Policy {
                    id: policy.id,
                    name: policy.name,
                    policy_type: policy.policy_type,
                })
                .and_then(|policy| detail.from(Detail::Long, policy)),
            resource: detail.from(
                Detail::Long,
                Resource {
                    id: work.resource_id.clone(),
                    name: work.resource_name.clone(),
                    kind: "resource.machine",
                },
            ),
            workflow_id: detail.from(Detail::Long, work.task_id.unwrap_or(work.id)),
            tags: detail.from(Detail::Long, [work.queue.clone()]),
            context: detail.from(Detail::Long, Context::new(work)),
            started_at: work
                .is_started()
                .then(|| work.started_at.rfc3339_millis())
                .and_then(|time| detail.from(Detail::Short, time)),
            updated_at: work.updated_at.rfc3339_millis(),
            completed_at: work
                .is_completed()
                .then(|| work.completed_at.rfc3339_millis())
                .and_then(|time| detail.from(Detail::Short, time)),
        }
    }
}

impl TaskFields {
    fn new(work: &Work, detail: Detail, now: Timestamp) -> Self {
        let assigned_at = work.assigned_at();
        let is_assigned = assigned_at <= now;
        Self {
            queue: work.queue.clone(),
            priority: "normal",
            issuer: Actor::new(work),
            cancellable: detail.from(Detail::Full, true),
            cancel_requested: false,
            sustainable: detail.from(Detail::Full, false),
            assign_count: i64::from(is_assigned),
            max_assign_count: detail.from(Detail::Full, 1),
            heart_beat_interval: detail.from(Detail::Full, "1m"),
            enqueued_at: work.enqueued_at.rfc3339_millis(),
            assigned_at: is_assigned
                .then(|| assigned_at.rfc3339_millis())
                .and_then(|time| detail.from(Detail::Short, time)),
            affinity: detail.from(
                Detail::Full,
                Affinity {
                    agent_id: work.agent_id.clone(),
                    cluster_id: "",
                },
            ),
        }
    }
}

impl ActivityFields {
    fn new(work: &Work, detail: Detail) -> Self {
        let parent_id = work
            .parent_id
            .and_then(|parent| detail.from(Detail::Long, parent));
        Self {
            task_id: work.task_id,
            task_id_string: work.task_id.map(|id| id.to_string()),
            parent_activity_id: parent_id,
            parent_activity_id_string: parent_id.map(|id| id.to_string()),
            created_at: work.started_at.rfc3339_millis(),
        }
    }
}

impl Actor {
    fn new(work: &Work) -> Self {
        Self {
            id: work.agent_id.clone(),
            cluster_id: "",
        }
    }
}

impl Context {
    fn new(work: &Work) -> Self {
        Self {
            is_process_root: work.parent_id.is_none(),
            machine_name: work.resource_name.clone(),
            run_mode: match work.started_by.as_str() {
                "system" => "scheduled",
                _ => "manual",
            },
            title: match work.kind.as_str() {
                _ if work.parent_id.is_some() => "Sending to the storage",
                "AgentUpdate" => "Updating the agent",
                "AntimalwareScan" => "Scanning for malware",
                "PolicyRun" => "Running a plan",
                _ => "Backing up",
            },
        }
    }
}

impl Progress {
    fn new(work: &Work, now: Timestamp) -> Self {
        let percent = work.percent(now);
        let has_data = work.bytes > 0;
        Self {
            current: percent,
            total: 100,
            bytes_processed: has_data.then_some(work.bytes / 100 * percent),
            bytes_saved: has_data.then_some(work.bytes / 400 * percent),
            left_time: (!work.is_completed())
                .then(|| duration(work.completed_at.millis() - now.millis())),
        }
    }
}

impl WorkResult {
    fn new(outcome: &str) -> Self {
        let error = Issue::new("VaultUnavailable", "The storage did not respond.");
        let warning = Issue::new("FilesSkipped", "Some files were in use and were skipped.");
        Self {
            code: outcome.to_owned(),
            error: (outcome == "error").then_some(error),
            warnings: (outcome == "warning").then_some([warning]),
        }
    }
}

impl Issue {
    const fn new(code: &'static str, msg: &'static str) -> Self {
        Self {
            domain: "VaultManager",
            code,
            reason: code,
            debug: DebugInfo { msg },
        }
    }
}

/// Formats milliseconds as `1h25m43s`, rounded up to seconds.
fn duration(millis: i64) -> String {
    let seconds = (millis + 999) / 1000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds}s"),
        (0, _) => format!("{minutes}m{seconds}s"),
        _ => format!("{hours}h{minutes}m{seconds}s"),
    }
}
