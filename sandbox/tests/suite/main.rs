//! The sandbox's tests over HTTP, in one binary, because linking is most of what a test binary costs.
//!
//! `cargo test -p sandbox --test suite tenants::` runs the tests of one module.

#![allow(clippy::indexing_slicing, reason = "a missing field fails the test")]

mod agents;
mod alerts;
mod applications;
mod authorization;
mod clock;
mod control;
mod editions;
mod embedded;
mod errors;
mod faults;
mod groups;
mod infra;
mod offering_items;
mod plan_applications;
mod policies;
mod pricing;
mod process;
mod readme;
mod registration_tokens;
mod reports;
mod resources;
mod sessions;
mod support;
mod tasks;
mod tenants;
mod usage;
mod users;
mod world;
