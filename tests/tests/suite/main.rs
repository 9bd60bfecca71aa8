//! The tests of the examples, the tour and the pages, in one binary: linking is most of what a test binary costs.
//!
//! `cargo test -p tests wire::retries` runs the tests of one module.

mod catalogue;
mod dependencies;
mod end_to_end;
mod errors;
mod faults;
mod layers;
mod library;
mod page_generator;
mod pages;
mod phrases;
mod tls;
mod tour;
mod wire;
