//! The stage on which the examples are tested end to end.
