//! What the examples with lists of agents share: how agents are shown.

use common::table;
use serde_json::Value;

/// A table of agents: where they are, what they run on, whether they can be reached.
#[must_use]
pub fn shown(agents: &[Value]) -> String {
    let rows = agents.iter().map(|agent| {
        let text = |path: &str| {
            let text = agent.pointer(path).and_then(Value::as_str);
            text.unwrap_or_default().to_owned()
        };
        let online = match agent.get("online").and_then(Value::as_bool) {
            Some(true) => "yes",
            Some(false) => "no",
            None => "",
        };
        [
            text("/hostname"),
            text("/platform/name"),
            text("/core_version/current/release_id"),
            online.to_owned(),
            text("/tenant/name"),
        ]
    });
    table(["host", "system", "version", "online", "tenant"], rows)
}
