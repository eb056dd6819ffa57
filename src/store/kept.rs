//! Raw mail, as it came: the truth.

use super::error::Result;
use super::sql;
use rusqlite::Connection;

/// The kept bytes of a mail, still packed (zstd). `None`: no such mail, or its bytes were removed by rule.
pub fn packed(c: &Connection, mail: i64) -> Result<Option<Vec<u8>>> {
    sql::first(c, "select packed from kept where mail = ?1", [mail], |r| r.get(0))
}

/// Keeps the packed bytes of a mail. They stand alone in their table, so that reading rows drags none along.
pub fn keep(c: &Connection, mail: i64, packed: &[u8]) -> Result<()> {
    sql::run(c, "insert into kept (mail, packed) values (?1, ?2)", (mail, packed))?;
    Ok(())
}
