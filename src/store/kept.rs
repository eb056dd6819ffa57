//! Raw mail, as it came: the truth.

use super::error::Result;
use rusqlite::{Connection, OptionalExtension};

/// The kept bytes of a mail, still packed.
pub fn packed(c: &Connection, mail: i64) -> Result<Option<Vec<u8>>> {
    let mut s = c.prepare_cached("select packed from kept where mail = ?")?;
    Ok(s.query_row([mail], |r| r.get(0)).optional()?)
}
