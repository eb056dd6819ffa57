//! What leaves the database by time (D24).

use super::error::Result;
use super::sql;
use super::transaction::Tx;

/// What has expired leaves the database.
pub fn forget_expired(tx: &Tx<'_>, now: i64) -> Result<()> {
    let day = 86_400;
    for (text, before) in [
        ("delete from session where expires_at <= ?1", now),
        ("delete from link where expires_at <= ?1", now - day),
        ("delete from held_link where expires_at <= ?1", now),
        ("delete from asked where at <= ?1", now - day),
        ("delete from opened where at <= ?1", now - 3600),
        // A set of commands can be taken back for a day; on the next one it is still told that it was too
        // late.
        ("delete from deed where at <= ?1", now - 2 * day),
        // T107: an older signature is refused for its Date.
        ("delete from signature where at <= ?1", now - 10 * day),
    ] {
        sql::run(tx.c, text, [before])?;
    }
    Ok(())
}
