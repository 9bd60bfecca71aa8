//! Protection plans, and the errors of their service.

use sandbox::Id;
use serde_json::Value;

use super::Response;

/// The plan of the tutorial, with new ids.
pub(crate) fn plan(name: &str) -> Value {
    let template = include_str!("../../../../plans/base_plan.json");
    let mut plan: Value = serde_json::from_str(template).expect("the template is JSON");
    let (root, child) = (Id::random().to_string(), Id::random().to_string());
    for (field, value) in [
        ("/0/id", root.as_str()),
        ("/0/name", name),
        ("/1/id", &child),
        ("/1/parent_ids/0", &root),
    ] {
        let field = plan.pointer_mut(&format!("/subject/policy{field}"));
        *field.expect("the template has the field") = value.into();
    }
    plan
}

/// The id of a policy of a plan: 0 is the plan itself.
pub(crate) fn policy_id(plan: &Value, policy: usize) -> String {
    super::id(&plan["subject"]["policy"][policy])
}

/// Status and code of an error.
pub(crate) fn rejection(response: &Response) -> (u16, &str) {
    let code = ["/code", "/issues/0/error/code"]
        .into_iter()
        .find_map(|field| response.body.pointer(field)?.as_str());
    (response.status, code.unwrap_or(""))
}
