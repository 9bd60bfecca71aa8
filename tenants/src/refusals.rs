//! Going on with the next tenant where the platform refuses one.

use anyhow::Result;
use common::{Failure, Refused, warn};

/// What the platform has refused so far, while others are still to come.
#[derive(Debug, Default)]
pub struct Refusals {
    tenants: usize,
}

impl Refusals {
    /// Takes the outcome for one tenant. `None`: the platform refused it, a warning says so, and the next may be tried.
    ///
    /// # Errors
    /// What would meet each other tenant too and so ends the run: no answer or none that makes sense, a token that is
    /// not accepted, too many calls.
    pub fn pass<T>(&mut self, outcome: Result<T>) -> Result<Option<T>> {
        match outcome {
            Ok(done) => Ok(Some(done)),
            Err(error) if is_about_one(&error) => {
                warn(&format!("{error:#}"));
                self.tenants += 1;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// The end, when all tenants had their turn.
    ///
    /// # Errors
    /// A [`Failure`] where the platform has refused one or more.
    pub fn end(self) -> Result<(), Failure> {
        match self.tenants {
            0 => Ok(()),
            count => Err(Failure::new(
                format!("the platform refused {count} of the tenants"),
                "The warnings above name them and say why; what was done for the others stays done. Settle that, then \
                 run it again.",
            )),
        }
    }
}

fn is_about_one(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<Refused>()
        .is_some_and(|refused| !matches!(refused.status.as_u16(), 401 | 429))
}
