//! Steps: the changes that an example makes on the platform.

use std::fmt;

/// A change that a call makes: `create the partner`, and possibly the name of what it changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What the call does, the same in every run.
    pub name: String,
    /// The name of the object, if the user needs it to find the object.
    pub object: Option<String>,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        match &self.object {
            Some(object) => write!(f, " {object}"),
            None => Ok(()),
        }
    }
}

/// The steps of a run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Steps {
    /// The steps that are done, in order.
    pub done: Vec<Step>,
    /// The step whose call has been sent and not yet answered.
    pub running: Option<Step>,
}
