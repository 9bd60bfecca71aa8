//! The JSON of resources and their statuses.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::api::policy_applications::response::Running;
use crate::clock::Timestamp;
use crate::domain::Id;
use crate::lists::{CursorPage, Paging};
use crate::store::plans::runs::Execution;
use crate::store::plans::status::Protection;
use crate::store::resources::{Resource, Software};

/// A page of a list of this service.
#[derive(Debug, Serialize)]
pub(super) struct List<T> {
    items: Vec<T>,
    paging: Paging,
    timestamp: String,
}

impl<T> List<T> {
    pub(super) fn new<R>(page: CursorPage<R>, now: Timestamp, item: impl FnMut(R) -> T) -> Self {
        Self {
            items: page.items.into_iter().map(item).collect(),
            paging: Paging::new(page.after, page.before),
            timestamp: now.rfc3339_millis(),
        }
    }
}

#[derive(Debug, Serialize)]
pub(super) struct Count {
    pub(super) count: i64,
}

/// A machine or a group.
#[derive(Debug, Serialize)]
pub(super) struct ResourceResponse {
    id: Id,
    external_id: String,
    name: String,
    user_defined_name: String,
    #[serde(rename = "type")]
    kind: String,
    cti: &'static str,
    tenant_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_id: Option<Id>,
    parent_group_ids: Vec<Id>,
    #[serde(flatten)]
    own: OwnFields,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_condition: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<String>,
    is_auto_created: bool,
    is_customer_managed: bool,
    created_at: String,
    updated_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    attributes: Option<Vec<Attributes>>,
}

/// The fields that only machines or only groups have.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum OwnFields {
    Group {
        allowed_member_types: Vec<String>,
        is_static: bool,
    },
    Machine {
        aggregation_status: &'static str,
    },
}

/// The attributes of a resource in a namespace.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Attributes {
    /// Of a machine.
    Machine {
        name: &'static str,
        kvs: Vec<KeyValue>,
    },
    /// Of a group, as they were sent.
    Group(Map<String, Value>),
}

#[derive(Debug, Serialize)]
pub(super) struct KeyValue {
    key: &'static str,
    value: Value,
}

impl Attributes {
    pub(super) fn of(resource: &Resource) -> Vec<Self> {
        match &resource.software {
            Some(software) => Self::of_machine(software),
            None => {
                let attributes = resource.group_fields.attributes.iter().flatten();
                attributes.cloned().map(Self::Group).collect()
            }
        }
    }

    fn of_machine(software: &Software) -> Vec<Self> {
        let pair = |key: &'static str, value: Value| KeyValue { key, value };
        let (system, build) = (software.system.as_str(), software.build);
        vec![
            Self::Machine {
                name: "agent",
                kvs: vec![
                    pair("os_family", software.family.as_str().into()),
                    pair("os_name", system.into()),
                    pair("is_online", i64::from(software.online).into()),
                    pair("version", format!("25.{}.{build}", build / 1000).into()),
                ],
            },
            Self::Machine {
                name: "default",
                kvs: vec![pair("operating_system", system.into())],
            },
        ]
    }
}

impl ResourceResponse {
    pub(super) fn new(resource: Resource, include_attributes: bool) -> Self {
        let is_group = resource.is_group();
        let has_attributes = !is_group || resource.group_fields.attributes.is_some();
        let attributes = (include_attributes && has_attributes).then(|| Attributes::of(&resource));
        let fields = resource.group_fields;
        Self {
            id: resource.id,
            external_id: format!("{}@{}", resource.id, resource.tenant_number),
            user_defined_name: fields
                .user_defined_name
                .unwrap_or_else(|| resource.name.clone()),
            name: resource.name,
            kind: resource.kind,
            cti: match is_group {
                true => "cti.a.p.wm.workload.v1.0~a.p.wm.group.v1.0~a.p.computers.v1.0",
                false => "cti.a.p.wm.workload.v1.0~a.p.wm.aspect.v1.0~a.p.machine.v1.0",
            },
            tenant_id: resource.tenant_number.to_string(),
            agent_id: resource.agent_id,
            parent_group_ids: resource.parents,
            own: match is_group {
                true => OwnFields::Group {
                    allowed_member_types: fields
                        .allowed_member_types
                        .unwrap_or_else(|| vec!["resource.machine".to_owned()]),
                    is_static: resource.group_condition.is_none(),
                },
                false => OwnFields::Machine {
                    aggregation_status: "NOT_AGGREGATED",
                },
            },
            group_condition: resource.group_condition,
            tag: fields.tag,
            is_auto_created: false,
            is_customer_managed: is_group,
            created_at: resource.created_at.rfc3339_millis(),
            updated_at: resource.updated_at.rfc3339_millis(),
            attributes,
        }
    }
}

/// The protection status of a resource.
#[derive(Debug, Serialize)]
pub(super) struct StatusResponse {
    context: ResourceResponse,
    aggregate: Aggregate,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    policies: Vec<PolicyExecution>,
}

#[derive(Debug, Serialize)]
struct Aggregate {
    running: Running,
    status: &'static str,
    /// The names of the plans, separated by commas.
    #[serde(skip_serializing_if = "Option::is_none")]
    names: Option<String>,
}

#[derive(Debug, Serialize)]
struct PolicyExecution {
    #[serde(rename = "type")]
    policy_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_run_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_success_run_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_run_time: Option<String>,
}

impl StatusResponse {
    pub(super) fn new(context: ResourceResponse, protection: Protection) -> Self {
        let has_plans = !protection.plan_names.is_empty();
        let executions = protection.executions.into_iter();
        Self {
            context,
            aggregate: Aggregate {
                running: Running::new(protection.progress),
                status: match has_plans {
                    true => protection.status,
                    false => "no_policies_applied",
                },
                names: has_plans.then(|| protection.plan_names.join(", ")),
            },
            policies: executions.map(PolicyExecution::from).collect(),
        }
    }
}

impl From<(String, Execution)> for PolicyExecution {
    fn from((policy_type, execution): (String, Execution)) -> Self {
        Self {
            policy_type,
            last_run_time: execution.last_run.map(Timestamp::rfc3339),
            last_success_run_time: execution.last_success.map(Timestamp::rfc3339),
            next_run_time: execution.next_run.map(Timestamp::rfc3339),
        }
    }
}
