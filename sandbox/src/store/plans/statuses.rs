//! The statuses of plans, counted over the machines that they are applied to.

use rusqlite::Connection;

use super::applications::matching;
use super::policies::{self, Policy};
use super::{runs, visible};
use crate::clock::Timestamp;
use crate::domain::{Caller, Id, Result};
use crate::lists::{self, Conditions, CursorPage, Key, Op, Order, PageRequest};

/// The parameters that a cursor contains.
pub(crate) const FILTERS: &[&str] = &[
    "context_id",
    "join_not_applied",
    "status",
    "tenant_id",
    "search",
    "parent_id",
    "policy_type",
    "policy_id",
    "order",
];

const KEYS: &[Key] = &[
    Key {
        name: "created_at",
        sql: "p.created_at",
    },
    Key {
        name: "updated_at",
        sql: "p.updated_at",
    },
    Key {
        name: "policy_type",
        sql: "p.type",
    },
    Key {
        name: "policy_name",
        sql: "p.name",
    },
    Key {
        name: "policy_tenant_name",
        sql: "t.name",
    },
    Key {
        name: "total_number_of_resources",
        sql: "(SELECT count(*) FROM plan_applications a WHERE a.plan_id = p.id)",
    },
    Key {
        name: "favorite",
        sql: "p.favorite",
    },
    Key {
        name: "number",
        sql: "p.number",
    },
];

/// The status of a policy.
#[derive(Debug)]
pub(crate) struct PolicyStatus {
    pub policy: Policy,
    pub tenant_name: String,
    /// The number of applications, and how many of them are enabled.
    pub applications: usize,
    pub enabled: usize,
    /// The number of applications by status.
    pub by_status: Vec<(&'static str, i64)>,
    /// What the plan was applied to: machines and groups.
    pub origins: Vec<Id>,
}

/// A page of the matching plans, each as the statuses of its policies, and their total number.
pub(crate) fn list(
    db: &Connection,
    caller: &Caller,
    request: &PageRequest,
    now: Timestamp,
) -> Result<(CursorPage<Vec<PolicyStatus>>, i64)> {
    let query = &request.params;
    let ops = &[Op::Or, Op::Not];
    let mut conditions = Conditions::default();
    conditions.and(
        "p.id = p.root_id AND p.template = 0 AND p.temporary = 0",
        [],
    );
    conditions.any_of(visible(caller, "t.path"));
    policies::tenant_filter(&mut conditions, query)?;
    policies::in_plan(&mut conditions, query, "policy_type", "q.type", lists::text)?;
    policies::in_plan(&mut conditions, query, "policy_id", "q.id", lists::id)?;
    conditions.filter(query, "parent_id", "p.id", ops, lists::id)?;
    conditions.filter(query, "search", "p.name", &[Op::Like], lists::text)?;
    let (_, status) = super::applications::states_sql(now);
    for (name, column) in [("context_id", "a.resource_id"), ("status", status.as_str())] {
        conditions.filter_with(query, name, ops, |filter| {
            let parse = if name == "status" {
                lists::text
            } else {
                lists::id
            };
            let mut condition = filter.condition(column, parse)?;
            condition.sql = format!(
                "EXISTS (SELECT 1 FROM plan_applications a WHERE a.plan_id = p.id AND {})",
                condition.sql
            );
            Ok(condition)
        })?;
    }
    let unapplied = query
        .one("join_not_applied")?
        .map(lists::boolean)
        .transpose()?;
    if unapplied == Some(false) {
        conditions.and(
            "EXISTS (SELECT 1 FROM plan_applications a WHERE a.plan_id = p.id)",
            [],
        );
    }
    let children_only = query.one("parent_id")?.is_some();
    let order = Order::parse(query, KEYS, "desc(number)", "desc(number)")?;
    let tables = "plan_policies p JOIN tenants t ON t.id = p.tenant_id";
    let total = lists::count(db, tables, &conditions)?;
    let page = lists::page(
        db,
        ("p.id, t.name", tables),
        &conditions,
        &order,
        request,
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let items = page
        .items
        .into_iter()
        .map(|(root, tenant): (_, String)| {
            policies::plan(db, root)?
                .into_iter()
                .filter(|policy| !(children_only && policy.is_root()))
                .map(|policy| status_of(db, policy, &tenant, now))
                .collect()
        })
        .collect::<Result<Vec<_>>>()?;
    let page = CursorPage {
        items,
        after: page.after,
        before: page.before,
    };
    Ok((page, total))
}

fn status_of(
    db: &Connection,
    policy: Policy,
    tenant_name: &str,
    now: Timestamp,
) -> Result<PolicyStatus> {
    let applications = matching(db, "a.plan_id = ?", [policy.root_id])?;
    let mut by_status: Vec<(&str, i64)> = Vec::new();
    for application in &applications {
        let status = runs::execution(&policy, application, now).status;
        match by_status.iter_mut().find(|(known, _)| *known == status) {
            Some((_, count)) => *count += 1,
            None => by_status.push((status, 1)),
        }
    }
    let mut origins: Vec<_> = applications
        .iter()
        .flat_map(|application| application.origins.clone())
        .collect();
    origins.sort();
    origins.dedup();
    let enabled = applications
        .iter()
        .filter(|application| application.enabled && policy.enabled);
    Ok(PolicyStatus {
        enabled: enabled.count(),
        applications: applications.len(),
        by_status,
        origins,
        tenant_name: tenant_name.to_owned(),
        policy,
    })
}
