//! Rows that several reads share, as the values that they are.

use super::Result;
use crate::desk::target::Clock;
use crate::desk::{Person, Priority, Status, Ticket};
use crate::mail::AddrSpec;
use rusqlite::{Connection, Row};

pub fn to_person(r: &Row<'_>) -> rusqlite::Result<Person> {
    Ok(Person { id: r.get(0)?, address: address(&r.get::<_, String>(1)?), name: r.get(2)?, spam: r.get(3)? })
}

/// Addresses in the database were strict when they were written.
pub fn address(text: &str) -> AddrSpec {
    AddrSpec::parse(text).unwrap_or_else(|| AddrSpec::parse("unreadable@invalid").expect("a literal"))
}

pub fn person_by_id(c: &Connection, id: i64) -> Result<Person> {
    let mut s = c.prepare_cached("select id, address, name, spam from person where id = ?")?;
    Ok(s.query_row([id], to_person)?)
}

pub fn to_ticket(r: &Row<'_>) -> rusqlite::Result<Ticket> {
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
