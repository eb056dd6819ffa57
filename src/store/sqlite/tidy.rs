//! Room and order in the file, when the desk is idle or the disk is full.

use crate::store::error::Result;
use rusqlite::Connection;

/// Gives back what the log takes, when the disk is full.
pub fn make_room(c: &Connection) {
    // Whoever reads, as a backup does for long, keeps the log: nobody waits for them here.
    let _ = c.busy_timeout(std::time::Duration::ZERO);
    let _ = c.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    let _ = c.busy_timeout(super::open::BUSY);
}

/// Merges search segments in small steps and empties the log; when idle.
pub fn tidy(c: &Connection) -> Result<()> {
    for _ in 0..4 {
        let before = c.total_changes();
        c.execute("insert into words (words, rank) values ('merge', 50)", [])?;
        if c.total_changes() - before < 2 {
            break;
        }
    }
    let _: i64 = c.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |r| r.get(0))?;
    Ok(())
}
