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
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use crate::clock::Moment;
use crate::error::{Code, Refusal, Result};
use crate::world::Seeding;
use crate::{Options, StartError, secrets, world};

/// A cheap handle to the state.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    db: Arc<Mutex<Connection>>,
    // Held as long as the store lives; the system lets go of it when the process ends, however.
    _lock: Option<Arc<File>>,
}

impl Store {
    /// The state in this folder, made if missing, locked until the store is dropped.
    pub(crate) fn open(folder: &Path) -> std::result::Result<Store, StartError> {
        let unusable = |cause| StartError::Folder {
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
            Err(TryLockError::WouldBlock) => return Err(StartError::Locked(folder.to_owned())),
            Err(TryLockError::Error(cause)) => return Err(unusable(cause)),
        }
        let db = Connection::open(folder.join("state.sqlite")).map_err(StartError::database)?;
        Store::prepare(db, Some(Arc::new(lock)))
    }

    /// A state that ends with the process.
    pub(crate) fn in_memory() -> std::result::Result<Store, StartError> {
        let db = Connection::open_in_memory().map_err(StartError::database)?;
        Store::prepare(db, None)
    }

    fn prepare(
        mut db: Connection,
        lock: Option<Arc<File>>,
    ) -> std::result::Result<Store, StartError> {
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
        .map_err(StartError::database)?;
        migrations::run(&mut db)?;
        Ok(Store {
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

    /// Seeds a fresh state, sets the administrator's password where one is given.
    ///
    /// Answers the administrator's login, and the password if it was set now.
    pub(crate) fn first_start(
        &self,
        options: &Options,
        now: Moment,
    ) -> std::result::Result<(String, Option<String>), StartError> {
        let administrator = self.write(|tx| {
            let seeded = meta(tx, "admin_login")?;
            let password = match (&options.admin_password, &seeded) {
                (Some(given), _) => given.clone(),
                (None, None) => secrets::random(20)?,
                (None, Some(login)) => return Ok((login.clone(), None)),
            };
            let hash = secrets::hash(&password)?;
            let login = match seeded {
                Some(login) => {
                    tx.execute(
                        "UPDATE users SET password = ?, activated = 1 WHERE id = ?",
                        params![hash, world::admin_id()],
                    )?;
                    login
                }
                None => {
                    let seeding = Seeding {
                        seed: options.seed,
                        tenants: options.tenants,
                        admin_login: options.admin_login.clone(),
                        admin_password: hash.clone(),
                        now,
                    };
                    world::seed(tx, &seeding)?;
                    options.admin_login.clone()
                }
            };
            set_meta(tx, "admin_password", &hash)?;
            Ok((login, Some(password)))
        });
        let administrator = administrator
            .map_err(|refusal| StartError::Seed(format!("{refusal} {}", refusal.info())))?;
        self.connection()
            .execute_batch("PRAGMA synchronous = NORMAL;")
            .map_err(StartError::database)?;
        Ok(administrator)
    }

    /// Empties the state and seeds it again; the administrator keeps login and password.
    pub(crate) fn reset(&self, options: &Options, now: Moment) -> Result<()> {
        self.write(|tx| {
            let missing = || Refusal::platform(Code::Internal, "The state was never seeded.");
            let seeding = Seeding {
                seed: options.seed,
                tenants: options.tenants,
                admin_login: meta(tx, "admin_login")?.ok_or_else(missing)?,
                admin_password: meta(tx, "admin_password")?.ok_or_else(missing)?,
                now,
            };
            // References are looked at when all is in again.
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
            // Numbers start where they did, so that the world is the same.
            tx.execute("DELETE FROM sqlite_sequence", [])?;
            world::seed(tx, &seeding)?;
            set_meta(tx, "admin_password", &seeding.admin_password)
        })
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
    pub(crate) fn due(&self, now: Moment) -> Result<Option<Moment>> {
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
