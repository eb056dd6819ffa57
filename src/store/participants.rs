//! Who takes part in a ticket, who was suggested for one, and who left one (T06).

use super::error::Result;
use super::transaction::Tx;
use super::{person, sql};
use crate::desk::model::Person;
use crate::mail::AddrSpec;
use rusqlite::Connection;

/// Who takes part in a ticket beside its requester, in the order of their numbers.
pub fn all(c: &Connection, ticket: i64) -> Result<Vec<Person>> {
    let text = "select p.id, p.address, p.name, p.spam from participant t join person p on p.id = t.person
         where t.ticket = ?1 order by t.person";
    sql::all(c, text, [ticket], person::from_row)
}

/// Remembers that a person wrote to an address; of a ticket and person at most so many.
pub fn suggest(
    c: &Connection,
    (ticket, person): (i64, i64),
    address: &AddrSpec,
    most: usize,
    now: i64,
) -> Result<()> {
    let text = "insert into suggestion (ticket, person, address, created_at) select ?1, ?2, ?3, ?4
         where (select count(*) from suggestion where ticket = ?1 and person = ?2) < ?5
         on conflict do nothing";
    sql::run(c, text, (ticket, person, address.as_str(), now, sql::count(most)))?;
    Ok(())
}

/// The addresses that a person is asked about, in the order in which they wrote to them.
pub fn suggestions(c: &Connection, ticket: i64, person: i64) -> Result<Vec<String>> {
    let text = "select address from suggestion where ticket = ?1 and person = ?2
         order by created_at, address";
    sql::all(c, text, (ticket, person), |r| r.get(0))
}

/// The question was answered.
pub fn forget_suggestion(tx: &Tx<'_>, ticket: i64, person: i64, address: &AddrSpec) -> Result<()> {
    let text = "delete from suggestion where ticket = ?1 and person = ?2 and address = ?3";
    sql::run(tx.c, text, (ticket, person, address.as_str()))?;
    Ok(())
}

/// A new participant; nobody needs to be asked about them any more. `since`: the number of the last message
/// that is not theirs to see.
pub fn join(c: &Connection, ticket: i64, person: i64, since: i64) -> Result<()> {
    let text = "insert into participant (ticket, person, since) values (?1, ?2, ?3) on conflict do nothing";
    sql::run(c, text, (ticket, person, since))?;
    let text = "delete from suggestion
         where ticket = ?1 and address = (select address from person where id = ?2)";
    sql::run(c, text, (ticket, person))?;
    Ok(())
}

/// A person is out of the ticket and of those that went into it, and letters to them that have not left do
/// not leave.
pub fn leave(c: &Connection, ticket: i64, person: i64, now: i64) -> Result<()> {
    let parts = "with recursive part (id) as (select id from ticket where id = ?1 union
           select t.id from ticket t join part p on t.merged_into = p.id where t.merged_into is not null)";
    for text in [
        "delete from participant where person = ?2 and ticket in (select id from part)",
        "delete from suggestion where person = ?2 and ticket in (select id from part)",
    ] {
        sql::run(c, &format!("{parts} {text}"), (ticket, person))?;
    }
    let text = "update letter set state = 'cancelled', next_at = null, settled_at = ?3,
           reason = 'its reader left the ticket'
         where person = ?2 and ticket in (select id from part)
           and state in ('queued', 'deferred', 'unknown')";
    sql::run(c, &format!("{parts} {text}"), (ticket, person, now))?;
    Ok(())
}
