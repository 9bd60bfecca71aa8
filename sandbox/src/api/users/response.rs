//! Users in responses.

use serde::Serialize;

use crate::api::Detail;
use crate::clock::Timestamp;
use crate::domain::Id;
use crate::store::contact::Contact;
use crate::store::users::{self, Policy};
#[derive(Debug, Serialize)]
pub(in crate::api) struct User {
    #[serde(flatten)]
    pub(super) basic: BasicUser,
    pub(super) contact: Contact,
    pub(super) activated: bool,
    pub(super) language: String,
    pub(super) business_types: Vec<String>,
    pub(super) notifications: Vec<String>,
    pub(super) idp_id: Id,
    // The platform declares this field a string, so it is left out instead of null.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) external_id: Option<String>,
    pub(super) mfa_status: &'static str,
    /// Always null: the sandbox has no external operations.
    pub(super) external_operation_status: Option<String>,
    pub(super) terms_accepted: bool,
}

/// The fields of a user in lists with `lod=basic`.
#[derive(Debug, Serialize)]
pub(super) struct BasicUser {
    #[serde(flatten)]
    pub(super) stamps: UserStamps,
    pub(super) personal_tenant_id: Option<Id>,
    pub(super) login: String,
    pub(super) enabled: bool,
    pub(super) session_mfa_status: &'static str,
    pub(super) delivery_channel: &'static str,
}

/// The fields of a user in lists with `lod=stamps`.
#[derive(Debug, Serialize)]
pub(super) struct UserStamps {
    pub(super) id: Id,
    pub(super) version: i64,
    pub(super) tenant_id: Id,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
    pub(super) deleted_at: Option<Timestamp>,
    pub(super) access_policies: Vec<AccessPolicy>,
    pub(super) origin_id: Option<String>,
    pub(super) origin_external_id: Option<String>,
    pub(super) disable_after: Option<Timestamp>,
}

impl User {
    pub(in crate::api) fn new(user: users::User, policies: Vec<Policy>) -> Self {
        Self {
            basic: BasicUser {
                stamps: UserStamps {
                    id: user.id,
                    version: user.version,
                    tenant_id: user.tenant_id,
                    created_at: user.created_at,
                    updated_at: user.updated_at,
                    deleted_at: user.deleted_at,
                    access_policies: policies.into_iter().map(AccessPolicy::from).collect(),
                    origin_id: user.origin_id,
                    origin_external_id: user.origin_external_id,
                    disable_after: user.disable_after,
                },
                personal_tenant_id: user.personal_tenant_id,
                login: user.login,
                enabled: user.enabled,
                session_mfa_status: "passed_or_not_required",
                delivery_channel: "email",
            },
            contact: user.contact,
            activated: user.activated,
            language: user.language,
            business_types: user.business_types,
            notifications: user.notifications,
            idp_id: user.idp_id,
            external_id: user.external_id,
            mfa_status: "disabled",
            external_operation_status: None,
            terms_accepted: user.terms_accepted,
        }
    }
}

/// A user in a list, in the requested level of detail.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum ListedUser {
    Stamps(UserStamps),
    Basic(BasicUser),
    Full(Box<User>),
}

impl ListedUser {
    pub(super) fn new(user: User, detail: Detail) -> Self {
        match detail {
            Detail::Stamps => Self::Stamps(user.basic.stamps),
            Detail::Basic => Self::Basic(user.basic),
            Detail::Full => Self::Full(Box::new(user)),
        }
    }
}

/// A role of a user in a tenant.
#[derive(Debug, Serialize)]
pub(super) struct AccessPolicy {
    id: Id,
    version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
    /// Always null: a removed role is not kept.
    deleted_at: Option<Timestamp>,
    trustee_id: Id,
    trustee_type: &'static str,
    issuer_id: Id,
    tenant_id: Id,
    role_id: String,
}

impl From<Policy> for AccessPolicy {
    fn from(policy: Policy) -> Self {
        Self {
            id: policy.id,
            version: policy.version,
            created_at: policy.created_at,
            updated_at: policy.updated_at,
            deleted_at: None,
            trustee_id: policy.user_id,
            trustee_type: "user",
            issuer_id: policy.issuer_id,
            tenant_id: policy.tenant_id,
            role_id: policy.role_id,
        }
    }
}
