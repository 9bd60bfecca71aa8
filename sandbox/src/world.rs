//! One simulated platform.

use std::ops::Deref;
use std::sync::Arc;

use crate::clock::{Change, Clock};
use crate::domain::Result;
use crate::faults::Faults;
use crate::request_log::RequestLog;
use crate::store::Store;

/// A handle to one simulated platform: its data, clock, faults and request log. Clones share the same world.
#[derive(Clone, Debug)]
pub(crate) struct World(Arc<Parts>);

/// The parts behind a [`World`].
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) faults: Faults,
    pub(crate) request_log: RequestLog,
}

impl World {
    pub(crate) fn new(store: Store, clock: Clock, faults: Faults, request_log: RequestLog) -> Self {
        Self(Arc::new(Parts {
            store,
            clock,
            faults,
            request_log,
        }))
    }

    /// Sets the clock and saves the setting, so that it survives a restart.
    pub(crate) fn change_clock(&self, change: &Change) -> Result<()> {
        self.clock
            .change(change, |setting| self.store.save_clock_setting(setting))
    }
}

impl Deref for World {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
