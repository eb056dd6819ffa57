//! The generations of derived keys (T81): numbers and times. The keys themselves are never in the database.

// An old path, for `app`: it is read in every transaction, so that it stands there.
pub use super::transaction::newest_generation as newest;

use super::error::Result;
use super::sql;
use super::transaction::Tx;
use rusqlite::Connection;

/// All of them, oldest first: (number, since).
pub fn all(c: &Connection) -> Result<Vec<(u32, i64)>> {
    sql::all(c, "select id, since from key_generation order by id", [], |r| Ok((r.get(0)?, r.get(1)?)))
}

/// Begins a generation, which seals from now on.
pub fn begin(tx: &Tx<'_>, number: u32, now: i64) -> Result<()> {
    sql::run(tx.c, "insert into key_generation (id, since) values (?1, ?2)", (number, now))?;
    Ok(())
}
