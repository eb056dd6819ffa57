//! Tickets, with the people and tags around them.

use super::error::Result;
use super::person::shown;
use super::sql;
use super::transaction::Tx;
use crate::desk::model::bounds::MERGES_MAX;
use crate::desk::model::listed::TicketRow;
use crate::desk::model::{Clock, Priority, Status, Ticket};
use crate::desk::right::Standing;
use crate::desk::rules::Rules;
use crate::mail::AddrSpec;
use rusqlite::{Connection, Row, params};

fn around(c: &Connection, ticket: Ticket) -> Result<TicketRow> {
    let n = ticket.number;
    let text = "select person from participant where ticket = ?1 order by person";
    let participants: Vec<i64> = sql::all(c, text, [n], |r| r.get(0))?;
    Ok(TicketRow {
        requester: shown(c, ticket.requester)?,
        participants: participants.into_iter().map(|id| shown(c, id)).collect::<Result<_>>()?,
        assignee: ticket.assignee.map(|id| shown(c, id)).transpose()?,
        tags: tags(c, n)?,
        ticket,
    })
}

/// The tags of a ticket, in the order of the alphabet.
pub fn tags(c: &Connection, ticket: i64) -> Result<Vec<String>> {
    sql::all(c, "select word from tag where ticket = ?1 order by word", [ticket], |r| r.get(0))
}

/// All tickets, newest change first; of one status where it is given.
pub fn all(c: &Connection, only: Option<Status>) -> Result<Vec<TicketRow>> {
    let order = "order by updated_at desc, id desc";
    let tickets = match only {
        Some(status) => {
            let text = format!("select * from ticket where status = ?1 {order}");
            sql::all(c, &text, [status.as_str()], from_row)?
        }
        None => sql::all(c, &format!("select * from ticket {order}"), [], from_row)?,
    };
    tickets.into_iter().map(|t| around(c, t)).collect()
}

/// A ticket alone; `None`: there is none of this number.
pub fn by_number(c: &Connection, number: i64) -> Result<Option<Ticket>> {
    sql::first(c, "select * from ticket where id = ?1", [number], from_row)
}

/// A ticket with what is around it; `None`: there is none of this number.
pub fn with_people(c: &Connection, number: i64) -> Result<Option<TicketRow>> {
    by_number(c, number)?.map(|t| around(c, t)).transpose()
}

/// These tickets, in this order; a number that there is none of is left out.
pub fn numbered(c: &Connection, numbers: &[i64]) -> Result<Vec<TicketRow>> {
    let found = numbers.iter().map(|n| with_people(c, *n)).collect::<Result<Vec<_>>>()?;
    Ok(found.into_iter().flatten().collect())
}

/// Tickets of a person, at most so many, newest change first: their own, and those that they joined.
pub fn of_person(c: &Connection, person: i64, most: usize) -> Result<Vec<Ticket>> {
    let text = "select * from ticket where merged_into is null
           and (requester = ?1 or id in (select ticket from participant where person = ?1))
         order by updated_at desc, id desc limit ?2";
    sql::all(c, text, (person, sql::count(most)), from_row)
}

/// The last tickets that a sender opened, at most so many, newest first: (number, subject, status).
pub fn last_of(c: &Connection, sender: &AddrSpec, most: usize) -> Result<Vec<(i64, String, Status)>> {
    // By the index of requesters: with a join the planner walks all tickets backwards for a sender who has
    // none.
    let text = "select id, subject, status from ticket
         where requester = (select id from person where address = ?1) order by id desc limit ?2";
    sql::all(c, text, (sender.as_str(), sql::count(most)), |r| {
        Ok((r.get(0)?, r.get(1)?, status(&r.get::<_, String>(2)?)))
    })
}

/// Tickets that are our turn and whose due date has passed, at most so many, the most overdue first.
pub fn overdue(c: &Connection, now: i64, most: usize) -> Result<Vec<i64>> {
    let text = "select id from ticket
         where due_at is not null and due_at <= ?1 and status in ('new', 'open')
         order by due_at, id limit ?2";
    sql::all(c, text, (now, sql::count(most)), |r| r.get(0))
}

