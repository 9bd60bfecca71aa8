//! Creates a customer below the tenant of the API client, and a user in it. A program to copy: it uses only the library, and no
//! home folder.
//!
//! ```text
//! cargo run -p common --example provision_customer -- CUSTOMER LOGIN EMAIL
//! ```
//!
//! The environment has the address of the platform and the credentials of the API client: `BASE_URL`, `CLIENT_ID` and
//! `CLIENT_SECRET`.

use std::env;

use anyhow::{Context, Result};
use common::{Id, Platform};
use serde::Deserialize;
use serde_json::json;

/// A tenant, a part of it.
#[derive(Deserialize)]
struct Tenant {
    id: Id,
    name: String,
}

/// A user, a part of it.
#[derive(Deserialize)]
struct User {
    id: Id,
    login: String,
}

fn main() -> Result<()> {
    let mut arguments = env::args().skip(1);
    let mut argument = |name| arguments.next().with_context(|| format!("pass {name}"));
    let (name, login) = (argument("the customer's name")?, argument("a login")?);
    let email = argument("an e-mail address")?;
    let variable = |name| env::var(name).with_context(|| format!("set {name}"));

    let platform = Platform::builder(
        &variable("BASE_URL")?,
        &variable("CLIENT_ID")?,
        variable("CLIENT_SECRET")?,
    )
    .user_agent("Provisioner/1.0")
    .sign_in()?;

    let customer = create_customer(&platform, &name)?;
    let user = create_user(&platform, &customer.id, &login, &email)?;
    common::println!("customer {}, user {}", customer.id, user.id);
    Ok(())
}

fn create_customer(platform: &Platform, name: &str) -> Result<Tenant> {
    let me = platform.tenant_id();
    let request = json!({ "name": name, "parent_id": me, "kind": "customer" });
    // Without a response, the customer may exist. A second POST would create another one, so look for it.
    platform
        .post("/api/2/tenants")
        .json(&request)
        .fetch_or_find(|| {
            let query = [("parent_id", &**me), ("lod", "basic")];
            platform.find_item("/api/2/tenants", &query, |found: &Tenant| {
                found.name == name
            })
        })
        .context("create the customer")
}

fn create_user(platform: &Platform, customer: &Id, login: &str, email: &str) -> Result<User> {
    let request = json!({
        "tenant_id": customer,
        "login": login,
        "contact": { "email": email, "firstname": "New", "lastname": "User" },
    });
    let user: User = platform
        .post("/api/2/users")
        .json(&request)
        .fetch_or_find(|| find_user(platform, customer, login))
        .context("create the user")?;

    // The user sets a password with the link in the e-mail.
    platform
        .post(&format!("/api/2/users/{}/send-activation-email", user.id))
        .send()
        .context("send the activation e-mail")?;
    Ok(user)
}

fn find_user(platform: &Platform, customer: &Id, login: &str) -> Result<Option<User>> {
    for page in platform.pages::<Id>(&format!("/api/2/tenants/{customer}/users")) {
        for id in page?.items {
            let user: User = platform.get(&format!("/api/2/users/{id}")).fetch()?;
            if user.login == login {
                return Ok(Some(user));
            }
        }
    }
    Ok(None)
}
