//! What several tenant examples share: a rule for customers, and the search, which the users folder has too.

mod offering_items;
mod search;

pub use offering_items::for_customer;
pub use search::search_for_tenant_or_user;
