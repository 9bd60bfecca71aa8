//! The JSON of policies and their statuses.

use serde::Serialize;
use serde_json::Value;

use crate::clock::Timestamp;
use crate::domain::Id;
use crate::lists::CursorPage;
use crate::store::plans::policies::{PlanEntry, Policy};
use crate::store::plans::schema::Origin;
use crate::store::plans::statuses::PolicyStatus;

/// A page of a list of this service.
#[derive(Debug, Serialize)]
pub(in crate::api) struct List<T> {
    items: Vec<T>,
    paging: Paging,
    timestamp: String,
}

#[derive(Debug, Serialize)]
struct Paging {
    cursors: Cursors,
}

#[derive(Debug, Serialize)]
struct Cursors {
    total: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

impl<T> List<T> {
    pub(in crate::api) fn new<R>(
        page: CursorPage<R>,
        total: i64,
        now: Timestamp,
        item: impl FnMut(R) -> T,
    ) -> Self {
        Self {
            items: page.items.into_iter().map(item).collect(),
            paging: Paging {
                cursors: Cursors {
                    total,
                    before: page.before,
                    after: page.after,
                },
            },
            timestamp: now.rfc3339(),
        }
    }
}

/// A plan: its policies, and the machines it is applied to.
#[derive(Debug, Serialize)]
pub(super) struct PlanResponse {
    policy: Vec<PolicyResponse>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<Contexts>,
}

#[derive(Debug, Serialize)]
struct Contexts {
    items: Vec<Id>,
}

impl PlanResponse {
    pub(super) fn new(entry: PlanEntry, include_settings: bool) -> Self {
        let policies = entry.policies.into_iter();
        Self {
            policy: policies
                .map(|policy| PolicyResponse::new(policy, include_settings))
                .collect(),
            context: entry.contexts.map(|items| Contexts { items }),
        }
    }
}
#[derive(Debug, Serialize)]
pub(super) struct PolicyResponse {
    id: Id,
    #[serde(rename = "type")]
    policy_type: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    name: String,
    enabled: bool,
    origin: Origin,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parent_ids: Vec<Id>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settings_schema: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl: Option<i64>,
    tenant_id: String,
    created_at: String,
    updated_at: String,
    #[serde(flatten)]
    root: Option<RootFields>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settings: Option<Value>,
    /// In statuses only.
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant_name: Option<String>,
}

/// The fields that only the root of a plan has.
#[derive(Debug, Serialize)]
struct RootFields {
    default: bool,
    favorite: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    favorite_order: Option<i64>,
    template: bool,
    temporary: bool,
}

impl PolicyResponse {
    fn new(policy: Policy, include_settings: bool) -> Self {
        let root = policy.is_root().then_some(RootFields {
            default: policy.default,
            favorite: policy.favorite,
            favorite_order: policy.favorite_order,
            template: policy.template,
            temporary: policy.temporary,
        });
        Self {
            id: policy.id,
            policy_type: policy.policy_type,
            name: policy.name,
            enabled: policy.enabled,
            origin: policy.details.origin,
            parent_ids: policy.details.parent_ids,
            comment: policy.details.comment,
            settings_schema: policy.details.settings_schema,
            ttl: policy.details.ttl,
            tenant_id: policy.tenant_number.to_string(),
            created_at: policy.created_at.rfc3339(),
            updated_at: policy.updated_at.rfc3339(),
            root,
            settings: policy.settings.filter(|_| include_settings),
            tenant_name: None,
        }
    }
}

/// The response when a plan is created: `id@type` for each policy.
#[derive(Debug, Serialize)]
pub(super) struct Created {
    pub(super) result: Vec<String>,
}

/// The status of a policy.
#[derive(Debug, Serialize)]
pub(super) struct PolicyStatusResponse {
    policy: PolicyResponse,
    contexts: StatusContexts,
}

#[derive(Debug, Serialize)]
struct StatusContexts {
    // The platform spells it "or".
    total_number_or_resources: usize,
    number_of_enabled_resource_applications: usize,
    number_of_resources_by_status: Vec<StatusCount>,
    number_of_multiple_applications_conflict_resources: i64,
    origin_contexts: Vec<Id>,
    deployment_status: DeploymentStatus,
}

#[derive(Debug, Serialize)]
struct StatusCount {
    status: &'static str,
    value: i64,
}

#[derive(Debug, Serialize)]
struct DeploymentStatus {
    state: &'static str,
}

impl From<PolicyStatus> for PolicyStatusResponse {
    fn from(status: PolicyStatus) -> Self {
        let counts = status.by_status.into_iter();
        Self {
            policy: PolicyResponse {
                tenant_name: Some(status.tenant_name),
                ..PolicyResponse::new(status.policy, false)
            },
            contexts: StatusContexts {
                total_number_or_resources: status.applications,
                number_of_enabled_resource_applications: status.enabled,
                number_of_resources_by_status: counts
                    .map(|(status, value)| StatusCount { status, value })
                    .collect(),
                number_of_multiple_applications_conflict_resources: 0,
                origin_contexts: status.origins,
                deployment_status: DeploymentStatus {
                    state: match status.applications {
                        0 => "not_available",
                        _ => "deployed",
                    },
                },
            },
        }
    }
}
