//! What to do about a file that is missing or broken: which example creates it.

use std::path::Path;

use super::{API_CLIENT, API_TOKEN, CUSTOMER_TOKEN, DEFAULTS, SETTINGS};
use crate::error::UserError;

/// A file that one example writes and another one needs.
pub(super) struct SavedFile {
    name: &'static str,
    package: &'static str,
    binary: &'static str,
}

impl SavedFile {
    /// The command that creates it.
    pub(super) fn command(&self) -> String {
        format!("cargo run -p {} --bin {}", self.package, self.binary)
    }
}

#[rustfmt::skip]
const SAVED_FILES: &[SavedFile] = &[
    SavedFile { name: API_CLIENT, package: "authorization", binary: "create_api_client" },
    SavedFile { name: API_TOKEN, package: "authorization", binary: "issue_access_token" },
    SavedFile { name: CUSTOMER_TOKEN, package: "authorization", binary: "issue_customer_scoped_token_for_bc" },
    SavedFile { name: "partner.json", package: "tenants", binary: "create_partner_tenant_and_assign_specific_edition" },
    SavedFile { name: "customer.json", package: "tenants", binary: "create_customer_tenant_and_assign_specific_edition" },
    SavedFile { name: "user.json", package: "users", binary: "create_user_for_customer_activate_assign_backup_user_role" },
];

/// The help for a file that is missing or broken.
pub(super) fn created_by(name: &str) -> String {
    if name == SETTINGS {
        return "Create it with {\"base_url\": \"https://…\"}, the address of your data center, or use another \
                folder with --home or CYBER_PLATFORM_HOME."
            .to_owned();
    }
    saved_file(name).map_or_else(
        || format!("Put {name} into the home folder."),
        |file| format!("Run `{}` first: it creates {name}.", file.command()),
    )
}

/// The file of this name that one example writes and another one needs.
pub(super) fn saved_file(name: &str) -> Option<&'static SavedFile> {
    SAVED_FILES.iter().find(|file| file.name == name)
}

/// The error for a file that exists but cannot be used.
pub(super) fn broken(path: &Path, name: &str, reason: &str) -> UserError {
    let help = match name {
        // The client may still exist, and creating another one would not repair the file.
        API_CLIENT => "Correct the file, or restore it from a copy: it must be one JSON object with the client_id and \
                       client_secret of the API client."
            .to_owned(),
        SETTINGS | DEFAULTS => "Correct the file: it must be one JSON object, saved as UTF-8.".to_owned(),
        name => match saved_file(name) {
            Some(file) => format!("Correct the file, or run `{}` for a new one.", file.command()),
            None => created_by(name),
        },
    };
    UserError::new(format!("{} {reason}", path.display()), help)
}

/// The error for a file or a folder that cannot be written.
pub(super) fn not_writable(message: String) -> UserError {
    UserError::new(
        message,
        "Free disk space or fix the permissions, or use another folder with your settings: --home or CYBER_PLATFORM_HOME.",
    )
}
