//! How the parts of the daemon are, as the last one wrote it down.

use super::error::Result;
use super::sql;
use super::transaction::Tx;
use rusqlite::Connection;

/// Writes how a part is: good or not, and in words for operators.
pub fn set(tx: &Tx<'_>, part: &str, good: bool, detail: &str, now: i64) -> Result<()> {
    let text = "insert into health (part, good, detail, at) values (?1, ?2, ?3, ?4)
         on conflict (part) do update set good = excluded.good, detail = excluded.detail,
           at = excluded.at";
    sql::run(tx.c, text, (part, good, detail, now))?;
    Ok(())
}

/// All parts: (part, good, in words, since when).
pub fn all(c: &Connection) -> Result<Vec<(String, bool, String, i64)>> {
    let text = "select part, good, detail, at from health order by part";
    sql::all(c, text, [], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)))
}
