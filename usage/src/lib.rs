//! How a usage is shown to a person.

use common::{bar, show};
use serde_json::{Number, Value};

/// A usage as a row: item, edition, what is used, the quota and how much of it that is. None for an item that nobody
/// uses and nothing limits. Whatever a usage lacks is left out.
#[must_use]
pub fn row(usage: &Value) -> Option<[String; 5]> {
    let text = |field: &str| usage.get(field).and_then(Value::as_str).unwrap_or_default();
    let number = |pointer: &str| match usage.pointer(pointer) {
        Some(Value::Number(number)) => Some(number),
        _ => None,
    };
    let used = number("/absolute_value").or_else(|| number("/value"));
    let quota = number("/offering_item/quota/value");
    if quota.is_none() && used.is_none_or(|used| used.as_f64() == Some(0.0)) {
        return None;
    }

    let amount = |number: Option<&Number>| {
        number.map_or_else(String::new, |number| {
            amount(number, text("measurement_unit"))
        })
    };
    let share = match (
        used.and_then(Number::as_f64),
        quota.and_then(Number::as_f64),
    ) {
        (Some(used), Some(quota)) => bar(used, quota),
        _ => String::new(),
    };
    Some([
        text("name").to_owned(),
        text("edition").to_owned(),
        amount(used),
        amount(quota),
        share,
    ])
}

/// A number with its unit, bytes and seconds in units that a person reads.
fn amount(number: &Number, unit: &str) -> String {
    let value = number.as_f64().unwrap_or_default();
    match unit {
        "bytes" => show::bytes(value),
        "seconds" => format!("{:.1} h", value / 3600.0),
        // Machines, users, servers: the item says what is counted.
        _ => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(usage: &str) -> Option<String> {
        let usage = serde_json::from_str(usage).unwrap();
        row(&usage).map(|cells| cells.join("|"))
    }

    #[test]
    fn bytes_seconds_and_counts_are_shown_against_their_quota() {
        for (usage, expected) in [
            (
                r#"{"name":"storage","edition":"pck","measurement_unit":"bytes","absolute_value":1610612736,"offering_item":{"quota":{"value":3221225472}}}"#,
                "storage|pck|1.50 GiB|3.00 GiB|#####-----  50 %",
            ),
            (
                r#"{"name":"compute","edition":null,"measurement_unit":"seconds","absolute_value":5400}"#,
                "compute||1.5 h||",
            ),
            (
                r#"{"name":"servers","measurement_unit":"quantity","absolute_value":0,"offering_item":{"status":1,"quota":{"value":5}}}"#,
                "servers||0|5|----------   0 %",
            ),
            (
                r#"{"name":"servers","value":7,"offering_item":{"quota":{"value":null}}}"#,
                "servers||7||",
            ),
            (
                r#"{"name":"big","absolute_value":18446744073709551617}"#,
                "big||18446744073709551617||",
            ),
            (r#"{"absolute_value":1}"#, "||1||"),
        ] {
            assert_eq!(shown(usage).as_deref(), Some(expected), "{usage}");
        }
    }

    #[test]
    fn what_is_not_used_or_odd_has_no_row() {
        for usage in [
            json!({ "name": "servers", "absolute_value": 0 }),
            json!({ "name": "servers", "absolute_value": 0, "offering_item": { "quota": null } }),
            json!({ "name": "servers", "absolute_value": "many", "offering_item": 7 }),
            json!({}),
            json!(null),
            json!([]),
        ] {
            assert_eq!(row(&usage), None, "{usage}");
        }
    }
}
