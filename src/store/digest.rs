//! What the daily digest counts, and up to where the last one told.

use super::error::Result;
use super::transaction::Tx;
use super::{held, outbox, sql, ticket};
use crate::desk::model::Bounds;
use crate::desk::model::hour::{DigestEntry, EntryKind, Morning};
use rusqlite::{Connection, Row};

/// Up to where digests told: (start of that day, message, ticket); `None`: there was none yet.
pub fn mark(c: &Connection) -> Result<Option<(i64, i64, i64)>> {
    let text = "select at, message, ticket from digest where id = 1";
    sql::first(c, text, [], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))
}

/// The digest of the day that begins at `at` told up to this message and this ticket.
pub fn set_mark(tx: &Tx<'_>, at: i64, message: i64, ticket: i64) -> Result<()> {
    let text = "insert into digest (id, at, message, ticket) values (1, ?1, ?2, ?3)
         on conflict (id) do update set at = excluded.at, message = excluded.message,
           ticket = excluded.ticket";
    sql::run(tx.c, text, (at, message, ticket))?;
    Ok(())
}

/// The newest (message, ticket); 0 where there is none.
pub fn newest(c: &Connection) -> Result<(i64, i64)> {
    let text = "select coalesce((select max(id) from message), 0), coalesce((select max(id) from ticket), 0)";
    sql::one(c, text, [], |r| Ok((r.get(0)?, r.get(1)?)))
}

/// What the digest of the day that begins at `at` tells after the one of `mark`. Mail that was there before
/// the desk is no news (T18).
pub fn morning(c: &Connection, bounds: &Bounds, mark: (i64, i64, i64), at: i64, now: i64) -> Result<Morning> {
    let (since, after_message, after_ticket) = mark;
    let (to_message, to_ticket) = newest(c)?;
    let (held, quarantine) = held::counts(c)?;
    let most = sql::count(bounds.digest_news_max);
    let text = "select id, requester, 1, assignee, mailbox, category from ticket
         where id > ?1 and started_at is not null order by id limit ?2";
    let mut news = sql::all(c, text, (after_ticket, most), |r| to_entry(EntryKind::Ticket, r))?;
    // The messages are taken first, by their numbers: by their tickets every message ever would be looked at.
    let text = "select m.ticket, m.author, count(*), t.assignee, t.mailbox, t.category
         from (select id, ticket, author from message
           where id > ?1 and kind = ?2 and not automatic order by id limit ?4) as m
         join ticket t on t.id = m.ticket
         where t.started_at is not null
           and not (?2 = 'customer' and t.id > ?3
             and m.id = (select min(f.id) from message f where f.ticket = t.id))
         group by m.ticket, m.author, t.assignee, t.mailbox, t.category order by m.ticket, m.author";
    for (what, kind) in [(EntryKind::Message, "customer"), (EntryKind::Note, "note")] {
        news.extend(sql::all(c, text, (after_message, kind, after_ticket, most), |r| to_entry(what, r))?);
    }
    let overdue = ticket::overdue(c, now, bounds.digest_overdue_max)?;
    let (staff, others) = outbox::failed(c)?;
    Ok(Morning {
        at,
        since,
        message: to_message,
        ticket: to_ticket,
        news,
        held: held + quarantine,
        overdue,
        failed: staff + others,
    })
}

fn to_entry(what: EntryKind, r: &Row<'_>) -> rusqlite::Result<DigestEntry> {
    Ok(DigestEntry {
        what,
        ticket: r.get(0)?,
        author: r.get(1)?,
        count: r.get(2)?,
        assignee: r.get(3)?,
        mailbox: r.get(4)?,
        category: r.get(5)?,
    })
}