/// Where a ticket went by merges; its own number where it went nowhere.
pub fn live(c: &Connection, mut number: i64) -> Result<i64> {
    let text = "select merged_into from ticket where id = ?1 and merged_into is not null";
    for _ in 0..MERGES_MAX {
        match sql::first(c, text, [number], |r| r.get(0))? {
            Some(into) => number = into,
            None => break,
        }
    }
    Ok(number)
}

/// How somebody takes part in a ticket.
pub fn standing(c: &Connection, person: i64, ticket: i64) -> Result<Standing> {
    let text = "select null from ticket where id = ?1 and requester = ?2
         union all select since from participant where ticket = ?1 and person = ?2 limit 1";
    let found = sql::first(c, text, (ticket, person), |r| r.get::<_, Option<i64>>(0))?;
    Ok(match found {
        Some(None) => Standing::Requester,
        Some(Some(since)) => Standing::Participant { since },
        None => Standing::Outside,
    })
}

fn status(word: &str) -> Status {
    Status::from_word(word).unwrap_or(Status::Open)
}

/// A ticket from all its columns.
pub fn from_row(r: &Row<'_>) -> rusqlite::Result<Ticket> {
    Ok(Ticket {
        number: r.get("id")?,
        subject: r.get("subject")?,
        status: status(&r.get::<_, String>("status")?),
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

/// Counts a new ticket by its sender, all their subaddresses as one (T29).
pub fn opened(tx: &Tx<'_>, rules: &Rules, t: &Ticket) -> Result<()> {
    let text = "select address from person where id = ?1";
    let address: String = sql::one(tx.c, text, [t.requester], |r| r.get(0))?;
    let counted = AddrSpec::parse(&address).map(|a| rules.counted(&a).to_string()).unwrap_or(address);
    let text = "insert into opened (counted_as, at, ticket) values (?1, ?2, ?3)";
    sql::run(tx.c, text, (counted, t.created_at, t.number))?;
    Ok(())
}

/// Writes a new ticket, or the new state of one.
pub fn write(tx: &Tx<'_>, new: bool, t: &Ticket) -> Result<()> {
    let text = match new {
        true => {
            "insert into ticket (subject, status, priority, category, mailbox, requester, assignee, privacy,
                merged_into, created_at, updated_at, due_at, wait_until, closed_at, asked_at, started_at,
                due_by_hand, reminded, reminded_at, remind_at, id)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19,
                ?20, ?21)"
        }
        false => {
            "update ticket set subject = ?1, status = ?2, priority = ?3, category = ?4, mailbox = ?5,
                requester = ?6, assignee = ?7, privacy = ?8, merged_into = ?9, created_at = ?10,
                updated_at = ?11, due_at = ?12, wait_until = ?13, closed_at = ?14, asked_at = ?15,
                started_at = ?16, due_by_hand = ?17, reminded = ?18, reminded_at = ?19, remind_at = ?20
             where id = ?21"
        }
    };
    let values = params![
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
    ];
    sql::run(tx.c, text, values)?;
    Ok(())
}

/// Puts a tag on a ticket or takes it off; doing it twice changes nothing.
pub fn tag(c: &Connection, ticket: i64, word: &str, on: bool) -> Result<()> {
    let text = match on {
        true => "insert into tag (ticket, word) values (?1, ?2) on conflict do nothing",
        false => "delete from tag where ticket = ?1 and word = ?2",
    };
    sql::run(c, text, (ticket, word))?;
    Ok(())
}

/// Staff who hear of everything on a ticket, in the order of their numbers.
pub fn watchers(c: &Connection, ticket: i64) -> Result<Vec<i64>> {
    sql::all(c, "select person from watcher where ticket = ?1 order by person", [ticket], |r| r.get(0))
}

/// A staff member hears of everything on a ticket, or no longer; doing it twice changes nothing.
pub fn watch(c: &Connection, ticket: i64, person: i64, on: bool) -> Result<()> {
    let text = match on {
        true => "insert into watcher (ticket, person) values (?1, ?2) on conflict do nothing",
        false => "delete from watcher where ticket = ?1 and person = ?2",
    };
    sql::run(c, text, (ticket, person))?;
    Ok(())
}
