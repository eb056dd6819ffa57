//! What the Hour asks: which moments have come, when the next one comes, and what the daily digest counts.

use super::error::Result;
use super::transaction::Tx;
use crate::desk::digest::{Morning, News, What};
use rusqlite::{Connection, OptionalExtension, Row};

/// Tickets that one turn of the Hour takes up; the next turn takes the rest.
const TICKETS_MAX: i64 = 500;

pub fn waking(c: &Connection, now: i64) -> Result<Vec<i64>> {
    let mut s = c.prepare_cached(
        "select id from ticket where status = 'waiting' and wait_until is not null and wait_until <= ? order by wait_until limit ?",
    )?;
    Ok(s.query_map((now, TICKETS_MAX), |r| r.get(0))?.collect::<std::result::Result<_, _>>()?)
}

/// Tickets of which somebody is to be reminded.
pub fn reminding(c: &Connection, now: i64) -> Result<Vec<i64>> {
    let mut s = c.prepare_cached(
        "select id from ticket where remind_at is not null and remind_at <= ? order by remind_at limit ?",
    )?;
    Ok(s.query_map((now, TICKETS_MAX), |r| r.get(0))?.collect::<std::result::Result<_, _>>()?)
}

/// When the next ticket wakes, is reminded of, or a held notice leaves, which waits for the one summary in a
/// while.
pub fn next(c: &Connection, now: i64) -> Result<Option<i64>> {
    let mut s = c.prepare_cached(
        "select min(at) from (select min(wait_until) as at from ticket where wait_until is not null and status = 'waiting'
         union all select min(remind_at) from ticket where remind_at is not null
         union all select min(max(p.due_at, ?2 + coalesce(
           (select max(l.created_at) from letter l where l.kind = 'summary' and l.person = p.person and l.created_at <= ?1), 0)))
           from (select person, min(due_at) as due_at from pending group by person) p)",
    )?;
    Ok(s.query_row((now, SUMMARY_EVERY_SECS), |r| r.get(0))?)
}

/// Up to where digests told: (start of that day, message, ticket); `None`: there was none yet.
pub fn digest_mark(c: &Connection) -> Result<Option<(i64, i64, i64)>> {
    let mut s = c.prepare_cached("select at, message, ticket from digest where id = 1")?;
    Ok(s.query_row([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?))).optional()?)
}

pub fn set_digest_mark(tx: &Tx<'_>, at: i64, message: i64, ticket: i64) -> Result<()> {
    tx.c.execute(
        "insert or replace into digest (id, at, message, ticket) values (1, ?, ?, ?)",
        (at, message, ticket),
    )?;
    Ok(())
}

/// The newest message and ticket.
pub fn newest(c: &Connection) -> Result<(i64, i64)> {
    let mut s = c.prepare_cached(
        "select coalesce((select max(id) from message), 0), coalesce((select max(id) from ticket), 0)",
    )?;
    Ok(s.query_row([], |r| Ok((r.get(0)?, r.get(1)?)))?)
}

/// What the digest of the day that begins at `at` tells after the one of `mark`. Mail that was there before
/// the desk is no news (T18).
pub fn morning(c: &Connection, mark: (i64, i64, i64), at: i64, now: i64) -> Result<Morning> {
    let (since, after_message, after_ticket) = mark;
    let (message, ticket) = newest(c)?;
    let (held, quarantine) = super::held::counts(c)?;
    let mut news = Vec::new();
    let mut s = c.prepare_cached(
        "select id, requester, 1, assignee, mailbox, category from ticket where id > ? and started_at is not null order by id",
    )?;
    let rows = s.query_map([after_ticket], |r| to_news(What::Ticket, r))?;
    news.extend(rows.collect::<std::result::Result<Vec<_>, _>>()?);
    let mut s = c.prepare_cached(
        "select m.ticket, m.author, count(*), t.assignee, t.mailbox, t.category from message m join ticket t on t.id = m.ticket
         where m.id > ?1 and m.kind = ?2 and m.automatic = 0 and t.started_at is not null
           and not (?2 = 'customer' and t.id > ?3 and m.id = (select min(f.id) from message f where f.ticket = t.id))
         group by m.ticket, m.author order by m.ticket",
    )?;
    for (what, kind) in [(What::Message, "customer"), (What::Note, "note")] {
        let rows = s.query_map((after_message, kind, after_ticket), |r| to_news(what, r))?;
        news.extend(rows.collect::<std::result::Result<Vec<_>, _>>()?);
    }
    Ok(Morning { at, since, message, ticket, news, held: held + quarantine, overdue: overdue(c, now)? })
}

fn to_news(what: What, r: &Row<'_>) -> rusqlite::Result<News> {
    Ok(News {
        what,
        ticket: r.get(0)?,
        author: r.get(1)?,
        count: r.get(2)?,
        assignee: r.get(3)?,
        mailbox: r.get(4)?,
        category: r.get(5)?,
    })
}

/// Tickets that are our turn and whose due date has passed, the most overdue first.
pub fn overdue(c: &Connection, now: i64) -> Result<Vec<i64>> {
    let mut s = c.prepare_cached(
        "select id from ticket where due_at is not null and due_at <= ? and status in ('new', 'open') order by due_at, id",
    )?;
    Ok(s.query_map([now], |r| r.get(0))?.collect::<std::result::Result<_, _>>()?)
}

/// A person gets no more than one summary in so many seconds: a flood that lasts tells of itself now and then
/// (T29).
const SUMMARY_EVERY_SECS: i64 = 600;

/// A notice that was held back: (id, person, ticket, why).
pub type Pending = (i64, i64, Option<i64>, String);

/// Notices whose time has come.
pub fn pending_due(c: &Connection, now: i64) -> Result<Vec<Pending>> {
    let mut s = c.prepare_cached(
        "select id, person, ticket, why from pending p where person in (select person from pending where due_at <= ?1)
         and not exists (select 1 from letter l where l.kind = 'summary' and l.person = p.person and l.created_at > ?2
                           and l.created_at <= ?1) order by id",
    )?;
    Ok(s.query_map([now, now - SUMMARY_EVERY_SECS], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)))?
        .collect::<std::result::Result<_, _>>()?)
}
