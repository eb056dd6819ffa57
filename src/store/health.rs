//! How the parts of the daemon are.

use super::error::Result;
use super::transaction::Tx;
use rusqlite::Connection;

pub fn set_health(tx: &Tx<'_>, part: &str, good: bool, detail: &str, now: i64) -> Result<()> {
    tx.c.execute(
        "insert or replace into health (part, good, detail, at) values (?, ?, ?, ?)",
        (part, good, detail, now),
    )?;
    Ok(())
}

/// (part, good, detail, at)
pub fn health(c: &Connection) -> Result<Vec<(String, bool, String, i64)>> {
    let mut s = c.prepare_cached("select part, good, detail, at from health order by part")?;
    Ok(s.query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)))?
        .collect::<std::result::Result<_, _>>()?)
}
