//! Reads for the CLI, the web, status and metrics.

use super::rows::to_ticket;
use super::{Result, Tx};
use crate::desk::Ticket;
use rusqlite::{Connection, OptionalExtension, Row};

/// A person as shown: name and address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub id: i64,
    pub name: String,
    pub address: String,
}

/// A ticket with the people and tags around it.
#[derive(Debug, Clone)]
pub struct TicketRow {
    pub ticket: Ticket,
    pub requester: Shown,
    pub participants: Vec<Shown>,
    pub assignee: Option<Shown>,
    pub tags: Vec<String>,
}

#[derive(Debug, Clone)]
pub struct MessageRow {
    pub id: i64,
    /// The ticket in which it was said, where that one was merged.
    pub origin: Option<i64>,
    pub kind: String,
    pub via: String,
    pub author: Option<i64>,
    pub author_name: String,
    pub author_address: String,
    pub mail: Option<i64>,
    pub message_id: Option<String>,
    pub subject: Option<String>,
    pub text: String,
    pub quoted: String,
    pub signature: String,
    pub verified: String,
    pub automatic: bool,
    pub private: bool,
    pub shown: bool,
    pub created_at: i64,
    pub files: Vec<FileRow>,
}

#[derive(Debug, Clone)]
pub struct FileRow {
    pub id: i64,
    pub part: u32,
    pub filename: String,
    pub media_type: String,
    pub size: i64,
    pub sha256: Vec<u8>,
}

pub fn shown(c: &Connection, id: i64) -> Result<Shown> {
    let mut s = c.prepare_cached(
        "select p.id, coalesce(s.name, p.name), p.address from person p left join staff s on s.person = p.id where p.id = ?",
    )?;
    Ok(s.query_row([id], |r| Ok(Shown { id: r.get(0)?, name: r.get(1)?, address: r.get(2)? }))?)
}

fn around(c: &Connection, ticket: Ticket) -> Result<TicketRow> {
    let n = ticket.number;
    let mut s = c.prepare_cached("select person from participant where ticket = ? order by person")?;
    let ids: Vec<i64> = s.query_map([n], |r| r.get(0))?.collect::<std::result::Result<_, _>>()?;
    let mut s = c.prepare_cached("select word from tag where ticket = ? order by word")?;
    Ok(TicketRow {
        requester: shown(c, ticket.requester)?,
        participants: ids.into_iter().map(|id| shown(c, id)).collect::<Result<_>>()?,
        assignee: ticket.assignee.map(|id| shown(c, id)).transpose()?,
        tags: s.query_map([n], |r| r.get(0))?.collect::<std::result::Result<_, _>>()?,
        ticket,
    })
}

/// All tickets, newest change first; of one status where it is given.
pub fn tickets(c: &Connection, status: Option<&str>) -> Result<Vec<TicketRow>> {
    let mut s = c.prepare_cached(
        "select * from ticket where ?1 is null or status = ?1 order by updated_at desc, id desc",
    )?;
    let rows: Vec<Ticket> = s.query_map([status], to_ticket)?.collect::<std::result::Result<_, _>>()?;
    rows.into_iter().map(|t| around(c, t)).collect()
}

pub fn ticket(c: &Connection, number: i64) -> Result<Option<TicketRow>> {
    let mut s = c.prepare_cached("select * from ticket where id = ?")?;
    let row = s.query_row([number], to_ticket).optional()?;
    row.map(|t| around(c, t)).transpose()
}

/// Tickets of a person: his own, and those that he joined.
pub fn tickets_of(c: &Connection, person: i64) -> Result<Vec<Ticket>> {
    let mut s = c.prepare_cached(
        "select * from ticket where merged_into is null and (requester = ?1 or id in (select ticket from participant where person = ?1))
         order by updated_at desc, id desc limit 200",
    )?;
    Ok(s.query_map([person], to_ticket)?.collect::<std::result::Result<_, _>>()?)
}

/// Where a ticket went by merges; its own number where it went nowhere.
pub fn live(c: &Connection, mut number: i64) -> Result<i64> {
    let mut s =
        c.prepare_cached("select merged_into from ticket where id = ? and merged_into is not null")?;
    for _ in 0..8 {
        match s.query_row([number], |r| r.get(0)).optional()? {
            Some(into) => number = into,
            None => break,
        }
    }
    Ok(number)
}

