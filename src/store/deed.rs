//! Sets of commands that `#undo` can take back: what each one changed.

use super::error::Result;
use super::sql;
use crate::desk::undo::{self, Deed, Step};
use rusqlite::Connection;

/// Those on a ticket and on the tickets that went into it, oldest first.
pub fn of_ticket(c: &Connection, ticket: i64) -> Result<Vec<Deed>> {
    let text = "select id, ticket, person, letter, steps, at, undone_at is not null from deed
         where ticket = ?1 or ticket in (select id from ticket where merged_into = ?1) order by id";
    sql::all(c, text, [ticket], |r| {
        Ok(Deed {
            id: r.get(0)?,
            ticket: r.get(1)?,
            person: r.get(2)?,
            letter: r.get(3)?,
            steps: undo::read(&r.get::<_, String>(4)?),
            at: r.get(5)?,
            undone: r.get(6)?,
        })
    })
}

/// Remembers what a set of commands changed. `letter`: the result letter that tells of it.
pub fn remember(
    c: &Connection,
    ticket: i64,
    person: Option<i64>,
    letter: Option<i64>,
    steps: &[Step],
    now: i64,
) -> Result<()> {
    let text = "insert into deed (ticket, person, letter, steps, at) values (?1, ?2, ?3, ?4, ?5)";
    sql::run(c, text, (ticket, person, letter, undo::write(steps), now))?;
    Ok(())
}

/// It was taken back.
pub fn undone(c: &Connection, deed: i64, now: i64) -> Result<()> {
    sql::run(c, "update deed set undone_at = ?1 where id = ?2", (now, deed))?;
    Ok(())
}
