//! A stand-in for the platform on one's own machine.

pub mod binaries;
