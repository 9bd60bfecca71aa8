//! The calls that delete an object.

use anyhow::Result;
use common::{
    Id, ObjectKind, Platform,
    folder::{API_CLIENT, API_TOKEN, CUSTOMER_TOKEN, INSTALLATION_TOKEN},
};
use serde_json::json;

use super::{
    look_up::{CreatedTenant, CreatedUser, Versioned, contents, is_not_found, read},
    plan::{Action, Planned, stays},
};
use crate::Tenant;

/// Deletes an object and returns what has happened to it. Reads it first: a change must name the current version.
///
/// # Errors
/// Those of the calls.
pub fn delete_object(platform: &Platform, planned: &Planned) -> Result<Action> {
    let Some(id) = &planned.object.id else {
        return Ok(Action::Gone);
    };
    let name = &planned.object.name;
    match planned.object.kind {
        ObjectKind::Tenant => delete_tenant(platform, id, name),
        ObjectKind::User => delete_user(platform, id, name),
        ObjectKind::Report => delete_report(platform, id, name),
        // What belongs to a tenant or a user is deleted with it.
        ObjectKind::RegistrationToken
        | ObjectKind::Group
        | ObjectKind::Plan
        | ObjectKind::PlanApplication => Ok(planned.action.clone()),
        // An API client has no version.
        ObjectKind::ApiClient => delete(platform, &format!("/api/2/clients/{id}"), None, id, name),
    }
}

fn delete_tenant(platform: &Platform, id: &Id, name: &str) -> Result<Action> {
    let path = format!("/api/2/tenants/{id}");
    let Some(tenant) = read::<CreatedTenant>(platform, &path)? else {
        return Ok(Action::Gone);
    };
    // Everything in the tenant would be deleted with it.
    if !contents(platform, id)?.is_empty() {
        return Ok(stays("it is not empty"));
    }

    // The response to each change contains the next version.
    let mut version = tenant.version;
    if tenant.update_lock.is_some_and(|lock| lock.enabled) {
        let request = json!({ "update_lock": { "enabled": false }, "version": version });
        let unlock = platform.put(&path).json(&request);
        version = unlock.step_on("unlock", name).fetch::<Tenant>()?.version;
    }
    if tenant.enabled {
        let request = json!({ "enabled": false, "version": version });
        let disable = platform.put(&path).json(&request);
        version = disable.step_on("disable", name).fetch::<Tenant>()?.version;
    }
    delete(platform, &path, Some(version), id, name)
}

fn delete_user(platform: &Platform, id: &Id, name: &str) -> Result<Action> {
    let path = format!("/api/2/users/{id}");
    let Some(user) = read::<CreatedUser>(platform, &path)? else {
        return Ok(Action::Gone);
    };
    let mut version = user.version;
    if user.enabled {
        let request = json!({ "enabled": false, "version": version });
        let disable = platform.put(&path).json(&request);
        version = disable
            .step_on("disable", name)
            .fetch::<Versioned>()?
            .version;
    }
    delete(platform, &path, Some(version), id, name)
}

fn delete_report(platform: &Platform, id: &Id, name: &str) -> Result<Action> {
    let path = format!("/api/2/reports/{id}");
    match read::<Versioned>(platform, &path)? {
        Some(report) => delete(platform, &path, Some(report.version), id, name),
        None => Ok(Action::Gone),
    }
}

/// Deletes the API client of this run, and its files. Its tokens are no longer valid.
///
/// # Errors
/// Those of the call; a [`UserError`](common::UserError) if a file cannot be removed.
pub fn delete_client(platform: &Platform, id: &Id) -> Result<()> {
    platform
        .delete(&format!("/api/2/clients/{id}"))
        .step("delete the API client")
        .deletes(id)
        .send()?;
    for file in [API_CLIENT, API_TOKEN, CUSTOMER_TOKEN, INSTALLATION_TOKEN] {
        platform.remove(file)?;
    }
    Ok(())
}

fn delete(
    platform: &Platform,
    path: &str,
    version: Option<i64>,
    id: &Id,
    name: &str,
) -> Result<Action> {
    let mut call = platform.delete(path).step_on("delete", name).deletes(id);
    if let Some(version) = version {
        call = call.query(&[("version", &version.to_string())]);
    }
    match call.send() {
        // Someone else has deleted it in the meantime.
        Err(error) if is_not_found(&error) => Ok(Action::Gone),
        outcome => outcome.map(|()| Action::Deleted),
    }
}
