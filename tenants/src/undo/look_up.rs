//! Looks up the objects that the examples have created.

use anyhow::{Context, Result};
use common::{CreatedObject, Id, ObjectKind, Page, Platform, error::rejection_status};
use serde::{Deserialize, de::DeserializeOwned};

use crate::find_by_name;

/// What decides whether and how a tenant is deleted, a part of the response of `GET /api/2/tenants/{id}`.
#[derive(Debug, Deserialize)]
pub struct CreatedTenant {
    /// Its version. A change is rejected unless it names the current one.
    pub version: i64,
    /// Only a disabled tenant can be deleted.
    pub enabled: bool,
    /// Who can change the tenant. Absent if it was never locked.
    pub update_lock: Option<Lock>,
}

/// The lock of a tenant.
#[derive(Debug, Deserialize)]
pub struct Lock {
    /// Whether the tenant is locked.
    pub enabled: bool,
    /// The tenant that has locked it, and is able to unlock it.
    pub owner_id: Option<Id>,
}

/// What decides how a user is deleted, a part of the response of `GET /api/2/users/{id}`.
#[derive(Debug, Deserialize)]
pub struct CreatedUser {
    /// Its id.
    pub id: Id,
    /// The name with which the user signs in.
    pub login: String,
    /// Its version. A change is rejected unless it names the current one.
    pub version: i64,
    /// The vendor's guide says that only a disabled user can be deleted.
    pub enabled: bool,
    /// The tenant of the user's machines, which is deleted with the user. Only users of customers have one.
    pub personal_tenant_id: Option<Id>,
}

/// An object whose deletion names its version, such as the response of `GET /api/2/reports/{id}`.
#[derive(Debug, Deserialize)]
pub struct Versioned {
    /// Its version.
    pub version: i64,
}

/// Reads an object. `None` if it does not exist.
pub(super) fn read<T: DeserializeOwned>(platform: &Platform, path: &str) -> Result<Option<T>> {
    match platform.get(path).fetch() {
        Ok(object) => Ok(Some(object)),
        Err(error) if is_not_found(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

pub(super) fn is_not_found(error: &anyhow::Error) -> bool {
    rejection_status(error).is_some_and(|status| status.as_u16() == 404)
}

/// Finds the id of a tenant. Without a response it is not in the record, so the tenant is found by its name.
pub(super) fn find_tenant(platform: &Platform, object: &CreatedObject) -> Result<Option<Id>> {
    match (&object.id, &object.parent) {
        (Some(id), _) => Ok(Some(id.clone())),
        (None, Some(parent)) => match find_by_name(platform, parent, &object.name) {
            Ok(found) => Ok(found.map(|tenant| tenant.into_inner().id)),
            Err(error) if is_not_found(&error) => Ok(None),
            Err(error) => Err(error),
        },
        (None, None) => Ok(None),
    }
}

/// Finds a user: by its id, or by its login among the users of its tenant.
pub(super) fn find_user(
    platform: &Platform,
    object: &CreatedObject,
) -> Result<Option<CreatedUser>> {
    let user = |id: &Id| read::<CreatedUser>(platform, &format!("/api/2/users/{id}"));
    if let Some(id) = &object.id {
        return user(id);
    }
    let Some(tenant) = &object.parent else {
        return Ok(None);
    };
    let users: Option<Page<Id>> = read(platform, &format!("/api/2/tenants/{tenant}/users"))?;
    for id in users.iter().flat_map(|users| &users.items) {
        if let Some(user) = user(id)?.filter(|user| user.login == object.name) {
            return Ok(Some(user));
        }
    }
    Ok(None)
}

/// The tenants and users that are directly inside a tenant.
pub(super) fn contents(platform: &Platform, tenant: &Id) -> Result<Vec<(ObjectKind, Id)>> {
    let list = |part: &str| -> Result<Page<Id>> {
        let call = platform.get(&format!("/api/2/tenants/{tenant}/{part}"));
        call.fetch()
            .with_context(|| format!("list the {part} of a tenant"))
    };
    let tenants = list("children")?.items.into_iter();
    let users = list("users")?.items.into_iter();
    let tenants = tenants.map(|id| (ObjectKind::Tenant, id));
    Ok(tenants
        .chain(users.map(|id| (ObjectKind::User, id)))
        .collect())
}
