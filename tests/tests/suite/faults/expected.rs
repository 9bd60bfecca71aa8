//! What must come of a fault: the policy of `common`, once more, as a table.

use super::{
    fault::Fault,
    request::{Kind, Request},
};

/// How a run must end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    /// With 0: everything that was asked for is done.
    Done,
    /// With 1, and this in what it says.
    Fails(&'static str),
}

use Expected::{Done, Fails};

const GONE: &str = "it is not there";
const NO_ANSWER: &str = "no answer from";

pub(crate) fn of(example: &str, request: &Request, fault: Fault, customer_token: bool) -> Expected {
    let kind = request.kind(example);
    let makes = matches!(kind, Kind::Make | Kind::MakeByChosenId | Kind::MakeSilently);
    let blind = matches!(kind, Kind::Blind | Kind::BlindSilently | Kind::SignIn);
    match fault {
        Fault::Refused => Fails(NO_ANSWER),
        Fault::ResetBefore | Fault::Hang if makes => Fails(GONE),
        Fault::ResetBefore | Fault::Hang if blind => Fails(NO_ANSWER),
        Fault::ResetBefore | Fault::Hang => Done,
        Fault::ResetAfter if blind => Fails(NO_ANSWER),
        // What has no body cannot be cut.
        Fault::Cut if blind && kind != Kind::BlindSilently => Fails("did not come whole"),
        Fault::ResetAfter | Fault::Cut => Done,
        Fault::Status401 if customer_token => Fails("issue_customer_scoped_token_for_bc"),
        Fault::Status401 if request.is_renewable(example) => Done,
        Fault::Status401 => Fails("401 Unauthorized"),
        Fault::Status404 => Fails("404 Not Found"),
        Fault::Status409 => Fails("409 Conflict"),
        Fault::Status429 | Fault::Status429Later | Fault::Status503 => Done,
        Fault::Status500 if makes => Fails(GONE),
        Fault::Status500 => Fails("500 Internal Server Error"),
        Fault::Html | Fault::CutJson if makes => Fails(GONE),
        Fault::Html => match kind {
            // Whoever signs out gets a page.
            Kind::Bytes if request.path.ends_with("/logout") => Done,
            Kind::Bytes => Fails("text/html"),
            _ => Fails("text/html instead of JSON"),
        },
        Fault::CutJson => match kind {
            Kind::Bytes => Done,
            _ => Fails("JSON that cannot be read"),
        },
        Fault::WrongType | Fault::Empty => match kind {
            // It looks for a number that is a moment.
            Kind::Read if example.ends_with("legacy") && request.path.ends_with("/pricing") => {
                Fails("is no moment")
            }
            Kind::Make => Fails(GONE),
            Kind::Read | Kind::Blind | Kind::MakeByChosenId => Fails("the platform's"),
            Kind::SignIn => Fails("401 Unauthorized"),
            // What is not disabled after all cannot be deleted.
            Kind::Done if example.starts_with("delete_all") && request.method == "PUT" => {
                Fails("400 Bad Request")
            }
            Kind::Bytes | Kind::Done | Kind::MakeSilently | Kind::BlindSilently => Done,
        },
    }
}
