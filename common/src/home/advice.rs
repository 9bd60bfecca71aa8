//! What to do about a file that is missing or broken: which example makes it.

use std::path::Path;

use super::{API_CLIENT, API_TOKEN, CUSTOMER_TOKEN, DEFAULTS, SETTINGS};
use crate::error::Mistake;

/// A file that an example leaves and another one needs.
struct Kept {
    name: &'static str,
    package: &'static str,
    binary: &'static str,
}

#[rustfmt::skip]
const KEPT: &[Kept] = &[
    Kept { name: API_CLIENT, package: "authorization", binary: "create_api_client" },
    Kept { name: API_TOKEN, package: "authorization", binary: "issue_access_token" },
    Kept { name: CUSTOMER_TOKEN, package: "authorization", binary: "issue_customer_scoped_token_for_bc" },
    Kept { name: "partner.json", package: "tenants", binary: "create_partner_tenant_and_assign_specific_edition" },
    Kept { name: "customer.json", package: "tenants", binary: "create_customer_tenant_and_assign_specific_edition" },
    Kept { name: "user.json", package: "users", binary: "create_user_for_customer_activate_assign_backup_user_role" },
];

/// The advice for a file that is missing or broken.
pub(super) fn made_by(name: &str) -> String {
    if name == SETTINGS {
        return format!("Copy {SETTINGS} of the checkout there, or unset CYBER_PLATFORM_HOME.");
    }
    KEPT.iter().find(|kept| kept.name == name).map_or_else(
        || format!("Put {name} there."),
        |kept| {
            format!(
                "Run `cargo run -p {} --bin {}` first: it makes {name}.",
                kept.package, kept.binary
            )
        },
    )
}

/// Where a file that is there cannot be used.
pub(super) fn broken(path: &Path, name: &str, how: &str) -> Mistake {
    let advice = match name {
        // It is not overwritten, so it has to go first.
        API_CLIENT => format!("Move it away. {}", made_by(name)),
        SETTINGS | DEFAULTS => "Correct the file: it holds one JSON object of texts.".to_owned(),
        name => made_by(name),
    };
    Mistake::new(format!("{} {how}", path.display()), advice)
}

/// Where a file or home itself cannot be written.
pub(super) fn not_writable(what: String) -> Mistake {
    Mistake::new(
        what,
        "Make room or grant yourself the right to write there, or set CYBER_PLATFORM_HOME to another folder with \
         your settings.",
    )
}
