//! The e-mails that the platform would send. The sandbox stores them for `/_sandbox/outbox`.

use rusqlite::{Connection, params};
use serde::Serialize;

use super::Store;
use crate::clock::Timestamp;
use crate::domain::{Id, Result};

/// An e-mail to send.
#[derive(Debug)]
pub(crate) struct Message<'a> {
    /// The type of the e-mail: `activation`.
    pub kind: &'a str,
    /// The recipient's address.
    pub recipient: &'a str,
    /// The user that the e-mail is about.
    pub user_id: Id,
    /// The subject line.
    pub subject: &'a str,
    /// The text of the e-mail.
    pub body: &'a str,
    /// The link in the text.
    pub link: &'a str,
}

/// An e-mail in the outbox.
#[derive(Debug, Serialize)]
pub struct Sent {
    /// UUID.
    pub id: Id,
    /// The time at which the e-mail was sent.
    pub created_at: Timestamp,
    /// The type of the e-mail: `activation`.
    pub kind: String,
    /// The recipient's address.
    pub to: String,
    /// The user that the e-mail is about.
    pub user_id: Option<Id>,
    /// The subject line.
    pub subject: String,
    /// The text of the e-mail.
    pub body: String,
    /// The link in the text.
    pub link: Option<String>,
}

/// Adds an e-mail to the outbox.
pub(crate) fn put(db: &Connection, message: &Message<'_>, now: Timestamp) -> Result<()> {
    db.execute(
        "INSERT INTO mails (id, created_at, kind, recipient, user_id, subject, body, link)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            Id::random(),
            now,
            message.kind,
            message.recipient,
            message.user_id,
            message.subject,
            message.body,
            message.link,
        ],
    )?;
    Ok(())
}

impl Store {
    /// All e-mails in the outbox, oldest first.
    pub(crate) fn mails(&self) -> Result<Vec<Sent>> {
        self.read(|db| {
            Ok(db
                .prepare_cached(
                    "SELECT id, created_at, kind, recipient, user_id, subject, body, link
                     FROM mails ORDER BY number",
                )?
                .query_map([], |row| {
                    Ok(Sent {
                        id: row.get(0)?,
                        created_at: row.get(1)?,
                        kind: row.get(2)?,
                        to: row.get(3)?,
                        user_id: row.get(4)?,
                        subject: row.get(5)?,
                        body: row.get(6)?,
                        link: row.get(7)?,
                    })
                })?
                .collect::<rusqlite::Result<_>>()?)
        })
    }
}
