//! What leaves the database by time (D24).

use super::error::Result;
use super::transaction::Tx;

/// D24: what has expired leaves the database.
pub fn forget_expired(tx: &Tx<'_>, now: i64) -> Result<()> {
    tx.c.execute("delete from session where expires_at <= ?", [now])?;
    tx.c.execute("delete from link where expires_at <= ? - 86400", [now])?;
    tx.c.execute("delete from held_link where expires_at <= ?", [now])?;
    tx.c.execute("delete from asked where at <= ? - 86400", [now])?;
    tx.c.execute("delete from opened where at <= ? - 3600", [now])?;
    // A set of commands can be taken back for a day; on the next one it is still told that it was too late.
    tx.c.execute("delete from deed where at <= ? - 2 * 86400", [now])?;
    // T107: an older signature is refused for its Date.
    tx.c.execute("delete from signature where at <= ? - 10 * 86400", [now])?;
    Ok(())
}