/// `None`: not his; else the number of the last message that he does not see (0: sees all).
pub fn sees_from(c: &Connection, person: i64, ticket: i64) -> Result<Option<i64>> {
    let mut s = c.prepare_cached(
        "select 0 from ticket where id = ?1 and requester = ?2 union all select since from participant where ticket = ?1 and person = ?2 limit 1",
    )?;
    Ok(s.query_row((ticket, person), |r| r.get(0)).optional()?)
}

pub fn messages(c: &Connection, ticket: i64) -> Result<Vec<MessageRow>> {
    let mut s = c.prepare_cached(
        "select m.*, coalesce(p.address, '') as author_address from message m left join person p on p.id = m.author
         where m.ticket = ? order by m.id",
    )?;
    let mut rows: Vec<MessageRow> = s.query_map([ticket], message)?.collect::<std::result::Result<_, _>>()?;
    for m in &mut rows {
        m.files = files(c, m.id)?;
    }
    Ok(rows)
}

fn message(r: &Row<'_>) -> rusqlite::Result<MessageRow> {
    Ok(MessageRow {
        id: r.get("id")?,
        origin: r.get("origin")?,
        kind: r.get("kind")?,
        via: r.get("via")?,
        author: r.get("author")?,
        author_name: r.get("author_name")?,
        author_address: r.get("author_address")?,
        mail: r.get("mail")?,
        message_id: r.get("message_id")?,
        subject: r.get("subject")?,
        text: r.get("text")?,
        quoted: r.get("quoted")?,
        signature: r.get("signature")?,
        verified: r.get("verified")?,
        automatic: r.get("automatic")?,
        private: r.get("private")?,
        shown: r.get("shown")?,
        created_at: r.get("created_at")?,
        files: Vec::new(),
    })
}

pub(super) fn files(c: &Connection, message: i64) -> Result<Vec<FileRow>> {
    let mut s = c.prepare_cached(
        "select id, part, filename, media_type, size, sha256 from attachment where message = ? order by id",
    )?;
    let rows = s.query_map([message], |r| {
        Ok(FileRow {
            id: r.get(0)?,
            part: r.get(1)?,
            filename: r.get(2)?,
            media_type: r.get(3)?,
            size: r.get(4)?,
            sha256: r.get(5)?,
        })
    })?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
}

/// Where an attachment stands.
pub struct Place {
    pub ticket: i64,
    pub message: i64,
    pub mail: Option<i64>,
    pub file: FileRow,
}

pub fn file(c: &Connection, id: i64) -> Result<Option<Place>> {
    let mut s = c.prepare_cached(
        "select m.ticket, m.id, m.mail from attachment a join message m on m.id = a.message where a.id = ?",
    )?;
    let Some((ticket, message, mail)) =
        s.query_row([id], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?))).optional()?
    else {
        return Ok(None);
    };
    Ok(files(c, message)?.into_iter().find(|f| f.id == id).map(|file| Place { ticket, message, mail, file }))
}

/// The kept bytes of a mail, still packed.
pub fn packed(c: &Connection, mail: i64) -> Result<Option<Vec<u8>>> {
    let mut s = c.prepare_cached("select packed from kept where mail = ?")?;
    Ok(s.query_row([mail], |r| r.get(0)).optional()?)
}

pub fn set_health(tx: &Tx<'_>, part: &str, good: bool, detail: &str, now: i64) -> Result<()> {
    tx.c.execute(
        "insert or replace into health (part, good, detail, at) values (?, ?, ?, ?)",
        (part, good, detail, now),
    )?;
    Ok(())
}

/// (part, good, detail, at)
pub fn health(c: &Connection) -> Result<Vec<(String, bool, String, i64)>> {
    let mut s = c.prepare_cached("select part, good, detail, at from health order by part")?;
    Ok(s.query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)))?
        .collect::<std::result::Result<_, _>>()?)
}

/// Rows per word: (`tickets` | `letters` | `mails` | `held` | `kept back`, label, count).
pub fn numbers(c: &Connection) -> Result<Vec<(String, String, i64)>> {
    let mut s = c.prepare_cached(
        "select 'tickets', status, count(*) from ticket group by status
         union all select 'letters', state, count(*) from letter group by state
         union all select 'mails', outcome, count(*) from mail group by outcome
         union all select 'held', kind, count(*) from held where ended_at is null group by kind
         union all select 'kept back', limit_word, n from kept_back",
    )?;
    Ok(s.query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?.collect::<std::result::Result<_, _>>()?)
}

/// A person gets no more than one summary in so many seconds: a flood that lasts tells of itself now and then
/// (T29).
pub(super) const SUMMARY_EVERY_SECS: i64 = 600;

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
