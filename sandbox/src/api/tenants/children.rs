//! The children and the users of one tenant.

use axum::Json;
use serde::Deserialize;

use super::response::{Child, Tenant};
use crate::api::Items;
use crate::domain::{ApiError, Caller, Id, Result};
use crate::http::extract::{LenientBool, PathId, Query, one_of};
use crate::store::tenants::list::Order;
use crate::store::users::list::Order as UserOrder;
use crate::world::World;

#[derive(Deserialize)]
pub(super) struct ChildrenQuery {
    order: Option<String>,
    allow_deleted: Option<LenientBool>,
    after: Option<String>,
    include_details: Option<LenientBool>,
}

/// Splits an order such as `-name` into the field and whether the order is descending.
///
/// # Errors
/// 501 if only the platform supports the order; 400 if it is unknown.
fn order<'a>(
    given: Option<&'a str>,
    known: &[&str],
    not_simulated: &[&str],
) -> Result<(&'a str, bool)> {
    let given = given.unwrap_or("name");
    let order = given.strip_prefix('-').unwrap_or(given);
    if not_simulated.contains(&order) || order.starts_with("usage.") {
        return Err(ApiError::not_simulated(format_args!("order={order}")));
    }
    one_of("order", order, known)?;
    Ok((order, given != order))
}

pub(super) async fn children(
    world: World,
    caller: Caller,
    PathId(id): PathId,
    Query(query): Query<ChildrenQuery>,
) -> Result<Json<Items<Child>>> {
    // The first page contains all children, so this list never returns a cursor.
    if query.after.is_some() {
        return Err(ApiError::bad("The cursor was not issued for this list."));
    }
    let known = ["name", "status", "as_is"];
    let (order, descending) = order(query.order.as_deref(), &known, &["usage"])?;
    let order = match order {
        "status" => Order::Status,
        "as_is" => Order::AsIs,
        _ => Order::Name,
    };
    let deleted = query.allow_deleted.is_some_and(|flag| flag.0);
    let now = world.clock.now();
    let mut children = world.store.children(&caller, id, order, deleted, now)?;
    if descending {
        children.reverse();
    }
    let details = query.include_details.is_some_and(|flag| flag.0);
    let items = children
        .into_iter()
        .map(|child| {
            if details {
                Child::Tenant(Box::new(Tenant::from(child)))
            } else {
                Child::Id(child.tenant.id)
            }
        })
        .collect();
    Ok(Json(Items { items }))
}

#[derive(Deserialize)]
pub(super) struct UsersQuery {
    include_grand_children: Option<LenientBool>,
    order: Option<String>,
    allow_deleted: Option<LenientBool>,
}

pub(super) async fn users(
    world: World,
    caller: Caller,
    PathId(id): PathId,
    Query(query): Query<UsersQuery>,
) -> Result<Json<Items<Id>>> {
    let below = query.include_grand_children.is_some_and(|flag| flag.0);
    let deleted = query.allow_deleted.is_some_and(|flag| flag.0);
    let known = ["name", "login", "status", "as_is"];
    let not_simulated = ["roles", "level", "usage", "mfa_status", "contact_types"];
    let (order, descending) = order(query.order.as_deref(), &known, &not_simulated)?;
    let order = match order {
        "login" => UserOrder::Login,
        "status" => UserOrder::Status,
        "as_is" => UserOrder::AsIs,
        _ => UserOrder::Name,
    };
    let users = world.store.users_of(&caller, id, below, order, deleted)?;
    let mut items: Vec<Id> = users.iter().map(|user| user.id).collect();
    if descending {
        items.reverse();
    }
    Ok(Json(Items { items }))
}
