//! A caller: a user or an API client, with its rights over tenants.

use super::{ApiError, Id};

/// What a role lets its holder do with tenants, users and clients.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Right {
    /// Look.
    View,
    /// Look and change.
    Manage,
}

impl Right {
    /// The right that comes with a role; roles of the services give none here.
    pub(crate) fn of(role: &str) -> Option<Self> {
        match role {
            "root_admin" | "partner_admin" | "company_admin" | "unit_admin" | "accounts_admin" => {
                Some(Self::Manage)
            }
            "readonly_admin" | "accounts_ro_admin" => Some(Self::View),
            _ => None,
        }
    }
}

/// A right over a tenant and everything below it.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    /// The tenant.
    pub tenant_id: Id,
    /// Its place in the tree, `/1/1496262/`.
    pub path: String,
    /// The role that gives the right, `partner_admin`.
    pub role: String,
    /// The right.
    pub right: Right,
}

/// What kind of caller it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum CallerKind {
    /// A person, by password, by session or by a token for one.
    User,
    /// An API client.
    Client,
}

/// Who is calling.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// The user or client.
    pub id: Id,
    /// Which of the two.
    pub kind: CallerKind,
    /// Login or client id, for the request log.
    pub name: String,
    /// The tenant it belongs to.
    pub tenant_id: Id,
    /// What it may do.
    pub grants: Vec<Grant>,
    /// Whether it came with a token: some calls take nothing else.
    pub bearer: bool,
}

impl Caller {
    /// The strongest right over the tenant at this path, if any.
    pub(crate) fn right_over(&self, path: &str) -> Option<Right> {
        self.grant_over(path).map(|grant| grant.right)
    }

    /// The grant with the strongest right over the tenant at this path.
    pub(crate) fn grant_over(&self, path: &str) -> Option<&Grant> {
        self.grants
            .iter()
            .filter(|grant| path.starts_with(&grant.path))
            .max_by_key(|grant| grant.right)
    }

    /// Refuses callers without a token, for what the platform gives to OAuth clients only.
    pub(crate) fn require_token(&self) -> Result<(), ApiError> {
        if self.bearer {
            return Ok(());
        }
        Err(ApiError::Unauthorized(
            "This call takes an access token (Authorization: Bearer), no password.".to_owned(),
        ))
    }

    /// Refuses all but API clients, for what the platform gives to nobody else.
    pub(crate) fn require_client(&self) -> Result<(), ApiError> {
        if self.kind == CallerKind::Client {
            return Ok(());
        }
        Err(ApiError::denied("Only API clients can do this."))
    }
}
