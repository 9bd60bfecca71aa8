//! What the examples read from responses of the policy service and the resource service.

use std::fmt;

use anyhow::Result;
use common::{Id, UnexpectedResponse};
use serde::{
    Deserialize, Deserializer,
    de::{
        MapAccess, SeqAccess, Visitor,
        value::{MapAccessDeserializer, SeqAccessDeserializer},
    },
};
use serde_json::Value;

use crate::{Issue, check_issues};

/// A machine, an item of `GET /api/resource_management/v4/resources`.
#[derive(Debug, Deserialize)]
pub struct Machine {
    /// Its id.
    pub id: Id,
}

/// A plan, an item of `GET /api/policy_management/v4/policies`.
///
/// It is a list of policies: the first is the plan itself, the others are what it does. Some items have none.
#[derive(Debug, Deserialize)]
pub struct Plan {
    policy: Option<Vec<Policy>>,
}

#[derive(Debug, Deserialize)]
struct Policy {
    id: Id,
    #[serde(rename = "type")]
    kind: String,
    enabled: bool,
    /// Usually only the first policy of a plan has a name.
    name: Option<String>,
    /// The plan that the policy belongs to. Absent for the plan itself.
    parent_ids: Option<Vec<Id>>,
}

impl Plan {
    /// The id of the plan.
    #[must_use]
    pub fn id(&self) -> Option<&Id> {
        let policy = self.policy.as_ref()?.first()?;
        Some(plan_id(&policy.id, policy.parent_ids.as_deref()))
    }

    /// Its policies, `{id}@{type}`: their names in the response to the creation of the plan.
    pub(crate) fn policy_names(&self) -> Vec<String> {
        let policies = self.policy.iter().flatten();
        policies
            .map(|policy| format!("{}@{}", policy.id, policy.kind))
            .collect()
    }

    /// A table row: name, id, whether the plan is enabled, and the types of its other policies.
    #[must_use]
    pub fn row(&self) -> Option<[String; 4]> {
        let (plan, others) = self.policy.as_ref()?.split_first()?;
        let kinds: Vec<_> = others.iter().map(|policy| policy.kind.as_str()).collect();
        Some([
            plan.name.clone().unwrap_or_default(),
            plan.id.to_string(),
            if plan.enabled { "yes" } else { "no" }.to_owned(),
            kinds.join(", "),
        ])
    }
}

/// A plan that is applied to a machine, an item of `GET /api/policy_management/v4/applications`.
///
/// The platform sends a list with the application of each policy. Some pages of its guide show a single application.
#[derive(Debug)]
pub struct AppliedPlan(Vec<Application>);

#[derive(Debug, Deserialize)]
struct Application {
    policy: AppliedPolicy,
}

#[derive(Debug, Deserialize)]
struct AppliedPolicy {
    id: Id,
    /// The plan that the policy belongs to. Absent for the plan itself.
    parent_ids: Option<Vec<Id>>,
}

impl AppliedPlan {
    /// The id of the plan.
    #[must_use]
    pub fn id(&self) -> Option<&Id> {
        let policy = &self.0.first()?.policy;
        Some(plan_id(&policy.id, policy.parent_ids.as_deref()))
    }
}

impl<'de> Deserialize<'de> for AppliedPlan {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ListOrObject)
    }
}

/// Decodes an [`AppliedPlan`]. An untagged enum would be shorter, but its errors do not name the field.
struct ListOrObject;

impl<'de> Visitor<'de> for ListOrObject {
    type Value = AppliedPlan;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an application or a list of applications")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<AppliedPlan, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(items)).map(AppliedPlan)
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<AppliedPlan, A::Error> {
        let application = Application::deserialize(MapAccessDeserializer::new(fields))?;
        Ok(AppliedPlan(vec![application]))
    }
}

/// The id of the plan that a policy belongs to.
fn plan_id<'a>(policy: &'a Id, parents: Option<&'a [Id]>) -> &'a Id {
    parents.and_then(<[Id]>::first).unwrap_or(policy)
}

/// The name of a plan in the body of `POST /api/policy_management/v4/policies`. Empty if it has none.
#[must_use]
pub fn plan_name(request: &Value) -> &str {
    let name = request.pointer("/subject/policy/0/name");
    name.and_then(Value::as_str).unwrap_or_default()
}

/// The response of `POST /api/policy_management/v4/policies`.
#[derive(Debug, Deserialize)]
pub struct CreatedPlan {
    /// The new policies, `{id}@{type}`. Absent if issues prevented their creation.
    #[serde(rename = "result")]
    pub policies: Option<Vec<String>>,
    /// What else the platform reports. Absent if there is nothing to report.
    issues: Option<Vec<Issue>>,
}

