//! Activation mails and passwords.

use rusqlite::{Connection, OptionalExtension, params};

use super::{SELECT, User, from_row, visible};
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Id, Result, Right};
use crate::secrets;
use crate::store::outbox::{self, Message};
use crate::store::{self, Store, contact, tenants};

/// An activation mail: whom it goes to and the token in its link.
#[derive(Debug)]
pub(crate) struct Mail {
    /// The link in it.
    pub link: String,
    /// Fingerprint of the token in the link.
    pub token: String,
}

impl Store {
    /// Puts an activation mail in the outbox; the link of an earlier one works no more.
    pub(crate) fn send_activation(
        &self,
        caller: &Caller,
        id: Id,
        mail: &Mail,
        now: Timestamp,
    ) -> Result<()> {
        self.write(|tx| {
            let user = visible(tx, caller, id, Right::Manage)?;
            let home = tenants::find(tx, user.tenant_id)?;
            let below = caller.tenant_id != home.id && caller.right_over(&home.path).is_some();
            if !below {
                return Err(ApiError::denied(
                    "Activation mails go to users of tenants below the caller's own.",
                ));
            }
            let recipient = contact::text(&user.contact, "email");
            if recipient.is_empty() {
                return Err(ApiError::bad("The user has no e-mail address."));
            }
            tx.execute(
                "UPDATE users SET activation = ? WHERE id = ?",
                params![mail.token, id],
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
                        contact::text(&user.contact, "firstname"),
                        user.login,
                        mail.link
                    ),
                    link: &mail.link,
                },
                now,
            )
        })
    }

    /// The login that an activation link is for; 404 if it was used or is none.
    pub(crate) fn activation(&self, token: &str) -> Result<String> {
        self.read(|db| Ok(awaiting(db, token)?.login))
    }

    /// Sets the password of whoever the activation link is for. The link is used up.
    pub(crate) fn activate(&self, token: &str, password: &str, now: Timestamp) -> Result<String> {
        self.write(|tx| {
            let user = awaiting(tx, token)?;
            set_password(tx, user.id, password, now)?;
            Ok(user.login)
        })
    }

    /// Sets a user's password and so activates it.
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

fn awaiting(db: &Connection, token: &str) -> Result<User> {
    db.prepare_cached(&format!(
        "{SELECT} WHERE u.activation = ? AND u.deleted_at IS NULL"
    ))?
    .query_row([secrets::fingerprint(token)], from_row)
    .optional()?
    .ok_or_else(|| ApiError::NotFound("The activation link was used, or never sent.".to_owned()))
}

fn set_password(db: &Connection, user: Id, password: &str, now: Timestamp) -> Result<()> {
    db.execute(
        "UPDATE users SET password = ?, activated = 1, activation = NULL, terms_accepted = 1,
             version = version + 1, updated_at = ? WHERE id = ?",
        params![secrets::hash(password)?, now, user],
    )?;
    // Where the sandbox's own administrator gets a new password, a reset keeps that.
    if user == super::admin_id() {
        let kept: String =
            db.query_row("SELECT password FROM users WHERE id = ?", [user], |row| {
                row.get(0)
            })?;
        store::set_meta(db, "admin_password", &kept)?;
    }
    Ok(())
}
