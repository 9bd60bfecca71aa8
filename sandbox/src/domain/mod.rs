//! The types that all layers share: identifiers, tenant kinds, callers with their rights, and errors.

pub(crate) mod caller;
pub(crate) mod error;
pub(crate) mod id;
pub(crate) mod kind;

pub(crate) use self::caller::{Caller, CallerKind, Grant, Right};
pub(crate) use self::error::{ApiError, Code, Result, log_error};
pub use self::id::Id;
pub(crate) use self::kind::TenantKind;

/// The prefix of the control interface's paths. Calls to these paths are neither logged nor subject to faults.
pub(crate) const CONTROL_PREFIX: &str = "/_sandbox/";
