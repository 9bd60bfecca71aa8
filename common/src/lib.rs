//! What all examples share.
