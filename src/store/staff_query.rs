//! What a question of staff by mail is answered from (T108).

use super::error::Result;
use super::message;
use super::{person, sql, ticket};
use crate::desk::model::listed::FileRow;
use crate::desk::model::query::{Found, MESSAGE_CHARS_MAX, MESSAGES_MAX, Query, READ_MAX, Said};
use crate::desk::model::search::Hits;
use crate::desk::model::{Snapshot, Ticket, Verified};
use crate::mail::shown_size;
use rusqlite::Connection;

/// What the answer to a question says. `who` asks; `known` holds the ticket that is named.
/// `hits`: what a search found before.
pub fn found(c: &Connection, query: &Query, hits: &Hits, who: i64, known: &Snapshot) -> Result<Found> {
    let read = sql::count(READ_MAX + 1);
    let tickets = match query {
        Query::Help => Vec::new(),
        Query::Show(number) => {
            let said = known.live(*number).map(|f| said(c, f.ticket.number)).transpose()?.unwrap_or_default();
            return Ok(Found { said, ..Found::default() });
        }
        Query::List => {
            let text = "select * from ticket
                 where status in ('new', 'open') and (assignee is null or assignee = ?1)
                 order by updated_at desc, id desc limit ?2";
            sql::all(c, text, (who, read), ticket::from_row)?
        }
        Query::Mine => {
            let text = "select * from ticket
                 where assignee is not null and assignee = ?1 and status <> 'closed'
                 order by updated_at desc, id desc limit ?2";
            sql::all(c, text, (who, read), ticket::from_row)?
        }
        // The search itself was before the transaction: it may be dear, and the desk waits for nobody's.
        Query::Search(_) => {
            let found =
                hits.tickets.iter().copied().map(|n| ticket::by_number(c, n)).collect::<Result<Vec<_>>>()?;
            found.into_iter().flatten().collect()
        }
    };
    let more = hits.more || tickets.len() > READ_MAX;
    let with_person = |t: Ticket| person::by_id(c, t.requester).map(|p| (t, p));
    let tickets = tickets.into_iter().take(READ_MAX).map(with_person).collect::<Result<_>>()?;
    Ok(Found { tickets, more, said: Vec::new() })
}

/// The newest messages of a ticket, oldest first.
fn said(c: &Connection, ticket: i64) -> Result<Vec<Said>> {
    messages(c, "m.ticket = ?1 order by m.id desc limit ?3", ticket)
}

/// These messages.
pub fn said_of(c: &Connection, numbers: &[i64]) -> Result<Vec<Said>> {
    let mut out = Vec::with_capacity(numbers.len());
    for id in numbers {
        out.extend(messages(c, "m.id = ?1 limit ?3", *id)?);
    }
    Ok(out)
}

/// Messages as staff read them, in the opposite order of the rows.
fn messages(c: &Connection, which: &str, number: i64) -> Result<Vec<Said>> {
    let text = format!(
        "select m.id, m.kind, m.author_name, coalesce(p.address, ''), substr(m.text, 1, ?2),
                length(m.text) > ?2, m.verified, m.shown, m.private, m.created_at
         from message m left join person p on p.id = m.author where {which}"
    );
    let values = (number, sql::count(MESSAGE_CHARS_MAX), sql::count(MESSAGES_MAX));
    let rows = sql::all(c, &text, values, |r| {
        let said = Said {
            kind: message::kind(&r.get::<_, String>(1)?),
            name: r.get(2)?,
            address: r.get(3)?,
            text: r.get(4)?,
            cut: r.get(5)?,
            files: Vec::new(),
            verified: Verified::from_word(&r.get::<_, String>(6)?),
            shown: r.get(7)?,
            private: r.get(8)?,
            created_at: r.get(9)?,
        };
        Ok((r.get::<_, i64>(0)?, said))
    })?;
    let mut out = Vec::with_capacity(rows.len());
    for (id, mut said) in rows.into_iter().rev() {
        let size = |f: &FileRow| shown_size(u64::try_from(f.size).unwrap_or(0));
        let files = message::files(c, id)?;
        said.files = files.iter().map(|f| format!("{} ({})", f.filename, size(f))).collect();
        out.push(said);
    }
    Ok(out)
}
