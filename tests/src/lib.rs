//! The test harness: it runs the real binaries, each in its own home folder.
//!
//! | module | what it is |
//! |---|---|
//! | [`test_home`] | a temporary home folder, and the files in it |
//! | [`run`] | one run of an example: its environment, its input, its outcome |
//! | [`scripted_server`] | a platform that sends scripted responses and records the requests |
//! | [`pages`] | the generated parts of README, guide and the other pages |
//! | [`raw_server`] | a server that writes its responses byte by byte, including malformed ones |
//! | [`recording_proxy`] | a proxy that records all bytes that pass through it |
//! | [`sandbox_process`] | the sandbox as a process |
//! | [`tutorial`] | all examples in the order of the tutorial, and the input of each |
//! | [`examples`] | the example binaries: building and finding them |
//! | [`redactions`] | snapshot filters for values that differ between runs |
//!
//! The tests are in `tests/suite`, one module for each subject.

pub mod examples;
pub mod pages;
pub mod raw_server;
pub mod recording_proxy;
pub mod redactions;
pub mod run;
pub mod sandbox_process;
pub mod scripted_server;
pub mod test_home;
pub mod tutorial;

pub use run::{Outcome, Run};
pub use sandbox_process::SandboxProcess;
pub use scripted_server::{AVAILABLE_ITEMS, Response, ScriptedServer};
pub use test_home::TestHome;
