//! Tenants in responses.

use serde::Serialize;

use crate::api::Detail;
use crate::api::offering_items::OfferingItem;
use crate::clock::Timestamp;
use crate::domain::{Id, TenantKind};
use crate::store::pricing::Mode;
use crate::store::tenants::{self, Contact, View};
#[derive(Debug, Serialize)]
pub(super) struct Tenant {
    id: Id,
    version: i64,
    name: String,
    customer_type: String,
    parent_id: Id,
    kind: TenantKind,
    contact: Contact,
    contacts: Vec<Contact>,
    enabled: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
    deleted_at: Option<Timestamp>,
    customer_id: Option<String>,
    brand_id: Option<i64>,
    brand_uuid: Id,
    brand_enabled: bool,
    internal_tag: Option<String>,
    language: String,
    owner_id: Option<Id>,
    has_children: bool,
    default_idp_id: Id,
    update_lock: UpdateLock,
    ancestral_access: bool,
    mfa_status: String,
    pricing_mode: Mode,
    production_start_date: Option<Timestamp>,
    /// Always null: the sandbox has no external operations.
    external_operation_status: Option<String>,
}

#[derive(Debug, Serialize)]
struct UpdateLock {
    enabled: bool,
    owner_id: Option<Id>,
}

impl From<View> for Tenant {
    fn from(View { tenant, pricing }: View) -> Self {
        Self {
            id: tenant.id,
            version: tenant.version,
            name: tenant.name,
            customer_type: tenant.customer_type,
            parent_id: tenant.parent_id,
            kind: tenant.kind,
            contact: tenant.contact,
            contacts: Vec::new(),
            enabled: tenant.enabled,
            created_at: tenant.created_at,
            updated_at: tenant.updated_at,
            deleted_at: tenant.deleted_at,
            customer_id: tenant.customer_id,
            brand_id: tenant.brand_id,
            brand_uuid: tenant.brand_uuid,
            brand_enabled: tenant.brand_enabled,
            internal_tag: tenant.internal_tag,
            language: tenant.language,
            owner_id: tenant.owner_id,
            has_children: tenant.has_children,
            default_idp_id: tenant.default_idp_id,
            update_lock: UpdateLock {
                enabled: tenant.lock_owner_id.is_some(),
                owner_id: tenant.lock_owner_id,
            },
            ancestral_access: tenant.ancestral_access,
            mfa_status: tenant.mfa_status,
            pricing_mode: pricing.mode,
            production_start_date: pricing.production_start_date,
            external_operation_status: None,
        }
    }
}

/// A child of a tenant: only its id, or all of its fields.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Child {
    Id(Id),
    Tenant(Box<Tenant>),
}

/// A tenant in a batch, in the requested level of detail.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum ListedTenant {
    Stamps {
        id: Id,
        version: i64,
        parent_id: Id,
        created_at: Timestamp,
        updated_at: Timestamp,
        deleted_at: Option<Timestamp>,
        contacts: Vec<Contact>,
        offering_items: Vec<OfferingItem>,
    },
    Basic {
        id: Id,
        version: i64,
        name: String,
        parent_id: Id,
        kind: TenantKind,
        enabled: bool,
        created_at: Timestamp,
        updated_at: Timestamp,
        deleted_at: Option<Timestamp>,
        contacts: Vec<Contact>,
        offering_items: Vec<OfferingItem>,
    },
    Full {
        #[serde(flatten)]
        tenant: Box<Tenant>,
        barrier: i64,
        offering_items: Vec<OfferingItem>,
    },
}

impl ListedTenant {
    /// `contacts` and `offering_items` are empty unless the caller requested them.
    pub(super) fn new(
        view: View,
        detail: Detail,
        contacts: Vec<Contact>,
        offering_items: Vec<OfferingItem>,
    ) -> Self {
        let barrier = barrier(&view.tenant);
        let tenant = Tenant {
            contacts,
            ..Tenant::from(view)
        };
        match detail {
            Detail::Stamps => Self::Stamps {
                id: tenant.id,
                version: tenant.version,
                parent_id: tenant.parent_id,
                created_at: tenant.created_at,
                updated_at: tenant.updated_at,
                deleted_at: tenant.deleted_at,
                contacts: tenant.contacts,
                offering_items,
            },
            Detail::Basic => Self::Basic {
                id: tenant.id,
                version: tenant.version,
                name: tenant.name,
                parent_id: tenant.parent_id,
                kind: tenant.kind,
                enabled: tenant.enabled,
                created_at: tenant.created_at,
                updated_at: tenant.updated_at,
                deleted_at: tenant.deleted_at,
                contacts: tenant.contacts,
                offering_items,
            },
            Detail::Full => Self::Full {
                tenant: Box::new(tenant),
                barrier,
                offering_items,
            },
        }
    }
}

/// The level of the tree above which ancestors have no access; 0 if support access is on.
fn barrier(tenant: &tenants::Tenant) -> i64 {
    if tenant.ancestral_access {
        0
    } else {
        // The root is level 0 and has depth 2. The parent is one level above the tenant.
        tenants::depth(&tenant.path) - 3
    }
}
