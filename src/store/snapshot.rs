//! Questions -> Snapshot, inside the transaction that will hold the answer.

use super::error::Result;
use super::{
    command_set, held, letter, mail, message, participants, person, questions, sql, staff, staff_query,
    ticket,
};
use crate::desk::model::bounds::{MERGES_MAX, TOLD_MAX};
use crate::desk::model::{Counts, Free, LetterKind, Questions, Snapshot, TicketFacts, Weighed};
use crate::desk::rules::Rules;
use crate::mail::AddrSpec;
use rusqlite::{Connection, ToSql};

/// What is known about everything that was asked.
///
/// `weigh` says of the answers so far what follows from them, and which words are therefore needed.
pub fn snapshot(
    c: &Connection,
    q: &Questions,
    rules: &Rules,
    now: i64,
    weigh: impl FnOnce(&Snapshot) -> Weighed,
) -> Result<Snapshot> {
    let (mut out, bounds) = (Snapshot::default(), &rules.bounds);
    if !q.bare {
        (out.free, out.staff, out.digest) = (free(c)?, staff::members(c)?, staff::with_digest(c)?);
    }
    for address in q.sender.iter().chain(&q.addresses) {
        if let Some(person) = person::by_address(c, address)? {
            out.persons.insert(person.address.clone(), person);
        }
    }
    for id in &q.ids {
        out.ids.extend(letter::id_hit(c, id)?);
    }
    if q.content_hash != [0; 32] {
        out.duplicate = mail::duplicate(c, q)?;
    }
    if !q.signatures.is_empty() {
        out.id_taken = mail::id_taken(c, q)?;
        out.signatures = mail::taken_signatures(c, &q.signatures)?;
    }
    questions::answer(c, q, bounds, now, &mut out)?;
    let mut wanted = q.tickets.clone();
    let hour = &out.due.hour;
    wanted.extend(hour.ahead.iter().chain(&hour.waking).chain(&hour.reminding));
    wanted.extend(out.attempts.iter().filter_map(|a| a.ticket).filter(|_| !q.bare));
    wanted.extend(out.ids.iter().filter_map(|h| h.ticket).take(bounds.named_by_ids_max));
    for number in wanted {
        load(c, number, &mut out)?;
    }
    if q.undo {
        deeds(c, &mut out)?;
    }
    if let Some(sender) = &q.sender {
        out.earlier = ticket::last_of(c, sender, bounds.earlier_tickets_max)?;
        out.counts = counts(c, sender, rules, now, &out)?;
        if let Some(person) = out.staff_by_address(sender).map(|s| s.person.id) {
            out.crossed = held::crossed_of(c, person)?;
        }
        if let (Some(query), Some(staff)) = (&q.query, out.staff_by_address(sender)) {
            out.found = staff_query::found(c, query, &q.hits, staff.person.id, &out)?;
        }
    }
    out.weighed = weigh(&out);
    let too_many = out.weighed.unseen.len().saturating_sub(TOLD_MAX);
    let newest: Vec<i64> = out.weighed.unseen.iter().skip(too_many).copied().collect();
    out.unseen = staff_query::said_of(c, &newest)?;
    if let Some(ticket) = out.weighed.said_in {
        out.said = message::said(c, ticket, rules.bounds.said_bytes_max)?;
    }
    Ok(out)
}

/// Sets of commands on the tickets that are known and on those that went into them, with all other tickets
/// that they touched.
fn deeds(c: &Connection, out: &mut Snapshot) -> Result<()> {
    for number in out.tickets.keys().copied().collect::<Vec<_>>() {
        for deed in command_set::of_ticket(c, number)? {
            for other in deed.others() {
                load(c, other, out)?;
            }
            if !out.command_sets.iter().any(|d| d.id == deed.id) {
                out.command_sets.push(deed);
            }
        }
    }
    Ok(())
}

/// The next free number of each kind. A transaction that writes has the desk for itself, so they stay free
/// until its end.
fn free(c: &Connection) -> Result<Free> {
    let text = "select coalesce((select max(id) from ticket), 0) + 1,
                coalesce((select max(id) from person), 0) + 1,
                coalesce((select max(id) from message), 0) + 1,
                coalesce((select max(id) from letter), 0) + 1,
                coalesce((select max(id) from mail), 0) + 1";
    sql::one(c, text, [], |r| {
        Ok(Free {
            ticket: r.get(0)?,
            person: r.get(1)?,
            message: r.get(2)?,
            letter: r.get(3)?,
            mail: r.get(4)?,
        })
    })
}

/// Loads a ticket and, where it was merged, those it went to.
fn load(c: &Connection, number: i64, out: &mut Snapshot) -> Result<()> {
    let mut next = Some(number);
    for _ in 0..MERGES_MAX {
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
    let Some(ticket) = ticket::by_number(c, number)? else { return Ok(None) };
    Ok(Some(TicketFacts {
        requester: person::by_id(c, ticket.requester)?,
        ticket,
        participants: participants::all(c, number)?,
        tags: ticket::tags(c, number)?,
        watchers: ticket::watchers(c, number)?,
        messages: message::references(c, number)?,
        letters: letter::references(c, number)?,
    }))
}

/// What the limits of the gate are compared with.
fn counts(c: &Connection, sender: &AddrSpec, rules: &Rules, now: i64, known: &Snapshot) -> Result<Counts> {
    let bounds = &rules.bounds;
    let counted = rules.counted(sender);
    let counted = counted.as_str();
    let number =
        |text: &str, values: &[&dyn ToSql]| -> Result<u32> { sql::one(c, text, values, |r| r.get(0)) };
    // T93: what a clock that was wrong wrote ahead of time would count for years.
    let (day, hour, soon) = (now - bounds.day_secs, now - bounds.hour_secs, now + bounds.ahead_secs);
    let mut out = Counts {
        letters_address_day: number(
            "select count(*) from letter
             where automatic and counted_as = ?1 and created_at > ?2 and created_at <= ?3",
            &[&counted, &day, &soon],
        )?,
        letters_domain_hour: number(
            "select count(*) from letter
             where automatic and created_at > ?1 and created_at <= ?2 and domain = ?3",
            &[&hour, &soon, &sender.domain()],
        )?,
        letters_desk_hour: number(
            "select count(*) from letter where automatic and created_at > ?1 and created_at <= ?2",
            &[&hour, &soon],
        )?,
        ..Counts::default()
    };
    // T29: no further than to the limit, so that a bomb does not make each of its mails dearer than the one
    // before.
    out.tickets_sender_hour = number(
        "select count(*) from (select 1 from opened
           where counted_as = ?1 and at > ?2 and at <= ?3 limit ?4) as opened_now",
        &[&counted, &hour, &soon, &rules.tickets_per_sender_hour],
    )?;
    if let Some(staff) = known.staff_by_address(sender) {
        // The list of kinds is that of the index `letter_told`.
        let told =
            "select count(*) from letter where kind in ('hold', 'result') and kind = ?1 and person = ?2
           and created_at > ?3 and created_at <= ?4";
        let person = staff.person.id;
        out.staff = Some(person);
        out.results_staff_hour = number(told, &[&LetterKind::Result.as_str(), &person, &hour, &soon])?;
        // A letter that returns a crossed answer is of its ticket, and is no letter about a mail of somebody
        // else.
        out.holds_staff_hour = number(
            &format!("{told} and ticket is null"),
            &[&LetterKind::Hold.as_str(), &person, &hour, &soon],
        )?;
    }
    Ok(out)
}
