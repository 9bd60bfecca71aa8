//! The mails the platform would have sent. They stay here; who tests reads them under `/_sandbox`.

use rusqlite::{Connection, params};
use serde::Serialize;

use super::Store;
use crate::clock::Timestamp;
use crate::domain::{Id, Result};

/// A mail to be sent.
#[derive(Debug)]
pub(crate) struct Message<'a> {
    /// What it is about: `activation`.
    pub kind: &'a str,
    /// Whom it goes to.
    pub recipient: &'a str,
    /// The user it is for.
    pub user_id: Id,
    /// The line above.
    pub subject: &'a str,
    /// The text.
    pub body: &'a str,
    /// The link in it.
    pub link: &'a str,
}

/// A mail in the outbox.
#[derive(Debug, Serialize)]
pub struct Sent {
    /// UUID.
    pub id: Id,
    /// When it was sent.
    pub created_at: Timestamp,
    /// What it is about.
    pub kind: String,
    /// Whom it went to.
    pub to: String,
    /// The user it was for.
    pub user_id: Option<Id>,
    /// The line above.
    pub subject: String,
    /// The text.
    pub body: String,
    /// The link in it.
    pub link: Option<String>,
}

/// Sends a mail, which is to say: keeps it.
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
    /// All mails, oldest first.
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
