//! Deleting what the examples have created: looks up each object, plans what happens to it, and sends the calls.

mod delete;
mod files;
mod look_up;
mod plan;

pub use delete::{delete_client, delete_object};
pub use files::remove_files_about;
pub use look_up::{CreatedTenant, CreatedUser, Lock, Versioned};
pub use plan::{Action, Plan, Planned};
