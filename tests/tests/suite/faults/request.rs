//! A request that an example makes, and what it means for it.

use std::fmt;

use reqwest::Method;
use serde_json::Value;

/// One of the requests of an example that meets no fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Without the query, and with `*` for each id: those of what is made differ from run to run.
    pub(crate) path: String,
    /// Which of the requests of this method and path it is, counted from 1.
    pub(crate) turn: usize,
}

/// How many kinds of requests there are.
pub(crate) const KINDS: usize = 9;

/// What is done with the response to a request, and what it takes to repeat it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// It can be repeated, and something of the answer is needed.
    Read,
    /// It can be repeated, and the answer is not looked at.
    Done,
    /// It can be repeated, and the answer is a page or a file.
    Bytes,
    /// It makes something that can be looked for, and something of the answer is needed.
    Make,
    /// It makes something whose id was chosen before; the answer tells whether it was made.
    MakeByChosenId,
    /// It makes something that can be looked for, and the answer says nothing.
    MakeSilently,
    /// It makes something that cannot be looked for, and something of the answer is needed.
    Blind,
    /// It makes something that cannot be looked for, and the answer is not looked at.
    BlindSilently,
    /// It begins a session, without which the next request is refused.
    SignIn,
}

impl Kind {
    /// Whether the example looks for what it has created if it gets no response.
    pub(crate) fn can_be_found(self) -> bool {
        matches!(self, Self::Make | Self::MakeByChosenId | Self::MakeSilently)
    }

    /// Whether the example needs something of the response, if only that it is what it should be.
    pub(crate) fn reads_the_response(self) -> bool {
        matches!(
            self,
            Self::Read | Self::Make | Self::MakeByChosenId | Self::Blind | Self::SignIn
        )
    }
}

impl Request {
    pub(crate) fn method(&self) -> Method {
        self.method.parse().expect("a method of HTTP")
    }

    /// The requests in a log of the sandbox. One that is made again and again in a row, as one does who waits, is one.
    pub(crate) fn all(log: &[Value]) -> Vec<Self> {
        let mut requests: Vec<Self> = Vec::new();
        for call in log {
            let text = |key: &str| call[key].as_str().expect("a text").to_owned();
            let (method, path) = (text("method"), pattern(&text("path")));
            let same = |it: &&Self| it.method == method && it.path == path;
            if requests.last().as_ref().is_some_and(same) && path.ends_with("/stored") {
                continue;
            }
            requests.push(Self {
                turn: requests.iter().filter(same).count() + 1,
                method,
                path,
            });
        }
        requests
    }

    /// Whether it signs with the API client's token: not with a login, a secret or the session of a user.
    pub(crate) fn is_renewable(&self, example: &str) -> bool {
        match example {
            "create_api_client" | "issue_access_token" => false,
            "ipmpersonate_user_call_me" => self.path.ends_with("/ott"),
            "issue_customer_scoped_token_for_bc" => true,
            _ => !self.path.ends_with("/idp/token"),
        }
    }

    pub(crate) fn kind(&self, example: &str) -> Kind {
        let ends = |end: &str| self.path.ends_with(end);
        match self.method.as_str() {
            "GET" if ends("/idp/logout") || self.path.contains("/stored/") => Kind::Bytes,
            "GET" if ends("/check_login") => Kind::Done,
            "GET" => Kind::Read,
            "POST" if ends("/idp/token") || ends("/idp/ott") => Kind::Read,
            "POST" if ends("/tenants") || ends("/users") => Kind::Make,
            "POST" if ends("/policies") => Kind::MakeByChosenId,
            "POST" if ends("/resources") || ends("/applications") => Kind::MakeSilently,
            "POST" if ends("/send-activation-email") => Kind::BlindSilently,
            "POST" if ends("/ott/login") => Kind::SignIn,
            "POST" => Kind::Blind,
            // The next step needs the version, or the answer is kept.
            "PUT" if example == "create_partner_tenant_and_lock" && !ends("/offering_items") => {
                Kind::Read
            }
            "PUT" if example.starts_with("create_customer") && ends("/offering_items") => {
                Kind::Read
            }
            _ => Kind::Done,
        }
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)?;
        if self.turn > 1 {
            write!(f, " ({})", self.turn)?;
        }
        Ok(())
    }
}

/// A path with `*` in the place of each id.
pub(crate) fn pattern(path: &str) -> String {
    let is_id = |part: &&str| part.len() == 36 && part.matches('-').count() == 4;
    path.split('/')
        .map(|part| if is_id(&part) { "*" } else { part })
        .collect::<Vec<_>>()
        .join("/")
}
