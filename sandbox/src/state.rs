//! The state that all handlers of a server share.

use std::convert::Infallible;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::keys::Keys;
use crate::settings::Options;
use crate::world::World;

/// A handle to the state of a running sandbox. Clones share the same state.
///
/// It is an extractor: `async fn read(state: State, …)`. Most handlers need only its `World`.
#[derive(Clone)]
pub struct State(Arc<Shared>);

/// The state behind [`State`].
pub struct Shared {
    pub(crate) world: World,
    /// The key that signs tokens.
    pub(crate) keys: Keys,
    /// The start time on the machine's clock.
    pub(crate) started: Instant,
    /// The base URL, with a trailing slash.
    pub url: String,
    /// The settings of the sandbox.
    pub options: Options,
}

impl State {
    pub(crate) fn new(world: World, keys: Keys, url: String, options: Options) -> Self {
        Self(Arc::new(Shared {
            world,
            keys,
            started: Instant::now(),
            url,
            options,
        }))
    }
}

impl Deref for State {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl FromRequestParts<Self> for State {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, state: &Self) -> Result<Self, Infallible> {
        Ok(state.clone())
    }
}

impl FromRequestParts<State> for World {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, state: &State) -> Result<Self, Infallible> {
        Ok(state.world.clone())
    }
}
