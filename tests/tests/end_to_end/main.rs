//! The examples on the real sandbox, each a process of its own.

mod main_path;
mod refused;

use tests::{Live, Stage};

/// A home in which an API client was made, on this sandbox.
fn with_client(live: &Live) -> Stage {
    let stage = live.stage();
    stage
        .example("create_api_client")
        .input(format!("{}\n{}\n", live.login, live.password))
        .end()
        .success();
    stage
}
