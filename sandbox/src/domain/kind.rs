//! The kinds of tenants.

use serde::{Deserialize, Serialize};

/// What a tenant is, and so where it may be.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TenantKind {
    /// The platform's top.
    Root,
    /// A reseller or service provider.
    Partner,
    /// A group of tenants.
    Folder,
    /// An organisation with users and machines.
    Customer,
    /// A part of a customer; also a user's personal tenant.
    Unit,
}

impl TenantKind {
    /// As the platform writes it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Partner => "partner",
            Self::Folder => "folder",
            Self::Customer => "customer",
            Self::Unit => "unit",
        }
    }

    /// The kind of this name.
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

    /// Whether a tenant of this kind may be directly under one of the other.
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
