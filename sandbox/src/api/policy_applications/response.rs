//! The JSON of applications and conflicts.

use serde::Serialize;

use crate::clock::Timestamp;
use crate::domain::Id;
use crate::store::plans::applications::Application;
use crate::store::plans::conflicts::Conflict;
use crate::store::plans::policies::Policy;
use crate::store::plans::runs;

/// The application of a policy to a machine.
#[derive(Debug, Serialize)]
pub(super) struct ApplicationResponse {
    policy: AppliedPolicy,
    context: Context,
    context_tenant_id: String,
    tenant_id: String,
    agent_id: Id,
    enabled: bool,
    is_licensed: bool,
    automatic_enabled_switch: AutomaticSwitch,
    origin_contexts: Vec<Id>,
    created_at: String,
    updated_at: String,
    #[serde(flatten)]
    execution: Option<ExecutionFields>,
}

#[derive(Debug, Serialize)]
struct AppliedPolicy {
    id: Id,
    #[serde(rename = "type")]
    policy_type: String,
    name: String,
    temporary: bool,
    // Not documented, but the vendor's scripts need it to find the plan.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parent_ids: Vec<Id>,
}

#[derive(Debug, Serialize)]
struct Context {
    id: Id,
    external_id: String,
    #[serde(rename = "type")]
    kind: &'static str,
}

#[derive(Debug, Serialize)]
struct AutomaticSwitch {
    by_time_period: i64,
    by_events: [String; 0],
}

/// The state of a child policy. The root of a plan has none.
#[derive(Debug, Serialize)]
struct ExecutionFields {
    status: &'static str,
    deployment: Deployment,
    running: Running,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_run_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_success_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_run_time: Option<String>,
    #[serde(rename = "sequenceId")]
    sequence_id: i64,
}

#[derive(Debug, Serialize)]
struct Deployment {
    state: &'static str,
}

/// Whether a policy is running, and its progress.
#[derive(Debug, Serialize)]
pub(in crate::api) struct Running {
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    activities: Option<[&'static str; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    progress: Option<i64>,
}

impl Running {
    /// `progress` in percent; `None` if the policy is idle.
    pub(in crate::api) fn new(progress: Option<i64>) -> Self {
        Self {
            state: match progress {
                Some(_) => "running",
                None => "idle",
            },
            activities: progress.map(|_| ["backup"]),
            progress,
        }
    }
}

impl ApplicationResponse {
    pub(super) fn new(policy: Policy, application: &Application, now: Timestamp) -> Self {
        let tenant_id = application.tenant_number.to_string();
        let machine = application.resource_id;
        Self {
            execution: (!policy.is_root()).then(|| ExecutionFields::new(&policy, application, now)),
            enabled: application.enabled && policy.enabled,
            policy: AppliedPolicy {
                id: policy.id,
                policy_type: policy.policy_type,
                name: policy.name,
                temporary: false,
                parent_ids: policy.details.parent_ids,
            },
            context: Context {
                id: machine,
                external_id: format!("{machine}@{tenant_id}"),
                kind: "resource.machine",
            },
            context_tenant_id: tenant_id.clone(),
            tenant_id,
            agent_id: application.agent_id,
            is_licensed: true,
            automatic_enabled_switch: AutomaticSwitch {
                by_time_period: 0,
                by_events: [],
            },
            origin_contexts: application.origins.clone(),
            created_at: application.created_at.rfc3339(),
            updated_at: application.updated_at.rfc3339(),
        }
    }
}

impl ExecutionFields {
    fn new(policy: &Policy, application: &Application, now: Timestamp) -> Self {
        let execution = runs::execution(policy, application, now);
        Self {
            status: execution.status,
            deployment: Deployment { state: "deployed" },
            running: Running::new(execution.progress),
            last_run_time: execution.last_run.map(Timestamp::rfc3339),
            last_success_time: execution.last_success.map(Timestamp::rfc3339),
            next_run_time: execution.next_run.map(Timestamp::rfc3339),
            sequence_id: application.last_run.count,
        }
    }
}

/// The issues of a request.
#[derive(Debug, Serialize)]
pub(super) struct Issues {
    pub(super) issues: [Issue; 1],
}

/// A problem with a request. If it is an error, nothing was changed.
#[derive(Debug, Serialize)]
pub(super) struct Issue {
    severity: &'static str,
    link: &'static str,
    error: IssueError,
}

#[derive(Debug, Serialize)]
struct IssueError {
    code: &'static str,
    domain: &'static str,
    message: &'static str,
    context: IssueContext,
}

#[derive(Debug, Serialize)]
struct IssueContext {
    subject_root_policy_id: Id,
    conflicts: Vec<ConflictResponse>,
}

#[derive(Debug, Serialize)]
struct ConflictResponse {
    subject_policy: String,
    targets: [ConflictTarget; 1],
}

#[derive(Debug, Serialize)]
struct ConflictTarget {
    root_policy_id: Id,
    policies: [String; 1],
    resources: [ConflictResource; 1],
}

#[derive(Debug, Serialize)]
struct ConflictResource {
    id: Id,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_id: Option<Id>,
}

impl Issue {
    /// The conflicts of a plan, as an error or, if the plan was applied, as a warning.
    pub(super) fn conflicts(plan_id: Id, conflicts: Vec<Conflict>, is_error: bool) -> Self {
        let (severity, link) = match is_error {
            true => ("error", ""),
            false => ("warning", "policy_apply"),
        };
        let conflicts = conflicts.into_iter().map(ConflictResponse::from).collect();
        Self {
            severity,
            link,
            error: IssueError {
                code: "MultipleApplicationsWithPolicyTypesError",
                domain: "PolicyManagement",
                message: "Another plan with policies of the same types is applied to the machine.",
                context: IssueContext {
                    subject_root_policy_id: plan_id,
                    conflicts,
                },
            },
        }
    }
}

impl From<Conflict> for ConflictResponse {
    fn from(conflict: Conflict) -> Self {
        let policy_type = conflict.policy_type;
        Self {
            subject_policy: format!("{}@{policy_type}", conflict.policy_id),
            targets: [ConflictTarget {
                root_policy_id: conflict.other_plan_id,
                policies: [format!("{}@{policy_type}", conflict.other_policy_id)],
                resources: [ConflictResource {
                    id: conflict.machine_id,
                    kind: "resource.machine",
                    group_id: conflict.group_id,
                }],
            }],
        }
    }
}
