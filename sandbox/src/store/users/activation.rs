//! Activation e-mails and passwords.

use rusqlite::{Connection, OptionalExtension, params};

use super::access::visible;
use super::row::{SELECT, User, admin_id, from_row};
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Id, Result, Right};
use crate::secrets;
use crate::store::outbox::{self, Message};
use crate::store::{self, Store, tenants};

/// An activation link.
#[derive(Debug)]
pub(crate) struct ActivationLink {
    pub url: String,
    /// The fingerprint of the token in the URL.
    pub fingerprint: String,
}

impl Store {
    /// Sends an activation e-mail. The link of an earlier e-mail becomes invalid.
    pub(crate) fn send_activation(
        &self,
        caller: &Caller,
        id: Id,
        link: &ActivationLink,
        now: Timestamp,
    ) -> Result<()> {
        self.write(|tx| {
            let user = visible(tx, caller, id, Right::Manage)?;
            let home = tenants::find(tx, user.tenant_id)?;
            let is_below = caller.tenant_id != home.id && caller.right_over(&home.path).is_some();
            if !is_below {
                return Err(ApiError::denied(
                    "Activation e-mails can be sent only to users of tenants below the caller's tenant.",
                ));
            }
            let recipient = user.contact.email.as_str();
            if recipient.is_empty() {
                return Err(ApiError::bad("The user has no e-mail address."));
            }
            tx.execute(
                "UPDATE users SET activation = ? WHERE id = ?",
                params![link.fingerprint, id],
            )?;
            outbox::put(
                tx,
                &Message {
                    kind: "activation",
                    recipient,
                    user_id: id,
                    subject: "Activate your account",
                    body: &format!(
                        "Hello {},\n\nyour login is {}. Set a password to activate your account:\n{}\n",
                        user.contact.firstname,
                        user.login,
                        link.url
                    ),
                    link: &link.url,
                },
                now,
            )
        })
    }

    /// The login of the user of an activation link.
    ///
    /// # Errors
    /// 404 if the link is unknown or was used.
    pub(crate) fn activation(&self, token: &str) -> Result<String> {
        self.read(|db| Ok(find_by_link(db, token)?.login))
    }

    /// Sets the password of the user of an activation link, which becomes invalid. Returns the login.
    pub(crate) fn activate(&self, token: &str, password: &str, now: Timestamp) -> Result<String> {
        self.write(|tx| {
            let user = find_by_link(tx, token)?;
            set_password(tx, user.id, password, now)?;
            Ok(user.login)
        })
    }

    /// Sets a user's password, which activates the user.
    pub(crate) fn set_password(
        &self,
        caller: &Caller,
        id: Id,
        password: &str,
        now: Timestamp,
    ) -> Result<()> {
        self.write(|tx| {
            visible(tx, caller, id, Right::Manage)?;
            set_password(tx, id, password, now)
        })
    }
}

/// Finds the user of an activation link.
fn find_by_link(db: &Connection, token: &str) -> Result<User> {
    db.prepare_cached(&format!(
        "{SELECT} WHERE u.activation = ? AND u.deleted_at IS NULL"
    ))?
    .query_row([secrets::fingerprint(token)], from_row)
    .optional()?
    .ok_or_else(|| {
        ApiError::NotFound("The activation link is invalid or was already used.".to_owned())
    })
}

fn set_password(db: &Connection, user: Id, password: &str, now: Timestamp) -> Result<()> {
    db.execute(
        "UPDATE users SET password = ?, activated = 1, activation = NULL, terms_accepted = 1,
             version = version + 1, updated_at = ? WHERE id = ?",
        params![secrets::hash(password)?, now, user],
    )?;
    // A reset of the sandbox keeps the administrator's current password.
    if user == admin_id() {
        let hash: String =
            db.query_row("SELECT password FROM users WHERE id = ?", [user], |row| {
                row.get(0)
            })?;
        store::set_meta(db, "admin_password", &hash)?;
    }
    Ok(())
}
