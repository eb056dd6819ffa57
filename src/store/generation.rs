//! The generations of derived keys (T81): numbers and times. The keys themselves are never in the database.

use super::error::Result;
use super::sql;
use rusqlite::Connection;

/// The number of the one that is in force, which every transaction reads at its beginning.
pub fn newest(c: &Connection) -> Result<u32> {
    sql::one(c, "select coalesce(max(id), 1) from key_generation", [], |r| r.get(0))
}

/// All of them, oldest first: (number, since).
pub fn all(c: &Connection) -> Result<Vec<(u32, i64)>> {
    sql::all(c, "select id, since from key_generation order by id", [], |r| Ok((r.get(0)?, r.get(1)?)))
}

/// Begins a generation, which seals from now on.
pub fn begin(c: &Connection, number: u32, now: i64) -> Result<()> {
    sql::run(c, "insert into key_generation (id, since) values (?1, ?2)", (number, now))?;
    Ok(())
}
