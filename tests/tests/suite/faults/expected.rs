//! What a fault must lead to. Whether the call is retried, `common` says; this says what follows.

use common::http::retry::RetryClass;

use super::{
    fault::Fault,
    request::{Kind, Request},
};

/// How a run must end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    /// With 0: everything is done.
    Succeeds,
    /// With 1 and an error.
    Fails,
}

use Expected::{Fails, Succeeds};

pub(crate) fn of(example: &str, request: &Request, fault: Fault, customer_token: bool) -> Expected {
    if class(fault).is_retryable(&request.method(), &request.path) {
        // All faults but this one are over by the next attempt.
        return if fault == Fault::Refused {
            Fails
        } else {
            Succeeds
        };
    }
    let kind = request.kind(example);
    match fault {
        Fault::Refused | Fault::Status404 | Fault::Status409 | Fault::Status500 => Fails,
        Fault::Status429 | Fault::Status429Later | Fault::Status503 => Fails,
        Fault::Status401 if request.is_renewable(example) && !customer_token => Succeeds,
        Fault::Status401 => Fails,
        Fault::ResetBefore | Fault::Hang => Fails,
        // The platform has created it, and the example finds it.
        Fault::ResetAfter | Fault::Cut if kind.can_be_found() => Succeeds,
        // What has no body cannot be cut.
        Fault::Cut if kind == Kind::BlindSilently => Succeeds,
        Fault::ResetAfter | Fault::Cut => Fails,
        Fault::Html if request.path.ends_with("/logout") => Succeeds,
        Fault::Html => Fails,
        Fault::CutJson if kind == Kind::Bytes => Succeeds,
        Fault::CutJson => Fails,
        // A tenant that is not disabled after all cannot be deleted.
        Fault::WrongType | Fault::Empty
            if example.starts_with("delete_all") && request.method == "PUT" =>
        {
            Fails
        }
        Fault::WrongType | Fault::Empty if kind.reads_the_response() => Fails,
        Fault::WrongType | Fault::Empty => Succeeds,
    }
}

fn class(fault: Fault) -> RetryClass {
    match fault {
        Fault::Refused => RetryClass::NotProcessed,
        Fault::ResetBefore | Fault::ResetAfter | Fault::Cut | Fault::Hang => {
            RetryClass::Indeterminate
        }
        Fault::Status401 => RetryClass::of_status(401),
        Fault::Status404 => RetryClass::of_status(404),
        Fault::Status409 => RetryClass::of_status(409),
        Fault::Status429 | Fault::Status429Later => RetryClass::of_status(429),
        Fault::Status500 => RetryClass::of_status(500),
        Fault::Status503 => RetryClass::of_status(503),
        // A success, as far as HTTP goes.
        Fault::Html | Fault::CutJson | Fault::WrongType | Fault::Empty => RetryClass::Permanent,
    }
}
