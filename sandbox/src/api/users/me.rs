//! The caller itself.

use axum::Json;
use serde::Serialize;

use super::response::{BasicUser, User, UserStamps};
use crate::clock::Timestamp;
use crate::domain::{Caller, Id, Result, TenantKind};
use crate::store::contact::{Contact, ContactChange};
use crate::store::pricing::Mode;
use crate::store::tenants::{DEFAULT_IDP, Tenant};
use crate::world::World;

/// The caller: a user, or an API client in the same format.
#[derive(Debug, Serialize)]
pub(super) struct Me {
    #[serde(flatten)]
    user: User,
    /// Always null: the sandbox has no one-time passwords.
    login_totp_time: Option<Timestamp>,
    tenant_kind: TenantKind,
    tenant_pricing_model: Mode,
    brand_id: Id,
}

pub(super) async fn me(world: World, caller: Caller) -> Result<Json<Me>> {
    let now = world.clock.now();
    let me = world.store.me(&caller, now)?;
    let user = match me.user {
        Some(user) => User::new(user, me.policies),
        None => client(&caller, &me.tenant)?,
    };
    Ok(Json(Me {
        user,
        login_totp_time: None,
        tenant_kind: me.tenant.kind,
        tenant_pricing_model: me.pricing.mode,
        brand_id: me.tenant.brand_uuid,
    }))
}

/// An API client in the format of a user.
fn client(caller: &Caller, tenant: &Tenant) -> Result<User> {
    Ok(User {
        basic: BasicUser {
            stamps: UserStamps {
                id: caller.id,
                version: 1,
                tenant_id: tenant.id,
                created_at: tenant.created_at,
                updated_at: tenant.created_at,
                deleted_at: None,
                access_policies: Vec::new(),
                origin_id: None,
                origin_external_id: None,
                disable_after: None,
            },
            personal_tenant_id: None,
            login: caller.name.clone(),
            enabled: true,
            session_mfa_status: "passed_or_not_required",
            delivery_channel: "email",
        },
        contact: Contact::new(caller.id, &ContactChange::default(), tenant.created_at),
        activated: true,
        language: tenant.language.clone(),
        business_types: Vec::new(),
        notifications: Vec::new(),
        idp_id: DEFAULT_IDP,
        external_id: None,
        mfa_status: "disabled",
        external_operation_status: None,
        terms_accepted: true,
    })
}
