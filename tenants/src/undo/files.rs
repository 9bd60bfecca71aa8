//! The saved files about objects that no longer exist.

use std::collections::BTreeSet;

use common::{
    Id, Platform, SavedTenant, UserError,
    auth::ClientCredentials,
    folder::{API_CLIENT, CUSTOMER_TOKEN, INSTALLATION_TOKEN},
};

/// The files about an object, each with those that depend on it.
const FILES: [(&str, &[&str]); 5] = [
    ("partner.json", &[]),
    ("partner_all_editions.json", &[]),
    ("partner_user.json", &[]),
    (
        "customer.json",
        &[
            CUSTOMER_TOKEN,
            "customer_offering_items.json",
            "plan_creation_response.json",
        ],
    ),
    ("user.json", &[INSTALLATION_TOKEN]),
];

/// Removes the saved files about these objects, also those with a number, and returns their names.
///
/// # Errors
/// A [`UserError`] if a file cannot be removed.
pub fn remove_files_about(
    platform: &Platform,
    deleted: &BTreeSet<Id>,
) -> Result<Vec<String>, UserError> {
    let files = files_about(platform, deleted);
    for file in &files {
        platform.remove(file)?;
    }
    Ok(files)
}

/// The saved files about these objects, also those with a number.
pub(super) fn files_about(platform: &Platform, deleted: &BTreeSet<Id>) -> Vec<String> {
    let home = platform.home();
    let mut files = Vec::new();
    // The copies of earlier API clients hold their secrets. The client of this run is deleted last, with its file.
    for file in home.with_previous(API_CLIENT) {
        let client = home.load::<ClientCredentials>(&file).ok();
        let client = client.map(|client| client.client_id);
        if file != API_CLIENT && deleted.iter().any(|id| client.as_deref() == Some(&**id)) {
            files.push(file);
        }
    }
    for (name, dependent) in FILES {
        for file in home.with_previous(name) {
            // A file without an id is about nothing that was deleted.
            let object = home.load::<SavedTenant>(&file).ok();
            if !object.is_some_and(|object| deleted.contains(&object.id)) {
                continue;
            }
            let also = dependent.iter().filter(|_| file == name);
            let also = also.map(|name| (*name).to_owned());
            files.extend([file.clone()].into_iter().chain(also));
        }
    }
    files.retain(|file| home.has(file));
    files
}
