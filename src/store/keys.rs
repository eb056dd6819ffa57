//! The generations of derived keys: numbers and times. The keys themselves are never in the database.

use super::{Result, Tx};
use rusqlite::Connection;

/// The number of the generation in force.
pub fn newest(c: &Connection) -> Result<u32> {
    Ok(c.prepare_cached("select coalesce(max(id), 1) from key_generation")?.query_row([], |r| r.get(0))?)
}

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
