//! Sets of commands that `#undo` can take back: what each one changed.

use super::error::Result;
use crate::desk::undo::{self, Deed};
use rusqlite::Connection;

/// Those on a ticket and on the tickets that went into it, oldest first.
pub fn of_ticket(c: &Connection, ticket: i64) -> Result<Vec<Deed>> {
    let mut s = c.prepare_cached(
        "select id, ticket, person, letter, steps, at, undone_at from deed
         where ticket = ?1 or ticket in (select id from ticket where merged_into = ?1) order by id",
    )?;
    let rows = s.query_map([ticket], |r| {
        Ok(Deed {
            id: r.get(0)?,
            ticket: r.get(1)?,
            person: r.get(2)?,
            letter: r.get(3)?,
            steps: undo::read(&r.get::<_, String>(4)?),
            at: r.get(5)?,
            undone: r.get::<_, Option<i64>>(6)?.is_some(),
        })
    })?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
}
