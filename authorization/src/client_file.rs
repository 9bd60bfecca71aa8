//! The file of the API client, and what happens to other files when another client replaces it.

use anyhow::{Context, Result};
use common::{
    Environment, Home, Lossless, SavedTenant, SecretString, UserError,
    auth::ClientCredentials,
    error::rejection_status,
    folder::{API_CLIENT, API_TOKEN, CUSTOMER_TOKEN},
    println,
};

/// Checks that there is no API client yet, or that `--replace` was given.
///
/// # Errors
/// A [`UserError`] if there is one: its secret cannot be retrieved again, so it is not overwritten.
pub fn check_client_file(environment: &Environment) -> Result<(), UserError> {
    if environment.home.has(API_CLIENT) && !environment.replace {
        return Err(UserError::new(
            format!("{API_CLIENT} already exists, and its secret cannot be retrieved again"),
            "Continue with this API client. To create another one, add `-- --replace` to the command.",
        ));
    }
    Ok(())
}

/// Saves a new API client. Copies the file of the previous one, if there is one, under the next free number, and removes its
/// tokens.
///
/// # Errors
/// If a file cannot be read, written or removed.
pub fn save_client(home: &Home, client: &Lossless<ClientCredentials>) -> Result<(), UserError> {
    // Only now: another run may have saved its client in the meantime.
    if home.has(API_CLIENT) {
        let copy = home.keep_copy(API_CLIENT)?;
        println!("The previous API client is kept in {copy}");
    }
    home.remove(CUSTOMER_TOKEN)?;
    home.remove(API_TOKEN)?;
    home.save(API_CLIENT, client)
}

/// With `--replace`, renames each file about an object that does not exist on this platform: it gets the next free number.
/// After a reset of the sandbox, that is all of them.
///
/// # Errors
/// If a file cannot be renamed, or if a call fails for another reason.
pub fn rename_stale_files(
    environment: &Environment,
    login: &str,
    password: &SecretString,
) -> Result<()> {
    let Environment {
        home,
        http,
        replace,
    } = environment;
    let files = [
        ("partner.json", "/api/2/tenants"),
        ("customer.json", "/api/2/tenants"),
        ("user.json", "/api/2/users"),
    ];
    for (file, list) in files.iter().filter(|_| *replace) {
        // A file that is missing or broken is reported by the example that needs it.
        let Ok(saved) = home.load::<SavedTenant>(file) else {
            continue;
        };
        let found = http
            .get(&format!("{list}/{}", saved.id))
            .basic_auth(login, password)
            .send();
        match found {
            Err(error) if is_unknown(&error) => {
                let copy = home.keep_copy(file)?;
                home.remove(file)?;
                println!(
                    "The object in {file} does not exist here; the file was renamed to {copy}"
                );
            }
            found => found.with_context(|| format!("check whether {file} is current"))?,
        }
    }
    Ok(())
}

/// Whether an object does not exist, or belongs to another account.
fn is_unknown(error: &anyhow::Error) -> bool {
    rejection_status(error).is_some_and(|status| matches!(status.as_u16(), 403 | 404))
}
