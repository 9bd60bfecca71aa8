//! The state: SQLite, in a folder or in memory. Rules and SQL of one domain per file.
//!
//! A method of [`Store`] is one transaction. What it answers with a success is in the write-ahead
//! log by then, so that it survives the end of the process, however it comes.

pub(crate) mod agents;
pub(crate) mod alerts;
pub(crate) mod applications;
pub(crate) mod clients;
mod clock;
pub(crate) mod contact;
pub(crate) mod editions;
mod migrations;
pub(crate) mod offering_items;
pub(crate) mod outbox;
pub(crate) mod plans;
pub(crate) mod pricing;
pub(crate) mod registration_tokens;
pub(crate) mod reports;
pub(crate) mod resources;
pub(crate) mod search;
pub(crate) mod sessions;
pub(crate) mod tasks;
pub(crate) mod tenants;
pub(crate) mod tokens;
pub(crate) mod usage;
pub(crate) mod users;

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use crate::clock::Timestamp;
use crate::domain::Result;

/// Why a state cannot be opened. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the message of each says what it is")]
pub enum OpenError {
    #[error("the state folder {} cannot be used: {cause}", folder.display())]
    Folder {
        folder: PathBuf,
        cause: std::io::Error,
    },
    #[error("the state folder {} is in use by another sandbox", .0.display())]
    Locked(PathBuf),
    #[error("the state is of version {found}, this sandbox knows versions up to {known}")]
    NewerState { found: usize, known: usize },
    #[error("the state cannot be used: {0}")]
    Database(String),
}

impl OpenError {
    #[expect(clippy::needless_pass_by_value, reason = "as map_err hands it over")]
    fn database(error: rusqlite::Error) -> Self {
        Self::Database(error.to_string())
    }

    /// What the user can do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Folder { .. } => "choose another folder with --data, or use --ephemeral",
            Self::Locked(_) => {
                "stop the other sandbox, choose another folder with --data, or use --ephemeral"
            }
            Self::NewerState { .. } => {
                "use the newer sandbox that made it, or another folder with --data"
            }
            Self::Database(_) => {
                "choose another folder with --data, or delete this one to start afresh"
            }
        }
    }
}

/// A cheap handle to the state.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    db: Arc<Mutex<Connection>>,
    // Held as long as the store lives; the system lets go of it when the process ends, however.
    _lock: Option<Arc<File>>,
}

impl Store {
    /// The state in this folder, made if missing, locked until the store is dropped.
    pub(crate) fn open(folder: &Path) -> std::result::Result<Self, OpenError> {
        let unusable = |cause| OpenError::Folder {
            folder: folder.to_owned(),
            cause,
        };
        std::fs::create_dir_all(folder).map_err(unusable)?;
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(folder.join("sandbox.lock"))
            .map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(OpenError::Locked(folder.to_owned())),
            Err(TryLockError::Error(cause)) => return Err(unusable(cause)),
        }
        let db = Connection::open(folder.join("state.sqlite")).map_err(OpenError::database)?;
        Self::prepare(db, Some(Arc::new(lock)))
    }

    /// A state that ends with the process.
    pub(crate) fn in_memory() -> std::result::Result<Self, OpenError> {
        let db = Connection::open_in_memory().map_err(OpenError::database)?;
        Self::prepare(db, None)
    }

    fn prepare(
        mut db: Connection,
        lock: Option<Arc<File>>,
    ) -> std::result::Result<Self, OpenError> {
        let version = migrations::check(&db)?;
        // Nothing in a fresh state is worth waiting for the disk: a power cut before its first start is over leaves
        // nothing, or what is made again.
        let synchronous = if version == 0 { "OFF" } else { "NORMAL" };
        db.execute_batch(&format!(
            "PRAGMA synchronous = {synchronous};
             PRAGMA journal_mode = WAL;
             PRAGMA foreign_keys = ON;
             PRAGMA temp_store = MEMORY;"
        ))
        .map_err(OpenError::database)?;
        migrations::run(&mut db)?;
        Ok(Self {
            db: Arc::new(Mutex::new(db)),
            _lock: lock,
        })
    }

    /// Looks something up, all of it at one moment.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let mut db = self.connection();
        let view = db.transaction()?;
        look(&view)
    }

    /// Changes something: all of it, or nothing if it is refused.
    pub(crate) fn write<T>(&self, change: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        let mut db = self.connection();
        let work = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = change(&work)?;
        work.commit()?;
        Ok(done)
    }

    // A panic elsewhere rolled its transaction back: the connection is as good as before.
    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.db.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Deletes all rows, and starts the numbers of new ones where a fresh state does.
    pub(crate) fn clear(tx: &Transaction<'_>) -> Result<()> {
        // References are checked at the end of the transaction.
        tx.execute_batch("PRAGMA defer_foreign_keys = ON;")?;
        let tables: Vec<String> = tx
            .prepare(
                "SELECT name FROM sqlite_schema WHERE type = 'table' \
                 AND name NOT LIKE 'sqlite!_%' ESCAPE '!'",
            )?
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        for table in tables {
            tx.execute(&format!("DELETE FROM \"{table}\""), [])?;
        }
        tx.execute("DELETE FROM sqlite_sequence", [])?;
        Ok(())
    }

    /// Waits for the disk from here on. Seeding a fresh state does not: see [`Store::prepare`].
    pub(crate) fn sync_to_disk(&self) -> std::result::Result<(), OpenError> {
        self.connection()
            .execute_batch("PRAGMA synchronous = NORMAL;")
            .map_err(OpenError::database)
    }
}

/// How much there is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counts {
    /// Tenants that are not deleted, personal ones left out.
    pub tenants: i64,
    /// Users that are not deleted.
    pub users: i64,
    /// API clients that are not deleted.
    pub clients: i64,
    /// Mails in the outbox.
    pub mails: i64,
}

impl Store {
    /// How much there is.
    pub(crate) fn counts(&self) -> Result<Counts> {
        self.read(|db| {
            Ok(db.query_row(
                "SELECT
                     (SELECT count(*) FROM tenants WHERE deleted_at IS NULL AND owner_id IS NULL),
                     (SELECT count(*) FROM users WHERE deleted_at IS NULL),
                     (SELECT count(*) FROM clients WHERE deleted_at IS NULL),
                     (SELECT count(*) FROM mails)",
                [],
                |row| {
                    Ok(Counts {
                        tenants: row.get(0)?,
                        users: row.get(1)?,
                        clients: row.get(2)?,
                        mails: row.get(3)?,
                    })
                },
            )?)
        })
    }
}

impl Store {
    /// When the last piece of work that is under way at this moment will be done; `None` if there is none.
    pub(crate) fn due(&self, now: Timestamp) -> Result<Option<Timestamp>> {
        self.read(|db| {
            let due = [
                agents::due(db, now)?,
                plans::due(db, now)?,
                reports::due(db, now)?,
                tasks::due(db, now)?,
            ];
            Ok(due.into_iter().flatten().max())
        })
    }
}

/// A value the state keeps about itself.
pub(crate) fn meta(db: &Connection, key: &str) -> Result<Option<String>> {
    Ok(db
        .prepare_cached("SELECT value FROM meta WHERE key = ?")?
        .query_row([key], |row| row.get(0))
        .optional()?)
}

/// Keeps a value about the state itself.
pub(crate) fn set_meta(db: &Connection, key: &str, value: &str) -> Result<()> {
    db.execute(
        "INSERT INTO meta (key, value) VALUES (?, ?)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        params![key, value],
    )?;
    Ok(())
}
