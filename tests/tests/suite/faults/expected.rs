//! The expected outcome of each fault. `common` decides whether a call is retried; this module says how the run must
//! end.

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
    /// With 1 and a report that contains this.
    Fails(&'static str),
}

use Expected::{Fails, Succeeds};

const NO_RESPONSE: &str = "no response from";
const NOT_CREATED: &str = "no effect of the call was found";
const UNEXPECTED: &str = "unexpected response";

pub(crate) fn of(example: &str, request: &Request, fault: Fault, customer_token: bool) -> Expected {
    if class(fault).is_retryable(&request.method(), &request.path) {
        // The fault is over by the next attempt.
        return Succeeds;
    }
    let kind = request.kind(example);
    match fault {
        Fault::Refused => Fails(NO_RESPONSE),
        Fault::Status401 if request.is_renewable(example) && !customer_token => Succeeds,
        Fault::Status401 => Fails("401 Unauthorized"),
        // The object does not exist, so there is nothing to delete.
        Fault::Status404 if request.is_of_created_object(example) => Succeeds,
        Fault::Status404 => Fails("404 Not Found"),
        Fault::Status409 => Fails("409 Conflict"),
        Fault::Status429 | Fault::Status429Later | Fault::Status503 => {
            unreachable!("every call is retried")
        }
        // The platform has created it, and the example finds it.
        Fault::ResetAfter | Fault::Cut if kind.can_be_found() => Succeeds,
        // A response without a body cannot be truncated.
        Fault::Cut if kind == Kind::CreateUnfindableIgnored => Succeeds,
        Fault::Cut => Fails("was cut short"),
        Fault::ResetAfter => Fails(NO_RESPONSE),
        // The example looks for it and does not find it.
        Fault::ResetBefore | Fault::Hang | Fault::Status500 | Fault::Html | Fault::CutJson
            if kind.can_be_found() =>
        {
            Fails(NOT_CREATED)
        }
        Fault::ResetBefore | Fault::Hang => Fails(NO_RESPONSE),
        Fault::Status500 => Fails("500 Internal Server Error"),
        Fault::Html if request.path.ends_with("/logout") => Succeeds,
        Fault::Html => Fails("text/html instead of"),
        Fault::CutJson if kind == Kind::File => Succeeds,
        // The decoder may find another type before the end.
        Fault::CutJson => Fails(UNEXPECTED),
        // The tenant was not disabled, so it cannot be deleted.
        Fault::WrongType | Fault::Empty
            if example.starts_with("delete_all") && request.method == "PUT" =>
        {
            Fails("400 Bad Request")
        }
        Fault::WrongType if kind == Kind::CreateIgnored => Fails(NOT_CREATED),
        Fault::WrongType if request.has_optional_response() => Fails(UNEXPECTED),
        Fault::WrongType | Fault::Empty => match kind {
            Kind::Create | Kind::CreateWithChosenId => Fails(NOT_CREATED),
            // Without a session, the next request is rejected.
            Kind::SignIn => Fails("401 Unauthorized"),
            Kind::Read | Kind::CreateUnfindable => Fails(UNEXPECTED),
            Kind::File | Kind::Ignored | Kind::CreateIgnored | Kind::CreateUnfindableIgnored => {
                Succeeds
            }
        },
    }
}

fn class(fault: Fault) -> RetryClass {
    match fault {
        Fault::ResetBefore | Fault::ResetAfter | Fault::Cut | Fault::Hang => {
            RetryClass::Indeterminate
        }
        Fault::Status401 => RetryClass::of_status(401),
        Fault::Status404 => RetryClass::of_status(404),
        Fault::Status409 => RetryClass::of_status(409),
        Fault::Status429 | Fault::Status429Later => RetryClass::of_status(429),
        Fault::Status500 => RetryClass::of_status(500),
        Fault::Status503 => RetryClass::of_status(503),
        // Nothing listens on this machine anymore.
        Fault::Refused => RetryClass::Permanent,
        // A success at the level of HTTP.
        Fault::Html | Fault::CutJson | Fault::WrongType | Fault::Empty => RetryClass::Permanent,
    }
}
