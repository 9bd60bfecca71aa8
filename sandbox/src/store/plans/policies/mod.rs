//! Policies, the parts of plans.

mod change;
mod create;
mod list;
mod row;

pub(crate) use self::change::{delete, delete_all, set_favorite, update};
pub(crate) use self::create::{NewPlan, create, insert};
pub(crate) use self::list::{FILTERS, PlanEntry, applied_to, ensure_no_selections, list};
pub(super) use self::list::{in_plan, tenant_filter};
pub(crate) use self::row::{Policy, not_found_to_bad_request, plan, require_access};
