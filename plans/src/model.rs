//! What the examples read from responses of the policy service and the resource service.

use std::fmt;

use common::Id;
use serde::{
    Deserialize, Deserializer,
    de::{
        MapAccess, SeqAccess, Visitor,
        value::{MapAccessDeserializer, SeqAccessDeserializer},
    },
};

use crate::Issue;

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

/// The response of `POST /api/policy_management/v4/policies`.
#[derive(Debug, Deserialize)]
pub struct CreatedPlan {
    /// The new policies, `{id}@{type}`. Absent if issues prevented their creation.
    #[serde(rename = "result")]
    pub policies: Option<Vec<String>>,
    /// What else the platform reports. Absent if there is nothing to report.
    pub issues: Option<Vec<Issue>>,
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
