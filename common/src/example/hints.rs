//! What to do about a rejected call, if the settings and files show more than the call.

use reqwest::StatusCode;

use crate::{
    auth::ApiClient,
    error::{ApiError, Credential},
    folder::Home,
};

/// Adds the hint to an error, if there is one.
pub(super) fn explain(
    mut error: anyhow::Error,
    address: &str,
    home: Option<&Home>,
) -> anyhow::Error {
    if let Some(rejected) = error.downcast_mut::<ApiError>() {
        rejected.hint = hint(rejected, address, home);
    }
    error
}

fn hint(rejected: &ApiError, address: &str, home: Option<&Home>) -> Option<String> {
    match rejected.credential {
        Credential::Client if rejected.is_client_rejected() => Some(format!(
            "{address} does not accept the API client in api_client.json: it was deleted or disabled, its secret was reset, \
             it belongs to another data center, or the sandbox was reset. Check base_url. If it is right, run `cargo run -p \
             authorization --bin create_api_client -- --replace` for a new one."
        )),
        Credential::Token => home?
            .help_for_stale_file(&rejected.path, rejected.status)
            .or_else(|| help_for_own_tenant(rejected, home?)),
        _ => None,
    }
}

/// What to do if the platform does not find the tenant that `api_client.json` names.
fn help_for_own_tenant(rejected: &ApiError, home: &Home) -> Option<String> {
    let own = ApiClient::load(home).ok()?.tenant_id?;
    let is_named = rejected.path.split('/').any(|part| *own == *part);
    (is_named && rejected.status == StatusCode::NOT_FOUND).then(|| {
        "The tenant_id in api_client.json may be wrong. Remove it, and it is looked up. Check base_url, too.".to_owned()
    })
}
