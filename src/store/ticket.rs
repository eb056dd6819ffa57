//! Tickets with the people and tags around them.

use super::error::Result;
use super::person::{Shown, shown};
use super::sqlite::search::numbers;
use super::transaction::Tx;
use crate::desk::target::Clock;
use crate::desk::{Priority, Rules, Status, Ticket};
use rusqlite::{Connection, OptionalExtension, Row};

/// A ticket with the people and tags around it.
#[derive(Debug, Clone)]
pub struct TicketRow {
    pub ticket: Ticket,
    pub requester: Shown,
    pub participants: Vec<Shown>,
    pub assignee: Option<Shown>,
    pub tags: Vec<String>,
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
    let rows: Vec<Ticket> = s.query_map([status], from_row)?.collect::<std::result::Result<_, _>>()?;
    rows.into_iter().map(|t| around(c, t)).collect()
}

pub fn ticket(c: &Connection, number: i64) -> Result<Option<TicketRow>> {
    let mut s = c.prepare_cached("select * from ticket where id = ?")?;
    let row = s.query_row([number], from_row).optional()?;
    row.map(|t| around(c, t)).transpose()
}

/// Tickets in which every word stands, best first. A word that ends with `*` finds what begins so.
pub fn search(c: &Connection, words: &str) -> Result<Vec<TicketRow>> {
    let found = numbers(c, words, 500)?.into_iter().map(|n| ticket(c, n)).collect::<Result<Vec<_>>>()?;
    Ok(found.into_iter().flatten().collect())
}

/// Tickets of a person: his own, and those that he joined.
pub fn tickets_of(c: &Connection, person: i64) -> Result<Vec<Ticket>> {
    let mut s = c.prepare_cached(
        "select * from ticket where merged_into is null and (requester = ?1 or id in (select ticket from participant where person = ?1))
         order by updated_at desc, id desc limit 200",
    )?;
    Ok(s.query_map([person], from_row)?.collect::<std::result::Result<_, _>>()?)
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

pub fn from_row(r: &Row<'_>) -> rusqlite::Result<Ticket> {
    Ok(Ticket {
        number: r.get("id")?,
        subject: r.get("subject")?,
        status: Status::from_word(&r.get::<_, String>("status")?).unwrap_or(Status::Open),
        priority: Priority::from_word(&r.get::<_, String>("priority")?).unwrap_or(Priority::Normal),
        category: r.get("category")?,
        mailbox: r.get("mailbox")?,
        requester: r.get("requester")?,
        assignee: r.get("assignee")?,
        privacy: r.get("privacy")?,
        merged_into: r.get("merged_into")?,
        created_at: r.get("created_at")?,
        updated_at: r.get("updated_at")?,
        due_at: r.get("due_at")?,
        wait_until: r.get("wait_until")?,
        closed_at: r.get("closed_at")?,
        clock: Clock {
            asked_at: r.get("asked_at")?,
            started_at: r.get("started_at")?,
            by_hand: r.get("due_by_hand")?,
            reminded: r.get("reminded")?,
            reminded_at: r.get("reminded_at")?,
            remind_at: r.get("remind_at")?,
        },
    })
}

/// T29: counted by its sender.
pub fn opened(tx: &Tx<'_>, rules: &Rules, t: &Ticket) -> Result<()> {
    let mut s = tx.c.prepare_cached("select address from person where id = ?")?;
    let address: String = s.query_row([t.requester], |r| r.get(0))?;
    let counted =
        crate::mail::AddrSpec::parse(&address).map(|a| rules.counted(&a).to_string()).unwrap_or(address);
    tx.c.prepare_cached("insert into opened (counted_as, at, ticket) values (?, ?, ?)")?.execute((
        counted,
        t.created_at,
        t.number,
    ))?;
    Ok(())
}

/// Writes a new ticket or the new state of one.
pub fn write(tx: &Tx<'_>, new: bool, t: &Ticket) -> Result<()> {
    let sql = match new {
        true => {
            "insert into ticket (subject, status, priority, category, mailbox, requester, assignee, privacy, merged_into,
             created_at, updated_at, due_at, wait_until, closed_at, asked_at, started_at, due_by_hand, reminded, reminded_at,
             remind_at, id) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        }
        false => {
            "update ticket set subject = ?, status = ?, priority = ?, category = ?, mailbox = ?, requester = ?, assignee = ?,
             privacy = ?, merged_into = ?, created_at = ?, updated_at = ?, due_at = ?, wait_until = ?, closed_at = ?,
             asked_at = ?, started_at = ?, due_by_hand = ?, reminded = ?, reminded_at = ?, remind_at = ? where id = ?"
        }
    };
    tx.c.prepare_cached(sql)?.execute(rusqlite::params![
        t.subject,
        t.status.as_str(),
        t.priority.as_str(),
        t.category,
        t.mailbox,
        t.requester,
        t.assignee,
        t.privacy,
        t.merged_into,
        t.created_at,
        t.updated_at,
        t.due_at,
        t.wait_until,
        t.closed_at,
        t.clock.asked_at,
        t.clock.started_at,
        t.clock.by_hand,
        t.clock.reminded,
        t.clock.reminded_at,
        t.clock.remind_at,
        t.number,
    ])?;
    Ok(())
}
