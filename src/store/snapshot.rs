//! Questions -> Snapshot, inside the transaction that will hold the answer.

use super::error::Result;
use super::{deed, held, letter, mail, message, person, staff, staff_query, ticket};
// Old paths, for `app`.
pub use super::message::said;
pub use super::person::by_address as person;
pub use super::staff::members as staff;
use crate::desk::guard;
use crate::desk::{Counts, Free, Questions, Rules, Snapshot, Status, TicketFacts};
use crate::mail::AddrSpec;
use rusqlite::{Connection, OptionalExtension};

const HOUR: i64 = 3600;

/// What is known about everything that was asked.
pub fn snapshot(c: &Connection, q: &Questions, rules: &Rules, now: i64) -> Result<Snapshot> {
    let mut out = Snapshot {
        free: free(c)?,
        staff: staff::members(c)?,
        digest: staff::with_digest(c)?,
        ..Snapshot::default()
    };
    for address in q.sender.iter().chain(&q.addresses) {
        if let Some(person) = person::by_address(c, address)? {
            out.persons.insert(person.address.clone(), person);
        }
    }
    for id in &q.ids {
        out.ids.extend(letter::id_hit(c, id)?);
    }
    out.duplicate = mail::duplicate(c, q)?;
    if !q.signatures.is_empty() {
        out.id_taken = mail::id_taken(c, q)?;
        out.signatures = mail::taken_signatures(c, &q.signatures)?;
    }
    let mut wanted = q.tickets.clone();
    wanted.extend(out.ids.iter().filter_map(|h| h.ticket).take(12));
    for number in wanted {
        load(c, number, &mut out)?;
    }
    if q.undo {
        deeds(c, &mut out)?;
    }
    if let Some(sender) = &q.sender {
        out.earlier = earlier(c, sender)?;
        out.counts = counts(c, sender, rules, now, &out)?;
        if let Some(person) = out.staff_by_address(sender).map(|s| s.person.id) {
            out.crossed = held::crossed_of(c, person)?;
        }
        if let (Some(query), Some(staff)) = (&q.query, out.staff_by_address(sender)) {
            out.found = staff_query::found(c, query, staff.person.id, &out)?;
        }
    }
    Ok(out)
}

/// A snapshot of one ticket, for orders that name no mail.
pub fn of_ticket(c: &Connection, numbers: &[i64], addresses: &[AddrSpec]) -> Result<Snapshot> {
    let mut out = Snapshot {
        free: free(c)?,
        staff: staff::members(c)?,
        digest: staff::with_digest(c)?,
        ..Snapshot::default()
    };
    for address in addresses {
        if let Some(person) = person::by_address(c, address)? {
            out.persons.insert(person.address.clone(), person);
        }
    }
    for number in numbers {
        load(c, *number, &mut out)?;
    }
    Ok(out)
}

/// Sets of commands on the tickets that are known and on those that went into them, with all other tickets
/// that they touched.
pub fn deeds(c: &Connection, out: &mut Snapshot) -> Result<()> {
    for number in out.tickets.keys().copied().collect::<Vec<_>>() {
        for deed in deed::of_ticket(c, number)? {
            for other in deed.others() {
                load(c, other, out)?;
            }
            if !out.deeds.iter().any(|d| d.id == deed.id) {
                out.deeds.push(deed);
            }
        }
    }
    Ok(())
}

fn free(c: &Connection) -> Result<Free> {
    let mut s = c.prepare_cached(
        "select coalesce((select max(id) from ticket), 0) + 1, coalesce((select max(id) from person), 0) + 1,
                coalesce((select max(id) from message), 0) + 1, coalesce((select max(id) from letter), 0) + 1,
                coalesce((select max(id) from mail), 0) + 1",
    )?;
    Ok(s.query_row([], |r| {
        Ok(Free {
            ticket: r.get(0)?,
            person: r.get(1)?,
            message: r.get(2)?,
            letter: r.get(3)?,
            mail: r.get(4)?,
        })
    })?)
}

/// Loads a ticket and, where it was merged, those it went to.
fn load(c: &Connection, number: i64, out: &mut Snapshot) -> Result<()> {
    let mut next = Some(number);
    for _ in 0..8 {
        let Some(n) = next.filter(|n| !out.tickets.contains_key(n)) else { break };
        let Some(facts) = facts(c, n)? else { break };
        next = facts.ticket.merged_into;
        for p in std::iter::once(&facts.requester).chain(&facts.participants) {
            out.persons.insert(p.address.clone(), p.clone());
        }
        out.tickets.insert(n, facts);
    }
    Ok(())
}

