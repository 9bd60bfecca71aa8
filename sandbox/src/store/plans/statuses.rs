//! Plans and how they do, counted over the machines that they are applied to.

use rusqlite::Connection;
use serde_json::{Value, json};

use super::applications::matching;
use super::policies::{self, Policy};
use super::{runs, visible};
use crate::clock::Timestamp;
use crate::domain::{Caller, Result};
use crate::lists::{self, Conditions, Key, Op, Order, Params, Slice, Ways};

const FILTERS: &[&str] = &[
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

/// The plans that fit, each as a list of its policies.
pub(crate) fn list(
    db: &Connection,
    caller: &Caller,
    params: &Params,
    now: Timestamp,
) -> Result<(Slice<Vec<Value>>, i64)> {
    let asked = params.asked("policy_statuses", FILTERS, Ways::Both)?;
    policies::ensure_no_selections(params)?;
    let query = &asked.params;
    let ops = &[Op::Or, Op::Not];
    let mut wanted = Conditions::default();
    wanted.and(
        "p.id = p.root_id AND p.template = 0 AND p.temporary = 0",
        [],
    );
    wanted.any(visible(caller, "t.path"));
    policies::tenant_filter(&mut wanted, query)?;
    policies::in_plan(&mut wanted, query, "policy_type", "q.type", lists::text)?;
    policies::in_plan(&mut wanted, query, "policy_id", "q.id", lists::id)?;
    wanted.filter(query, "parent_id", "p.id", ops, lists::id)?;
    wanted.filter(query, "search", "p.name", &[Op::Like], lists::text)?;
    let (_, status) = super::applications::states(now);
    for (name, column) in [("context_id", "a.resource_id"), ("status", status.as_str())] {
        wanted.tests(query, name, ops, |test| {
            let value = if name == "status" {
                lists::text
            } else {
                lists::id
            };
            let mut condition = test.on(column, value)?;
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
        wanted.and(
            "EXISTS (SELECT 1 FROM plan_applications a WHERE a.plan_id = p.id)",
            [],
        );
    }
    let children_only = query.one("parent_id")?.is_some();
    let order = Order::parse(query, KEYS, "desc(number)", "desc(number)")?;
    let tables = "plan_policies p JOIN tenants t ON t.id = p.tenant_id";
    let total = lists::count(db, tables, &wanted)?;
    let page = lists::page(
        db,
        ("p.id, t.name, t.number", tables),
        &wanted,
        &order,
        &asked,
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    let items = page
        .items
        .into_iter()
        .map(|(root, tenant, number): (_, String, i64)| {
            policies::plan(db, root)?
                .iter()
                .filter(|policy| !(children_only && policy.is_root()))
                .map(|policy| shown(db, policy, (&tenant, number), now))
                .collect()
        })
        .collect::<Result<Vec<_>>>()?;
    let slice = Slice {
        items,
        after: page.after,
        before: page.before,
    };
    Ok((slice, total))
}

fn shown(
    db: &Connection,
    policy: &Policy,
    (tenant, number): (&str, i64),
    now: Timestamp,
) -> Result<Value> {
    let applications = matching(db, "a.plan_id = ?", [policy.root_id])?;
    let mut counts: Vec<(&str, i64)> = Vec::new();
    for application in &applications {
        let status = runs::doing(policy, application, now).status;
        match counts.iter_mut().find(|(known, _)| *known == status) {
            Some((_, count)) => *count += 1,
            None => counts.push((status, 1)),
        }
    }
    let counts: Vec<Value> = counts
        .into_iter()
        .map(|(status, value)| json!({ "status": status, "value": value }))
        .collect();
    let mut origins: Vec<_> = applications
        .iter()
        .flat_map(|it| it.origins.clone())
        .collect();
    origins.sort();
    origins.dedup();
    let mut shown = policy.shown(false);
    if let Some(shown) = shown.as_object_mut() {
        shown.insert("tenant_id".to_owned(), number.to_string().into());
        shown.insert("tenant_name".to_owned(), tenant.into());
    }
    let enabled = applications
        .iter()
        .filter(|it| it.enabled && policy.enabled);
    Ok(json!({
        "policy": shown,
        "contexts": {
            "total_number_or_resources": applications.len(),
            "number_of_enabled_resource_applications": enabled.count(),
            "number_of_resources_by_status": counts,
            "number_of_multiple_applications_conflict_resources": 0,
            "origin_contexts": origins,
            "deployment_status": {
                "state": if applications.is_empty() { "not_available" } else { "deployed" },
            },
        },
    }))
}
