//! Answers that many tests need.

use serde_json::json;

use crate::Answer;

impl Answer {
    /// A token that lasts until the year 2100.
    pub fn token(token: &str) -> Self {
        Self::json(
            200,
            json!({ "access_token": token, "expires_on": 4_102_444_800_u32, "more": [] }),
        )
    }

    /// A list of nothing.
    pub fn no_items() -> Self {
        Self::json(200, json!({ "items": [] }))
    }
}
