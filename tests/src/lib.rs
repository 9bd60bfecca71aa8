//! The stage on which the examples are tested: the real binaries, each run in a home of its own.
//!
//! | module | what it is |
//! |---|---|
//! | [`stage`] | a home, and the files in it |
//! | [`run`] | a binary with a wiped environment, its input and its end |
//! | [`server`] | a platform that answers by a script and records what it was asked |
//! | [`raw`] | a server that answers byte by byte, also what no sound one would |
//! | [`record`] | a way to a server that keeps what goes over it |
//! | [`live`] | the real sandbox, as a process |
//! | [`tutorial`] | all examples in their order, and what is typed into each |
//! | [`examples`] | the binaries, built and found |
//! | [`mask`] | what differs from run to run, and how snapshots leave it out |
//!
//! Tests are in `tests/tests`: `wire` (what goes over the wire and into files), `errors` (what is told when something
//! is wrong), `tls` (certificates and proxies), `end_to_end` (the binaries on the real sandbox), `faults`
//! (every fault on every request there), `catalogue` (that they are all there and alike).

pub mod examples;
pub mod live;
pub mod mask;
pub mod raw;
pub mod record;
pub mod run;
pub mod server;
pub mod stage;
pub mod tutorial;

pub use live::Live;
pub use run::{Outcome, Run};
pub use server::{Answer, Server};
pub use stage::Stage;
