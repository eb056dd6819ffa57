//! What leaves the database by time (D24).

use super::error::Result;
use super::sql;
use super::transaction::Tx;
use crate::desk::model::Bounds;

/// What has expired leaves the database.
pub fn forget_expired(tx: &Tx<'_>, bounds: &Bounds, now: i64) -> Result<()> {
    for (text, before) in [
        ("delete from session where expires_at <= ?1", now),
        ("delete from link where expires_at <= ?1", now - bounds.links_kept_secs),
        ("delete from held_link where expires_at <= ?1", now),
        ("delete from asked where at <= ?1", now - bounds.day_secs),
        ("delete from opened where at <= ?1", now - bounds.hour_secs),
        ("delete from deed where at <= ?1", now - bounds.deeds_kept_secs),
        ("delete from signature where at <= ?1", now - bounds.signatures_kept_secs),
    ] {
        sql::run(tx.c, text, [before])?;
    }
    Ok(())
}
