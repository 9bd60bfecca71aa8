//! Continuing with the next tenant if the platform rejects one.

use anyhow::Result;
use common::{ApiError, Failure, count, error::Credential, warn};

/// Counts the tenants or other objects for which the platform rejected a call, while the example continues with the rest.
#[derive(Debug)]
pub struct PartialFailures {
    /// What is counted, in the singular.
    noun: &'static str,
    rejected: usize,
}

impl Default for PartialFailures {
    fn default() -> Self {
        Self::of("tenant")
    }
}

impl PartialFailures {
    /// Counts what has this name, in the singular.
    #[must_use]
    pub fn of(noun: &'static str) -> Self {
        Self { noun, rejected: 0 }
    }

    /// Passes on the outcome for one of them. If the platform rejected it, prints the reason as a warning and returns
    /// `None`.
    ///
    /// # Errors
    /// Errors that would occur for all other tenants too: no response, an unexpected one, a rejected token, too many
    /// calls, a platform that is not available.
    pub fn skip_rejected<T>(&mut self, outcome: Result<T>) -> Result<Option<T>> {
        match outcome {
            Ok(value) => Ok(Some(value)),
            Err(error) if concerns_one_tenant(&error) => {
                warn!("{error:#}");
                self.rejected += 1;
                Ok(None)
            }
            Err(error) if self.rejected > 0 => {
                let rejected = count(self.rejected, self.noun);
                Err(error.context(format!("after the platform rejected {rejected}, see above")))
            }
            Err(error) => Err(error),
        }
    }

    /// Ends the run, after the last tenant.
    ///
    /// # Errors
    /// A [`Failure`] if the platform rejected a call for one or more.
    pub fn finish(self) -> Result<()> {
        if self.rejected == 0 {
            return Ok(());
        }
        Err(Failure::new(
            format!("the platform rejected {}", count(self.rejected, self.noun)),
            format!(
                "The warnings above name each one and the reason. Changes to other {}s are kept. Resolve the reasons, \
                 then run the example again.",
                self.noun
            ),
        )
        .into())
    }
}

fn concerns_one_tenant(error: &anyhow::Error) -> bool {
    error.downcast_ref::<ApiError>().is_some_and(|error| {
        let concerns_all = matches!(error.status.as_u16(), 300..=399 | 401 | 429 | 502..=504);
        // A customer-scoped token is valid for none of the tenants.
        !concerns_all && error.credential != Credential::CustomerToken
    })
}

#[cfg(test)]
mod tests {
    use common::UnexpectedResponse;
    use reqwest::{Method, StatusCode};

    use super::*;

    fn rejected(status: u16) -> anyhow::Error {
        rejected_as(Credential::Token, status)
    }

    fn rejected_as(credential: Credential, status: u16) -> anyhow::Error {
        let error = ApiError {
            method: Method::PUT,
            path: "/api/2/tenants/t".to_owned(),
            status: StatusCode::from_u16(status).unwrap(),
            credential,
            code: None,
            message: None,
            details: None,
            request_id: None,
            hint: None,
            earlier_attempt_may_have_taken_effect: false,
        };
        anyhow::Error::from(error).context("disable the partner")
    }

    #[test]
    fn skips_what_the_platform_rejects_and_reports_it_at_the_end() {
        let mut failures = PartialFailures::default();
        assert_eq!(failures.skip_rejected(Ok(5)).unwrap(), Some(5));
        for status in [400, 403, 404, 409, 500] {
            let outcome: Result<()> = Err(rejected(status));
            assert_eq!(failures.skip_rejected(outcome).unwrap(), None, "{status}");
        }
        let error = failures.finish().unwrap_err();
        assert_eq!(error.to_string(), "the platform rejected 5 tenants");
    }

    #[test]
    fn stops_at_errors_that_affect_every_tenant() {
        let mut failures = PartialFailures::default();
        let unexpected = UnexpectedResponse::new("GET /api/2/tenants/t", "not JSON");
        let rejections = [302, 401, 429, 502, 503, 504].map(rejected);
        let of_customer_token = rejected_as(Credential::CustomerToken, 403);
        let others = [unexpected.into(), of_customer_token];
        for error in rejections.into_iter().chain(others) {
            let message = format!("{error:#}");
            let outcome: Result<()> = Err(error);
            assert!(failures.skip_rejected(outcome).is_err(), "{message}");
        }
        assert!(failures.finish().is_ok());
    }

    #[test]
    fn an_error_that_ends_the_loop_mentions_earlier_rejections() {
        let mut failures = PartialFailures::default();
        failures.skip_rejected::<()>(Err(rejected(409))).unwrap();
        let error = failures.skip_rejected::<()>(Err(rejected(503)));
        assert_eq!(
            format!("{:#}", error.unwrap_err()),
            "after the platform rejected 1 tenant, see above: disable the partner: PUT /api/2/tenants/t: 503 Service Unavailable"
        );
    }
}
