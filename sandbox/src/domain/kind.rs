//! Tenant kinds.

use serde::{Deserialize, Serialize};

/// The kind of a tenant. It determines which parents the tenant can have.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TenantKind {
    /// The top of the platform's tenant tree.
    Root,
    /// A reseller or service provider.
    Partner,
    /// A group of tenants.
    Folder,
    /// An organization with users and machines.
    Customer,
    /// A part of a customer, or a user's personal tenant.
    Unit,
}

impl TenantKind {
    /// The kind in the platform's API.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Partner => "partner",
            Self::Folder => "folder",
            Self::Customer => "customer",
            Self::Unit => "unit",
        }
    }

    /// Parses a kind as the platform's API names it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        [
            Self::Root,
            Self::Partner,
            Self::Folder,
            Self::Customer,
            Self::Unit,
        ]
        .into_iter()
        .find(|kind| kind.as_str() == text)
    }

    /// Whether a tenant of this kind can be a child of a tenant of the `parent` kind.
    pub(crate) fn may_be_under(self, parent: Self) -> bool {
        match self {
            Self::Root => false,
            Self::Partner | Self::Folder | Self::Customer => {
                matches!(parent, Self::Root | Self::Partner | Self::Folder)
            }
            Self::Unit => matches!(parent, Self::Customer | Self::Unit),
        }
    }
}
