//! `common` as a library: a program of its own, without a home folder and settings.

mod asynchronous;
mod connect;
mod copied_folder;
mod pages;
mod provision_customer;

use std::time::Duration;

use common::{Platform, PlatformBuilder, RetryPolicy};

use tests::ScriptedServer;

/// The credentials of the program.
const CLIENT_ID: &str = "my-client";
const CLIENT_SECRET: &str = "client-s3cret";

/// A builder for the platform that a server plays.
fn builder(server: &ScriptedServer) -> PlatformBuilder {
    Platform::builder(&server.url(), CLIENT_ID, CLIENT_SECRET).retry(RetryPolicy {
        first_pause: Duration::from_millis(1),
        ..RetryPolicy::default()
    })
}
