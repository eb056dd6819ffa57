//! What the Hour asks: which moments have come, when the next one comes, and which notices wait for theirs.

use super::error::Result;
use super::sql;
use super::transaction::Tx;
use crate::desk::model::Bounds;
use rusqlite::Connection;

/// A notice that was held back: (id, person, ticket, why).
pub type Pending = (i64, i64, Option<i64>, String);

/// Notices of a person that are only counted: (person, how many).
pub type More = (i64, i64);

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

/// Tickets that a clock wrote which was ahead, the furthest last (T93).
pub fn ahead(c: &Connection, bounds: &Bounds, now: i64) -> Result<Vec<i64>> {
    let text = "select id from ticket where updated_at > ?1 order by updated_at limit ?2";
    let values = (now + bounds.ahead_secs, sql::count(bounds.hour_tickets_max));
    sql::all(c, text, values, |r| r.get(0))
}

/// When the next ticket wakes, is reminded of, or a held notice leaves, which waits for the one summary in a
/// while. `None`: nothing comes.
pub fn next(c: &Connection, bounds: &Bounds, now: i64) -> Result<Option<i64>> {
    // By the staff, who are few, and not by the notices, which may be many.
    let text = "with notice (due_at, free_at) as (
           select p.due_at, ?2 + coalesce((select max(l.created_at) from letter l
             where l.kind = 'summary' and l.person = p.person and l.created_at <= ?1), 0)
           from (select s.person, (select min(q.due_at) from pending q where q.person = s.person) as due_at
             from staff s) as p
           where p.due_at is not null)
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

/// Those for whom a notice is due and who got no summary for a while.
fn persons_due(c: &Connection, bounds: &Bounds, now: i64) -> Result<Vec<i64>> {
    let text = "select s.person from staff s
         where exists (select 1 from pending p where p.person = s.person and p.due_at <= ?1)
           and not exists (select 1 from letter l where l.kind = 'summary' and l.person = s.person
             and l.created_at > ?2 and l.created_at <= ?1) order by s.person";
    sql::all(c, text, [now, now - bounds.summary_every_secs], |r| r.get(0))
}

/// Notices of those for whom one is due: of each as many as a summary names, the longest due first, and how
/// many there were beside them. Of so many people as one turn of the Hour takes up.
pub fn pending_due(c: &Connection, bounds: &Bounds, now: i64) -> Result<(Vec<Pending>, Vec<More>)> {
    let (mut notices, mut more) = (Vec::new(), Vec::new());
    for person in persons_due(c, bounds, now)? {
        if notices.len() >= bounds.hour_notices_max {
            break;
        }
        let text =
            "select id, person, ticket, why from pending where person = ?1 order by due_at, id limit ?2";
        notices.extend(sql::all(c, text, (person, sql::count(bounds.summary_notices_max)), |r| {
            Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?))
        })?);
        let text = "select n from pending_more where person = ?1";
        more.extend(sql::first(c, text, [person], |r| r.get(0))?.map(|n| (person, n)));
    }
    Ok((notices, more))
}

/// Somebody for whom a notice is due has more than a summary names: (person, when the last is due that it
/// names, its number). `None`: nobody has.
pub fn overfull(c: &Connection, bounds: &Bounds, now: i64) -> Result<Option<(i64, i64, i64)>> {
    let text = "select due_at, id from pending where person = ?1 order by due_at, id limit 2 offset ?2";
    let last = sql::count(bounds.summary_notices_max) - 1;
    for person in persons_due(c, bounds, now)? {
        let ends = sql::all(c, text, (person, last), |r| Ok((r.get::<_, i64>(0)?, r.get::<_, i64>(1)?)))?;
        if let [(due_at, id), _] = ends[..] {
            return Ok(Some((person, due_at, id)));
        }
    }
    Ok(None)
}

/// Counts some of the notices of a person that stand behind this one, and lets them go.
pub fn count_away(tx: &Tx<'_>, bounds: &Bounds, last: (i64, i64, i64)) -> Result<()> {
    let (person, due_at, id) = last;
    let text = "delete from pending where id in (select id from pending
           where person = ?1 and (due_at, id) > (?2, ?3) order by due_at, id limit ?4)";
    let values = (person, due_at, id, sql::count(bounds.rows_removed_max));
    let gone = sql::run(tx.c, text, values)?;
    let text = "insert into pending_more (person, n) values (?1, ?2)
         on conflict (person) do update set n = pending_more.n + excluded.n";
    sql::run(tx.c, text, (person, sql::count(gone)))?;
    Ok(())
}

/// A summary said how many notices there were beside those that it named.
pub fn more_told(tx: &Tx<'_>, person: i64) -> Result<()> {
    sql::run(tx.c, "delete from pending_more where person = ?1", [person])?;
    Ok(())
}

/// A notice left, or need not any more.
pub fn pending_done(tx: &Tx<'_>, id: i64) -> Result<()> {
    sql::run(tx.c, "delete from pending where id = ?1", [id])?;
    Ok(())
}
