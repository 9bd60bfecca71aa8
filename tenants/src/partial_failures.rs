//! Continuing with the next tenant if the platform rejects one.

use anyhow::Result;
use common::{ApiError, Failure, count, warn};

/// Counts the tenants for which the platform rejected a call, while the example continues with the others.
#[derive(Debug, Default)]
pub struct PartialFailures {
    tenants: usize,
}

impl PartialFailures {
    /// Passes on the outcome for one tenant. If the platform rejected it, prints the reason as a warning and returns
    /// `None`.
    ///
    /// # Errors
    /// What would fail for every other tenant too: no response, an unexpected one, a rejected token, too many calls.
    pub fn skip_rejected<T>(&mut self, outcome: Result<T>) -> Result<Option<T>> {
        match outcome {
            Ok(value) => Ok(Some(value)),
            Err(error) if concerns_one_tenant(&error) => {
                warn!("{error:#}");
                self.tenants += 1;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Ends the run, after the last tenant.
    ///
    /// # Errors
    /// A [`Failure`] if the platform rejected a call for one tenant or more.
    pub fn finish(self) -> Result<()> {
        if self.tenants == 0 {
            return Ok(());
        }
        Err(Failure::new(
            format!("the platform rejected {}", count(self.tenants, "tenant")),
            "The warnings above name each one and the reason. Changes to other tenants are kept. Resolve the reasons, \
             then run it again.",
        )
        .into())
    }
}

fn concerns_one_tenant(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<ApiError>()
        .is_some_and(|error| !matches!(error.status.as_u16(), 401 | 429))
}
