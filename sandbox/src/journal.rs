//! The request log: what was called, by whom, and what came of it.

use std::sync::{Arc, Mutex, PoisonError};

use crate::id::Id;

/// What the handling of a call learns on the way and the log wants to know.
#[derive(Clone, Debug, Default)]
pub struct Note(Arc<Mutex<Noted>>);

/// Who called.
#[derive(Clone, Debug, Default)]
pub struct Noted {
    /// Login or client id.
    pub caller: Option<String>,
    /// The tenant it belongs to.
    pub tenant_id: Option<Id>,
}

impl Note {
    /// Notes who is calling.
    pub fn caller(&self, name: &str, tenant_id: Option<Id>) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.caller = Some(name.to_owned());
        noted.tenant_id = tenant_id;
    }

    /// What was noted.
    pub fn taken(&self) -> Noted {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
