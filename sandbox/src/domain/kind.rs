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
            TenantKind::Root => "root",
            TenantKind::Partner => "partner",
            TenantKind::Folder => "folder",
            TenantKind::Customer => "customer",
            TenantKind::Unit => "unit",
        }
    }

    /// The kind of this name.
    pub(crate) fn parse(text: &str) -> Option<TenantKind> {
        [
            TenantKind::Root,
            TenantKind::Partner,
            TenantKind::Folder,
            TenantKind::Customer,
            TenantKind::Unit,
        ]
        .into_iter()
        .find(|kind| kind.as_str() == text)
    }

    /// Whether a tenant of this kind may be directly under one of the other.
    pub(crate) fn may_be_under(self, parent: TenantKind) -> bool {
        match self {
            TenantKind::Root => false,
            TenantKind::Partner | TenantKind::Folder | TenantKind::Customer => {
                matches!(
                    parent,
                    TenantKind::Root | TenantKind::Partner | TenantKind::Folder
                )
            }
            TenantKind::Unit => matches!(parent, TenantKind::Customer | TenantKind::Unit),
        }
    }
}
