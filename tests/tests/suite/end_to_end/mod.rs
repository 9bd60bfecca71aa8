//! The examples against the sandbox, each as a process.

mod agent;
mod calls;
mod concurrent_runs;
#[cfg(unix)]
mod killed;
mod main_path;
mod monitoring;
mod pages;
mod plans;
mod rejected;
mod reports;
mod resources;
mod secrets;
mod tenants;
mod undo;
mod users;

use tests::{SandboxProcess, TestHome};

const PARTNER: &str = "create_partner_tenant_and_assign_specific_edition";
const CUSTOMER: &str = "create_customer_tenant_and_assign_specific_edition";
const USER: &str = "create_user_for_customer_activate_assign_backup_user_role";

/// What is typed to create a user.
const GRACE: &str = "grace.hopper\ngrace@example.com\n";

/// A home with an API client of this sandbox.
fn with_client(sandbox: &SandboxProcess) -> TestHome {
    let home = sandbox.home();
    home.example("create_api_client")
        .input(format!("{}\n{}\n", sandbox.login, sandbox.password))
        .end()
        .success();
    home
}

/// A home with an API client and a partner.
fn with_partner(sandbox: &SandboxProcess) -> TestHome {
    let home = with_client(sandbox);
    home.run(PARTNER).success();
    sandbox.skip();
    home
}

/// A home with a partner and a customer.
fn with_customer(sandbox: &SandboxProcess) -> TestHome {
    let home = with_partner(sandbox);
    home.run(CUSTOMER).success();
    sandbox.skip();
    home
}

/// A home with a partner, a customer and a user of the customer.
fn with_user(sandbox: &SandboxProcess) -> TestHome {
    let home = with_customer(sandbox);
    home.example(USER).input(GRACE).end().success();
    sandbox.skip();
    home
}
