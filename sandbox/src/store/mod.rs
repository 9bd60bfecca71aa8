//! The store: an SQLite database in a folder or in memory. One module per domain contains its rules and SQL.
//!
//! Each method of [`Store`] is one transaction. When it returns without an error, the change is in the write-ahead log
//! and survives a crash of the process.

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
pub(crate) mod period;
pub(crate) mod plans;
pub(crate) mod pricing;
pub(crate) mod registration_tokens;
pub(crate) mod reports;
pub(crate) mod resources;
pub(crate) mod search;
pub(crate) mod sessions;
pub(crate) mod tasks;
mod tenant_filter;
pub(crate) mod tenants;
pub(crate) mod tokens;
pub(crate) mod usage;
pub(crate) mod users;

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::backup::Backup;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};

use crate::clock::Timestamp;
use crate::domain::Result;

/// The reason why a store cannot be opened. Nothing was changed on disk.
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
    #[error("the state has version {found}, but this sandbox supports versions up to {known}")]
    NewerState { found: usize, known: usize },
    #[error("the state cannot be used: {0}")]
    Database(String),
}

impl OpenError {
    #[expect(
        clippy::needless_pass_by_value,
        reason = "`map_err` passes the error by value"
    )]
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
                "use the newer sandbox that wrote it, or choose another folder with --data"
            }
            Self::Database(_) => {
                "choose another folder with --data, or delete this one to start again"
            }
        }
    }
}

/// Makes [`Backup::step`] copy everything in one step.
const ALL_PAGES: i32 = -1;

/// A handle to the database. Clones share the same database.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    db: Arc<Mutex<Connection>>,
    // The operating system releases the lock when the process ends, even after a crash.
    _lock: Option<Arc<File>>,
}

impl Store {
    /// Opens the state in a folder, which is created if missing and locked until the store is dropped.
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

    /// Creates a state in memory.
    pub(crate) fn in_memory() -> std::result::Result<Self, OpenError> {
        let db = Connection::open_in_memory().map_err(OpenError::database)?;
        Self::prepare(db, None)
    }

    /// Creates a state in memory with a copy of all data.
    pub(crate) fn copy_in_memory(&self) -> std::result::Result<Self, OpenError> {
        let mut copy = Connection::open_in_memory().map_err(OpenError::database)?;
        Backup::new(&self.connection(), &mut copy)
            .and_then(|backup| backup.step(ALL_PAGES))
            .map_err(OpenError::database)?;
        Self::prepare(copy, None)
    }

    fn prepare(
        mut db: Connection,
        lock: Option<Arc<File>>,
    ) -> std::result::Result<Self, OpenError> {
        let version = migrations::check(&db)?;
        // Seeding does not have to wait for the disk: after a power failure, the next start seeds again.
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

    /// Runs a read transaction: the closure sees one state of the database.
    pub(crate) fn read<T>(&self, query: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let mut db = self.connection();
        let snapshot = db.transaction()?;
        query(&snapshot)
    }

    /// Runs a write transaction, which is rolled back if the closure returns an error.
    pub(crate) fn write<T>(&self, change: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        let mut db = self.connection();
        let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let result = change(&transaction)?;
        transaction.commit()?;
        Ok(result)
    }

    // A panic in another call rolled its transaction back, so the connection is still valid.
    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.db.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Deletes all rows and resets the counters of automatic keys.
    pub(crate) fn clear(tx: &Transaction<'_>) -> Result<()> {
        // Check foreign keys at the end of the transaction.
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

    /// Waits for the disk from now on. See [`Store::prepare`] for why seeding does not.
    pub(crate) fn sync_to_disk(&self) -> std::result::Result<(), OpenError> {
        self.connection()
            .execute_batch("PRAGMA synchronous = NORMAL;")
            .map_err(OpenError::database)
    }
}

/// The number of objects in the store.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counts {
    /// Tenants that are not deleted, without personal tenants.
    pub tenants: i64,
    /// Users that are not deleted.
    pub users: i64,
    /// API clients that are not deleted.
    pub clients: i64,
    /// E-mails in the outbox.
    pub mails: i64,
}

impl Store {
    /// Counts the objects.
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
    /// The time at which all simulated work in progress will be complete; `None` if nothing is in progress.
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

/// Parses a JSON document in a text column.
pub(crate) fn document<T: serde::de::DeserializeOwned>(
    row: &Row<'_>,
    column: usize,
) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(
            column,
            rusqlite::types::Type::Text,
            Box::new(error),
        )
    })
}

/// A value of the `meta` table, which describes the state itself.
pub(crate) fn meta(db: &Connection, key: &str) -> Result<Option<String>> {
    Ok(db
        .prepare_cached("SELECT value FROM meta WHERE key = ?")?
        .query_row([key], |row| row.get(0))
        .optional()?)
}

/// Sets a value of the `meta` table.
pub(crate) fn set_meta(db: &Connection, key: &str, value: &str) -> Result<()> {
    db.execute(
        "INSERT INTO meta (key, value) VALUES (?, ?)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        params![key, value],
    )?;
    Ok(())
}