impl CreatedPlan {
    /// Checks that the plan exists. The platform can report policies and issues at once, and a success without either.
    ///
    /// # Errors
    /// A [`Failure`](common::Failure) that names the issues; an [`UnexpectedResponse`] without policies.
    pub fn check(&self) -> Result<()> {
        check_issues(self.issues.as_deref())?;
        if self.policies.iter().flatten().next().is_some() {
            return Ok(());
        }
        let call = "POST /api/policy_management/v4/policies";
        let error = UnexpectedResponse::new(call, "`result` is missing or empty");
        Err(error.indeterminate().into())
    }
}

#[cfg(test)]
mod tests {
    use common::{Page, json::object_from_str};

    use super::*;

    fn plans(text: &str) -> Page<Plan> {
        object_from_str(text).unwrap()
    }

    fn applied(text: &str) -> Option<String> {
        let plans: Page<AppliedPlan> = object_from_str(text).unwrap();
        let id = plans.items.iter().find_map(AppliedPlan::id);
        id.map(ToString::to_string)
    }

    #[test]
    fn a_row_shows_the_plan_and_the_types_of_its_other_policies() {
        let plans = plans(
            r#"{"items":[{"policy":[
                {"id":"p","type":"policy.protection.total","enabled":true,"name":"Nightly"},
                {"id":"b","type":"policy.backup.machine","enabled":true,"parent_ids":["p"]},
                {"id":"s","type":"policy.security.patch_management","enabled":false,"parent_ids":["p"]}
            ]},{"policy":[]},{"policy":null},{}]}"#,
        );
        let rows: Vec<_> = plans.items.iter().filter_map(Plan::row).collect();
        assert_eq!(
            rows,
            [[
                "Nightly",
                "p",
                "yes",
                "policy.backup.machine, policy.security.patch_management"
            ]]
        );
    }

    #[test]
    fn the_names_of_policies_have_id_and_type() {
        let plans = plans(
            r#"{"items":[{"policy":[
                {"id":"p","type":"policy.protection.total","enabled":true},
                {"id":"b","type":"policy.backup.machine","enabled":true,"parent_ids":["p"]}
            ]}]}"#,
        );
        assert_eq!(
            plans.items[0].policy_names(),
            ["p@policy.protection.total", "b@policy.backup.machine"]
        );
    }

    #[test]
    fn a_plan_is_identified_by_its_parent_or_by_itself() {
        for (parents, expected) in [
            ("", "p"),
            (r#","parent_ids":null"#, "p"),
            (r#","parent_ids":[]"#, "p"),
            (r#","parent_ids":["q","r"]"#, "q"),
        ] {
            let policy = format!(r#"{{"id":"p","type":"t","enabled":true{parents}}}"#);
            let plans = plans(&format!(r#"{{"items":[{{"policy":[{policy}]}}]}}"#));
            assert_eq!(plans.items[0].id().unwrap(), expected, "{policy}");
            let applications = format!(r#"{{"items":[[{{"policy":{policy}}}]]}}"#);
            assert_eq!(applied(&applications).unwrap(), expected, "{policy}");
        }
    }

    #[test]
    fn an_applied_plan_is_a_list_or_an_object() {
        for items in [
            r#"[[{"policy":{"id":"p"}},{"policy":{"id":"c","parent_ids":["p"]}}]]"#,
            r#"[[{"policy":{"id":"c","parent_ids":["p"]}}]]"#,
            r#"[[],[{"policy":{"id":"p"}}]]"#,
            r#"[{"policy":{"id":"p"}}]"#,
        ] {
            let text = format!(r#"{{"items":{items}}}"#);
            assert_eq!(applied(&text).as_deref(), Some("p"), "{items}");
        }
        for nothing in ["{}", r#"{"items":null}"#, r#"{"items":[[],[]]}"#] {
            assert_eq!(applied(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn an_error_in_an_applied_plan_names_the_field() {
        for (items, expected) in [
            (
                r#"[[{"policy":{"id":1}}]]"#,
                "items[0][0].policy.id: invalid type: integer `1`, expected a string",
            ),
            (
                r#"[{"policy":{"id":"../x"}}]"#,
                r#"items[0].policy.id: "../x" is not an id"#,
            ),
            (r#"[[{}]]"#, "items[0][0]: missing field `policy`"),
            (
                "[1]",
                "items[0]: invalid type: integer `1`, expected an application or a list of applications",
            ),
        ] {
            let error = object_from_str::<Page<AppliedPlan>>(&format!(r#"{{"items":{items}}}"#));
            assert_eq!(error.unwrap_err().to_string(), expected);
        }
    }
}
