//! What several tenant examples share: the models, and steps that are not part of an example's lesson.

mod edition;
mod find;
mod model;
mod offering_item;
mod partial_failures;
mod prepare;
mod search;
mod tree;
mod trial;
pub mod undo;

pub use edition::require_edition;
pub use find::{find_by_name, list_partners};
pub use model::{Application, EditionSwitch, Pricing, ProductionStart, SearchResult, Tenant, User};
pub use offering_item::{OfferingItem, count_items, keep_one_storage_of_each_kind};
pub use partial_failures::PartialFailures;
pub use prepare::{PreparedTenant, create_customer_to_switch, create_partner_to_lock};
pub use search::search_for_tenant_or_user;
pub use tree::{Branch, TreeGuard};
pub use trial::trial_end;
