//! The requests of an example, and what it does with the responses.

use std::fmt;

use reqwest::Method;
use serde_json::Value;

/// One of the requests of an example without faults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Without the query, and with `*` for each id.
    pub(crate) path: String,
    /// Its number among the requests with this method and path, from 1.
    pub(crate) turn: usize,
}

/// How many kinds of requests there are.
pub(crate) const KINDS: usize = 9;

/// How the example uses the response to a request, and whether the request can be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// It can be repeated, and the example needs the response.
    Read,
    /// It can be repeated, and the example ignores the response.
    Ignored,
    /// It can be repeated, and the response is a page or a file.
    File,
    /// It creates something that can be found, and the example needs the response.
    Create,
    /// It creates something with an id that the example chose.
    CreateWithChosenId,
    /// It creates something that can be found, and the example ignores the response.
    CreateIgnored,
    /// It creates something that cannot be found, and the example needs the response.
    CreateUnfindable,
    /// It creates something that cannot be found, and the example ignores the response.
    CreateUnfindableIgnored,
    /// It starts a session. Without it, the next request is rejected.
    SignIn,
}

impl Kind {
    /// Whether the example looks for what it has created if it gets no response.
    pub(crate) fn can_be_found(self) -> bool {
        matches!(
            self,
            Self::Create | Self::CreateWithChosenId | Self::CreateIgnored
        )
    }
}

impl Request {
    pub(crate) fn method(&self) -> Method {
        self.method.parse().expect("a method of HTTP")
    }

    /// The requests in a log of the sandbox. Repeated requests while waiting for a report count as one.
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

    /// Whether it is authenticated with a token that can be refreshed.
    pub(crate) fn is_renewable(&self, example: &str) -> bool {
        match example {
            "create_api_client" | "issue_access_token" => false,
            "ipmpersonate_user_call_me" => self.path.ends_with("/ott"),
            "issue_customer_scoped_token_for_bc" => true,
            _ => !self.path.ends_with("/idp/token"),
        }
    }

    /// Whether the call reads or deletes a created object, which may be gone already. The API client is no such object: the
    /// example is signed in with it.
    pub(crate) fn is_of_created_object(&self, example: &str) -> bool {
        let reads = self.method == "GET" && self.path.ends_with("/*");
        let deletes = self.method == "DELETE" && !self.path.contains("/clients/");
        example == "delete_created_objects" && (reads || deletes)
    }

    /// Whether the response may be empty, but is checked if it is not.
    pub(crate) fn has_optional_response(&self) -> bool {
        let is_change = matches!(self.method.as_str(), "PUT" | "DELETE");
        is_change && self.path.contains("/policy_management/v4/applications")
    }

    pub(crate) fn kind(&self, example: &str) -> Kind {
        let ends = |end: &str| self.path.ends_with(end);
        match self.method.as_str() {
            "GET" if ends("/idp/logout") || self.path.contains("/stored/") => Kind::File,
            "GET" if ends("/check_login") => Kind::Ignored,
            "GET" => Kind::Read,
            "POST" if ends("/idp/token") || ends("/idp/ott") => Kind::Read,
            "POST" if ends("/tenants") || ends("/users") => Kind::Create,
            "POST" if ends("/policies") => Kind::CreateWithChosenId,
            "POST" if ends("/resources") || ends("/applications") => Kind::CreateIgnored,
            "POST" if ends("/send-activation-email") => Kind::CreateUnfindableIgnored,
            "POST" if ends("/ott/login") => Kind::SignIn,
            "POST" => Kind::CreateUnfindable,
            // The next step needs the version.
            "PUT" if example == "create_partner_tenant_and_lock" && !ends("/offering_items") => {
                Kind::Read
            }
            "PUT" if example == "delete_created_objects" => Kind::Read,
            _ => Kind::Ignored,
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

/// A path with `*` instead of each id.
pub(crate) fn pattern(path: &str) -> String {
    let is_id = |part: &&str| part.len() == 36 && part.matches('-').count() == 4;
    path.split('/')
        .map(|part| if is_id(&part) { "*" } else { part })
        .collect::<Vec<_>>()
        .join("/")
}
