//! The customer on which both ways of switching an edition are shown.

use anyhow::{Context, Result};
use common::{Platform, Step, list, random, text};
use serde_json::{Value, json};

use crate::{by_name, for_customer};

/// A new customer that has all items of one edition.
#[derive(Debug)]
pub struct CustomerToSwitch {
    /// Its name.
    pub name: String,
    /// Its id.
    pub id: String,
    /// The offering items that it was given.
    pub items: Vec<Value>,
}

/// Creates a customer directly under the API client's tenant and enables the offering items of the `edition` in the
/// settings.
///
/// # Errors
/// What [`Platform::post`], [`Platform::get`] and [`Platform::put`] can meet, and a `Failure` where an answer lacks
/// what the next call needs.
pub fn create_customer_to_switch(platform: &Platform) -> Result<CustomerToSwitch> {
    let me = platform.tenant_id();
    let kind = &platform.config().customer_tenant;
    let edition = &platform.config().edition;

    let name = format!("Rust Switch Edition Customer {} v3.0", random());
    let request = json!({
        "name": name,
        "parent_id": me,
        "kind": kind,
    });
    let customer = platform
        .create("/api/2/tenants", &request, by_name)
        .step(format!("creating the customer {name}"))?;
    let id = text(&customer, "id")?;

    // As for any customer: what a child of this kind may have in this edition, on one storage of a kind.
    let path = format!("/api/2/tenants/{me}/offering_items/available_for_child");
    let available = platform
        .get(&path, &[("kind", kind), ("edition", edition)])
        .context("reading the available offering items")?;
    let items = list(&available, "items").context("reading the available offering items")?;
    let items: Vec<Value> = for_customer(items).into_iter().cloned().collect();

    let path = format!("/api/2/tenants/{id}/offering_items");
    platform
        .put(&path, &json!({ "offering_items": items }))
        .step("enabling the offering items")?;
    println!("{name} has {} offering items of {edition}", items.len());
    Ok(CustomerToSwitch {
        name,
        id: id.to_owned(),
        items,
    })
}
