//! The generations of derived keys: numbers and times. The keys themselves are never in the database.

use super::error::Result;
use super::transaction::Tx;
use rusqlite::Connection;

/// (number, since), oldest first.
pub fn all(c: &Connection) -> Result<Vec<(u32, i64)>> {
    let mut s = c.prepare_cached("select id, since from key_generation order by id")?;
    Ok(s.query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?.collect::<std::result::Result<_, _>>()?)
}

/// Begins a generation.
pub fn begin(tx: &Tx<'_>, number: u32, now: i64) -> Result<()> {
    tx.c.execute("insert into key_generation (id, since) values (?, ?)", (number, now))?;
    Ok(())
}

// An old path, for `app`: read in every transaction, so that it stands there.
pub use super::transaction::newest_generation as newest;
