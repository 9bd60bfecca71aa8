//! Protection plans: the models, the calls that several examples make, and the issues that a response may report.

mod find;
mod issues;
mod model;

pub use find::{find_created_plan, first_machine, is_applied, no_plan_applied};
pub use issues::{Issue, Issues, check_issues};
pub use model::{AppliedPlan, CreatedPlan, Machine, Plan, plan_name};
