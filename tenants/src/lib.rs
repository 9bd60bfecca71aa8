//! What several tenant examples share, and the search, which the users folder has too.

mod edition;
mod find;
mod offering_items;
mod refusals;
mod search;
mod tree;
mod trial;

pub use edition::{CustomerToSwitch, create_customer_to_switch};
pub use find::by_name;
pub use offering_items::{for_customer, with_status};
pub use refusals::Refusals;
pub use search::search_for_tenant_or_user;
pub use tree::Branch;
pub use trial::trial_end;
