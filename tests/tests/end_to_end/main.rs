//! The examples on the real sandbox, each a process of its own.

mod agent;
// Elsewhere a file has a name before it is whole, which is not that of an answer.
#[cfg(target_os = "linux")]
mod killed;
mod main_path;
mod monitoring;
mod pages;
mod plans;
mod refused;
mod reports;
mod resources;
mod secrets;
mod tenants;
mod two_at_once;
mod users;

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

/// A home in which a partner, a customer and a user of it were made.
fn with_user(live: &Live) -> Stage {
    let stage = with_client(live);
    stage
        .run("create_partner_tenant_and_assign_specific_edition")
        .success();
    stage
        .run("create_customer_tenant_and_assign_specific_edition")
        .success();
    stage
        .example("create_user_for_customer_activate_assign_backup_user_role")
        .input("grace.hopper\ngrace@example.com\n")
        .end()
        .success();
    live.skip();
    stage
}
