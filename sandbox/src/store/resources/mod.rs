//! Resources: machines with agents, and groups.

mod condition;
mod groups;
mod list;
mod machines;
mod row;

pub(crate) use self::groups::{NewGroup, members_of, put_group};
pub(crate) use self::list::{FILTERS, count, find, list};
pub(crate) use self::machines::{Machine, machine, machines_of};
pub(super) use self::machines::{NewMachine, insert_machine};
pub(crate) use self::row::{GroupFields, Resource, Software};

use crate::domain::Id;

/// The type of a machine.
pub(crate) const MACHINE: &str = "resource.machine";
/// The predefined group of all machines with agents. It has the same id in every tenant.
pub(crate) const WITH_AGENTS: Id = Id::from_u128(0x301d_1574_849e_4714_859f_3a2e_c12a_218b);
