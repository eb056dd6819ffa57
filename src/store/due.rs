//! What the Hour asks: which moments have come, when the next one comes, and which notices wait for theirs.

use super::error::Result;
use super::sql;
use super::transaction::Tx;
use crate::desk::model::Bounds;
use rusqlite::Connection;

/// A notice that was held back: (id, person, ticket, why).
pub type Pending = (i64, i64, Option<i64>, String);

/// Tickets whose `#wait DATE` is over, the longest first.
pub fn waking(c: &Connection, bounds: &Bounds, now: i64) -> Result<Vec<i64>> {
    let text = "select id from ticket
         where status = 'waiting' and wait_until is not null and wait_until <= ?1
         order by wait_until limit ?2";
    sql::all(c, text, (now, sql::count(bounds.hour_tickets_max)), |r| r.get(0))
}

/// Tickets of which somebody is to be reminded, the longest due first.
pub fn reminding(c: &Connection, bounds: &Bounds, now: i64) -> Result<Vec<i64>> {
    let text = "select id from ticket where remind_at is not null and remind_at <= ?1
         order by remind_at limit ?2";
    sql::all(c, text, (now, sql::count(bounds.hour_tickets_max)), |r| r.get(0))
}

/// When the next ticket wakes, is reminded of, or a held notice leaves, which waits for the one summary in a
/// while. `None`: nothing comes.
pub fn next(c: &Connection, bounds: &Bounds, now: i64) -> Result<Option<i64>> {
    let text = "with notice (due_at, free_at) as (
           select p.due_at, ?2 + coalesce((select max(l.created_at) from letter l
             where l.kind = 'summary' and l.person = p.person and l.created_at <= ?1), 0)
           from (select person, min(due_at) as due_at from pending group by person) as p)
         select min(at) from (
           select min(wait_until) as at from ticket where wait_until is not null and status = 'waiting'
           union all select min(remind_at) from ticket where remind_at is not null
           union all select min(case when due_at < free_at then free_at else due_at end) from notice) as x";
    sql::one(c, text, (now, bounds.summary_every_secs), |r| r.get(0))
}

/// Holds a notice back until then (T18, T29, T31).
pub fn hold_back(
    c: &Connection,
    person: i64,
    ticket: Option<i64>,
    why: &str,
    due_at: i64,
    now: i64,
) -> Result<()> {
    let text = "insert into pending (person, ticket, why, created_at, due_at) values (?1, ?2, ?3, ?4, ?5)";
    sql::run(c, text, (person, ticket, why, now, due_at))?;
    Ok(())
}

/// Notices of everybody for whom one is due and who got no summary for a while, oldest first.
pub fn pending_due(c: &Connection, bounds: &Bounds, now: i64) -> Result<Vec<Pending>> {
    let text = "select id, person, ticket, why from pending p
         where person in (select person from pending where due_at <= ?1)
           and not exists (select 1 from letter l where l.kind = 'summary' and l.person = p.person
             and l.created_at > ?2 and l.created_at <= ?1) order by id";
    sql::all(c, text, [now, now - bounds.summary_every_secs], |r| {
        Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?))
    })
}

/// A notice left, or need not any more.
pub fn pending_done(tx: &Tx<'_>, id: i64) -> Result<()> {
    sql::run(tx.c, "delete from pending where id = ?1", [id])?;
    Ok(())
}
