//! The caller of a request: a user or an API client, and its rights in tenants.

use super::{ApiError, Id};

/// What a role allows its holder to do with tenants, users and clients.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Right {
    /// Read.
    View,
    /// Read and change.
    Manage,
}

impl Right {
    /// The right that a role gives. The roles of the services give no right to tenants.
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

/// A right in a tenant and everything below it.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub tenant_id: Id,
    /// The tenant's path in the tree, for example `/1/1496262/`.
    pub path: String,
    /// The role that gives the right, for example `partner_admin`.
    pub role: String,
    pub right: Right,
}

/// The kind of a caller.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum CallerKind {
    /// A person, signed in with a password, a session or a token.
    User,
    /// An API client.
    Client,
}

/// The user or API client that sends a request.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// The user or client.
    pub id: Id,
    /// User or client.
    pub kind: CallerKind,
    /// Login or client id, for error messages and the request log.
    pub name: String,
    /// The caller's own tenant.
    pub tenant_id: Id,
    /// The caller's rights.
    pub grants: Vec<Grant>,
    /// Whether the request has an access token. Some calls accept nothing else.
    pub bearer: bool,
}

impl Caller {
    /// The strongest right in the tenant at this path, if any.
    pub(crate) fn right_over(&self, path: &str) -> Option<Right> {
        self.grant_over(path).map(|grant| grant.right)
    }

    /// The grant with the strongest right in the tenant at this path.
    pub(crate) fn grant_over(&self, path: &str) -> Option<&Grant> {
        self.grants
            .iter()
            .filter(|grant| path.starts_with(&grant.path))
            .max_by_key(|grant| grant.right)
    }

    /// Rejects callers without an access token: the platform reserves some calls for OAuth clients.
    pub(crate) fn require_token(&self) -> Result<(), ApiError> {
        if self.bearer {
            return Ok(());
        }
        Err(ApiError::Unauthorized(
            "This call requires an access token (Authorization: Bearer), not a password."
                .to_owned(),
        ))
    }

    /// Rejects all callers except API clients.
    pub(crate) fn require_client(&self) -> Result<(), ApiError> {
        if self.kind == CallerKind::Client {
            return Ok(());
        }
        Err(ApiError::denied("Only API clients are allowed to do this."))
    }
}
