//! Secrets that cannot be printed: single texts, and answers of the platform with one in them.

use serde_json::Value;

pub use secrecy::{ExposeSecret, SecretString};

use crate::json::Answer;

/// An answer of the platform that holds a secret, such as a token. `{:?}` shows nothing of it.
#[derive(Clone)]
pub struct Secret {
    answer: Value,
    clock_skew: Option<i64>,
}

impl Secret {
    /// An answer, and by how many seconds the platform's clock was ahead of this machine's when it came.
    pub(crate) fn new(answer: Value, clock_skew: Option<i64>) -> Self {
        Self { answer, clock_skew }
    }
}

impl Answer for Secret {
    fn value(&self) -> &Value {
        &self.answer
    }

    fn clock_skew(&self) -> Option<i64> {
        self.clock_skew
    }
}

impl From<Value> for Secret {
    fn from(answer: Value) -> Self {
        Self::new(answer, None)
    }
}

impl ExposeSecret<Value> for Secret {
    fn expose_secret(&self) -> &Value {
        &self.answer
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret([REDACTED])")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        text,
        token::{ApiClient, Token},
    };

    #[test]
    fn what_is_printed_for_debugging_shows_no_secret() {
        let answer = Secret::from(json!({ "access_token": "hunter2", "id": "c-1" }));
        let client = ApiClient {
            client_id: "c-1".to_owned(),
            client_secret: "hunter2".into(),
            tenant_id: "t-1".to_owned(),
        };
        let token = Token {
            access_token: text(&answer, "access_token").unwrap().into(),
            customer_scoped: false,
        };
        assert_eq!(token.access_token.expose_secret(), "hunter2");
        for shown in [
            format!("{answer:?} {answer:#?}"),
            format!("{client:?} {client:#?}"),
            format!("{token:?} {token:#?}"),
            format!("{:?}", text(&answer, "secret")),
        ] {
            assert!(!shown.contains("hunter2"), "{shown}");
        }
    }

    #[test]
    fn a_panic_shows_no_secret() {
        let answer = Secret::from(json!({ "access_token": "hunter2" }));
        let token = Token {
            access_token: "hunter2".to_owned().into(),
            customer_scoped: false,
        };
        for bug in [
            Err::<(), Box<dyn std::fmt::Debug>>(Box::new(answer)),
            Err(Box::new(token)),
            Err(Box::new(SecretString::from("hunter2"))),
        ] {
            let bug = std::panic::AssertUnwindSafe(|| bug.unwrap());
            let panic = std::panic::catch_unwind(bug).unwrap_err();
            let message = panic.downcast_ref::<String>().unwrap();
            assert!(message.contains("REDACTED"), "{message}");
            assert!(!message.contains("hunter2"), "{message}");
        }
    }

    #[test]
    fn the_rest_of_the_answer_can_be_used() {
        let answer = Secret::from(json!({ "access_token": "hunter2", "id": "c-1" }));
        assert_eq!(text(&answer, "id").unwrap(), "c-1");
        assert!(text(&answer, "other").is_err());
    }
}
