//! Policies: created, changed and deleted as the plans that they are part of.

mod change;
mod create;
mod list;
mod row;

pub(crate) use self::change::{delete, delete_all, set_favorite, update};
pub(crate) use self::create::{NewPlan, create, insert};
pub(crate) use self::list::{Listed, applied_to, ensure_no_selections, list};
pub(super) use self::list::{in_plan, tenant_filter};
pub(crate) use self::row::{Policy, plan, require_access};
