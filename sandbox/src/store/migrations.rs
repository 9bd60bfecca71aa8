//! The schema, version by version. `PRAGMA user_version` says which one a database has.
//!
//! What has been released is never edited: a change is one more entry.

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

/// Which version it is, 0 if it is fresh. One newer than this sandbox is refused, before anything in it is touched.
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

/// Brings the database to the newest version.
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
