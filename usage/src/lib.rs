//! Usages: the model, and its table row.

use common::{bar, bytes};
use serde::Deserialize;
use serde_json::Number;

/// A usage entry of `GET /api/2/tenants/{id}/usages`: how much of an offering item a tenant and its descendants use.
#[derive(Debug, Deserialize)]
pub struct Usage {
    /// The name of the offering item, such as `pg_base_storage`.
    pub name: String,
    /// The edition of the offering item. Some items belong to none.
    pub edition: Option<String>,
    /// `bytes`, `seconds` or `quantity`.
    pub measurement_unit: String,
    /// The current value, in the unit above.
    pub value: Number,
    /// The value accumulated since the start of the month, in the unit above.
    pub absolute_value: Option<Number>,
    offering_item: Option<OfferingItem>,
}

#[derive(Debug, Deserialize)]
struct OfferingItem {
    quota: Option<Quota>,
}

#[derive(Debug, Deserialize)]
struct Quota {
    /// The limit, in the unit of the usage. None means unlimited.
    value: Option<Number>,
}

impl Usage {
    /// A table row: item, edition, used, quota and the used share. `None` if nothing is used and nothing is limited.
    #[must_use]
    pub fn row(&self) -> Option<[String; 5]> {
        let used = self.absolute_value.as_ref().unwrap_or(&self.value);
        let quota = self.offering_item.as_ref().and_then(|it| it.quota.as_ref());
        let quota = quota.and_then(|quota| quota.value.as_ref());
        if quota.is_none() && used.as_f64() == Some(0.0) {
            return None;
        }

        let share = match (used.as_f64(), quota.and_then(Number::as_f64)) {
            (Some(used), Some(quota)) => bar(used, quota),
            _ => String::new(),
        };
        Some([
            self.name.clone(),
            self.edition.clone().unwrap_or_default(),
            self.with_unit(used),
            quota.map_or_else(String::new, |quota| self.with_unit(quota)),
            share,
        ])
    }

    /// A number in a readable unit.
    fn with_unit(&self, number: &Number) -> String {
        let value = number.as_f64().unwrap_or_default();
        match self.measurement_unit.as_str() {
            "bytes" => bytes(value),
            "seconds" => format!("{:.1} h", value / 3600.0),
            // Machines, users, servers: the name of the item says what is counted.
            _ => number.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(usage: &str) -> Option<String> {
        let usage: Usage = serde_json::from_str(usage).unwrap();
        usage.row().map(|cells| cells.join("|"))
    }

    #[test]
    fn shows_bytes_seconds_and_counts_against_their_quota() {
        for (usage, expected) in [
            (
                r#"{"name":"storage","edition":"pck","measurement_unit":"bytes","value":1,"absolute_value":1610612736,"offering_item":{"quota":{"value":3221225472}}}"#,
                "storage|pck|1.50 GiB|3.00 GiB|#####-----  50 %",
            ),
            (
                r#"{"name":"compute","edition":null,"measurement_unit":"seconds","value":5400}"#,
                "compute||1.5 h||",
            ),
            (
                r#"{"name":"servers","measurement_unit":"quantity","value":0,"offering_item":{"status":1,"quota":{"value":5}}}"#,
                "servers||0|5|----------   0 %",
            ),
            (
                r#"{"name":"servers","measurement_unit":"quantity","value":7,"offering_item":{"quota":{"value":null}}}"#,
                "servers||7||",
            ),
            (
                r#"{"name":"big","measurement_unit":"n/a","value":18446744073709551617}"#,
                "big||18446744073709551617||",
            ),
        ] {
            assert_eq!(row(usage).as_deref(), Some(expected), "{usage}");
        }
    }

    #[test]
    fn skips_items_that_are_neither_used_nor_limited() {
        for offering_item in ["null", r#"{"quota":null}"#, "{}"] {
            let usage = format!(
                r#"{{"name":"servers","measurement_unit":"quantity","value":0,"offering_item":{offering_item}}}"#
            );
            assert_eq!(row(&usage), None, "{usage}");
        }
    }
}