fn facts(c: &Connection, number: i64) -> Result<Option<TicketFacts>> {
    let mut s = c.prepare_cached("select * from ticket where id = ?")?;
    let Some(ticket) = s.query_row([number], ticket::from_row).optional()? else { return Ok(None) };
    let requester = person::by_id(c, ticket.requester)?;
    let mut s = c.prepare_cached(
        "select p.id, p.address, p.name, p.spam from participant t join person p on p.id = t.person where t.ticket = ? order by t.person",
    )?;
    let participants = s.query_map([number], person::from_row)?.collect::<std::result::Result<_, _>>()?;
    let mut s = c.prepare_cached("select word from tag where ticket = ? order by word")?;
    let tags = s.query_map([number], |r| r.get(0))?.collect::<std::result::Result<_, _>>()?;
    let mut s = c.prepare_cached("select person from watcher where ticket = ? order by person")?;
    let watchers = s.query_map([number], |r| r.get(0))?.collect::<std::result::Result<_, _>>()?;
    Ok(Some(TicketFacts {
        ticket,
        requester,
        participants,
        tags,
        watchers,
        messages: message::references(c, number)?,
        letters: letter::references(c, number)?,
    }))
}

fn earlier(c: &Connection, sender: &AddrSpec) -> Result<Vec<(i64, String, Status)>> {
    let mut s = c.prepare_cached(
        // By the index of requesters: with a join the planner walks all tickets backwards for a sender who
        // has none.
        "select id, subject, status from ticket where requester = (select id from person where address = ?) order by id desc limit 5",
    )?;
    let rows = s.query_map([sender.as_str()], |r| {
        Ok((r.get(0)?, r.get(1)?, Status::from_word(&r.get::<_, String>(2)?).unwrap_or(Status::Open)))
    })?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
}

fn counts(c: &Connection, sender: &AddrSpec, rules: &Rules, now: i64, known: &Snapshot) -> Result<Counts> {
    let counted = rules.counted(sender);
    let number = |sql: &str, p: &[&dyn rusqlite::ToSql]| -> Result<u32> {
        Ok(c.prepare_cached(sql)?.query_row(p, |r| r.get(0))?)
    };
    // T93: what a clock that was wrong wrote ahead of time would count for years.
    let (hour, soon) = (now - HOUR, now + guard::AHEAD_SECS);
    let mut out = Counts {
        letters_address_day: number(
            "select count(*) from letter where automatic = 1 and counted_as = ? and created_at > ? and created_at <= ?",
            &[&counted.as_str(), &(now - 24 * HOUR), &soon],
        )?,
        letters_domain_hour: number(
            "select count(*) from letter where automatic = 1 and created_at > ? and created_at <= ? and domain = ?",
            &[&hour, &soon, &sender.domain()],
        )?,
        letters_desk_hour: number(
            "select count(*) from letter where automatic = 1 and created_at > ? and created_at <= ?",
            &[&hour, &soon],
        )?,
        ..Counts::default()
    };
    // T29: no further than to the limit, so that a bomb does not make each of its mails dearer than the one
    // before.
    out.tickets_sender_hour = number(
        "select count(*) from (select 1 from opened where counted_as = ? and at > ? and at <= ? limit ?)",
        &[&counted.as_str(), &hour, &soon, &rules.tickets_per_sender_hour],
    )?;
    if let Some(staff) = known.staff_by_address(sender) {
        // The list of kinds is that of the index `letter_told`.
        let sql = "select count(*) from letter where kind in ('hold', 'result') and kind = ? and person = ? and created_at > ?
                   and created_at <= ?";
        out.staff = Some(staff.person.id);
        out.results_staff_hour = number(sql, &[&"result", &staff.person.id, &hour, &soon])?;
        // A letter that returns a crossed answer is of its ticket, and is no letter about a mail of somebody
        // else.
        out.holds_staff_hour =
            number(&format!("{sql} and ticket is null"), &[&"hold", &staff.person.id, &hour, &soon])?;
    }
    Ok(out)
}
