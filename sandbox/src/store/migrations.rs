//! The database schema, version by version. `PRAGMA user_version` is the version of a database.
//!
//! A released version is never edited. Add a new entry instead.

use rusqlite::Connection;

use super::OpenError;

const MIGRATIONS: &[&str] = &[
    include_str!("schema-1.sql"),
    concat!(
        include_str!("schema-2-access.sql"),
        include_str!("schema-2-machines.sql"),
        include_str!("schema-2-plans.sql"),
        include_str!("schema-2-monitoring.sql"),
    ),
];

/// Returns the version of the database, 0 if it is new.
///
/// # Errors
/// If the version is newer than this sandbox supports.
pub(super) fn check(db: &Connection) -> Result<usize, OpenError> {
    let found = version(db)?;
    if found > MIGRATIONS.len() {
        return Err(OpenError::NewerState {
            found,
            known: MIGRATIONS.len(),
        });
    }
    Ok(found)
}

/// Migrates the database to the newest version.
pub(super) fn run(db: &mut Connection) -> Result<(), OpenError> {
    for (done, sql) in MIGRATIONS.iter().enumerate().skip(version(db)?) {
        let step = db.transaction().map_err(OpenError::database)?;
        step.execute_batch(sql).map_err(OpenError::database)?;
        step.pragma_update(
            None,
            "user_version",
            i64::try_from(done + 1).unwrap_or(i64::MAX),
        )
        .map_err(OpenError::database)?;
        step.commit().map_err(OpenError::database)?;
    }
    Ok(())
}

fn version(db: &Connection) -> Result<usize, OpenError> {
    let version: i64 = db
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(OpenError::database)?;
    Ok(usize::try_from(version).unwrap_or(usize::MAX))
}
