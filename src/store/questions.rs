//! What forms, orders, the Hour and the relay's answers ask beside tickets and persons.

use super::error::Result;
use super::{alarm, digest, due, held, letter, outbox, participants, person, session, staff, ticket};
use crate::desk::model::form::{LinksAsked, LiveLink};
use crate::desk::model::hour::{DigestMark, Due, HourPart, HourQuestion, OpenAlarm};
use crate::desk::model::{Attempts, Bounds, Breaker, Person, Questions, Snapshot, Spam, WaitingNotice};
use crate::mail::AddrSpec;
use rusqlite::Connection;

/// Adds to a snapshot what was asked for; nothing else is looked at.
pub fn answer(c: &Connection, q: &Questions, bounds: &Bounds, now: i64, out: &mut Snapshot) -> Result<()> {
    if q.staff_rows {
        out.staff_rows = staff::all(c)?;
    }
    if let Some((address, network)) = &q.links_asked {
        let (address_quarter, address_day) = session::asked(c, bounds, &format!("address:{address}"), now)?;
        let (network_quarter, _) = session::asked(c, bounds, &format!("network:{network}"), now)?;
        let by_network = format!("address:{address} network:{network}");
        let (_, address_by_network_day) = session::asked(c, bounds, &by_network, now)?;
        out.links_asked =
            LinksAsked { address_quarter, address_day, network_quarter, address_by_network_day };
    }
    if let Some(hash) = &q.link {
        let row = session::link(c, bounds, hash, now)?;
        out.link = row.and_then(|(person, ticket, address)| {
            Some(LiveLink { person, ticket, address: AddrSpec::parse(&address)? })
        });
    }
    if let Some((ticket, person)) = q.suggestions {
        let all = participants::suggestions(c, ticket::live(c, ticket)?, person)?;
        out.suggestions = all.iter().filter_map(|a| AddrSpec::parse(a)).collect();
    }
    if let Some(hash) = &q.held_link {
        let shown = held::link(c, bounds, hash, now)?;
        out.held_link = shown.map(|(person, rows)| (person, rows.iter().map(|r| r.id).collect()));
    }
    if let Some(id) = q.held {
        out.is_held = held::one(c, id)?.is_some();
    }
    if let Some(question) = &q.hour {
        out.due = hour(c, question, bounds, now)?;
    }
    if let Some(letter) = q.letter {
        out.attempts = attempts(c, letter)?;
    }
    if q.open_letters {
        out.open_letters = outbox::open(c)?;
    }
    Ok(())
}

fn attempts(c: &Connection, number: i64) -> Result<Option<Attempts>> {
    let (Some((ticket, hit)), Some((times, was_unknown))) =
        (letter::hit(c, number)?, outbox::attempts(c, number)?)
    else {
        return Ok(None);
    };
    Ok(Some(Attempts { hit, ticket, times, was_unknown }))
}

/// What is due of the part that is looked at.
fn hour(c: &Connection, question: &HourQuestion, bounds: &Bounds, now: i64) -> Result<Due> {
    let part = question.scope.part;
    let is = |one: HourPart| part == HourPart::All || part == one;
    let mut out = Due::default();
    match part {
        HourPart::All => {
            let kept = |n: &i64| !question.scope.aside.contains(n);
            let due = |all: Vec<i64>| all.into_iter().filter(kept).collect();
            if question.scope.clock_is_sound {
                out.hour.ahead = due(due::ahead(c, bounds, now)?);
            }
            out.hour.waking = due(due::waking(c, bounds, now)?);
            out.hour.reminding = due(due::reminding(c, bounds, now)?);
        }
        // Whether its time has come is asked of the ticket itself.
        HourPart::Ticket(number) => {
            out.hour.ahead = if question.scope.clock_is_sound { vec![number] } else { Vec::new() };
            (out.hour.waking, out.hour.reminding) = (vec![number], vec![number]);
        }
        HourPart::Notices | HourPart::Untold | HourPart::Alarms | HourPart::Digest => {}
    }
    if is(HourPart::Notices) {
        (out.hour.held, out.hour.held_more) = notices(c, bounds, now)?;
    }
    if is(HourPart::Untold) {
        out.untold = held::untold(c, bounds, now)?;
    }
    if is(HourPart::Alarms) {
        out.alarms = alarms(c, bounds, now)?;
    }
    if is(HourPart::Digest) {
        let mark = digest::mark(c)?;
        out.newest = digest::newest(c)?;
        out.digest_mark = mark.map(|(at, message, ticket)| DigestMark { at, message, ticket });
        if let Some(mark) = mark.filter(|(at, ..)| *at < question.day_began_at) {
            out.hour.digest = Some(digest::morning(c, bounds, mark, question.day_began_at, now)?);
        }
    }
    Ok(out)
}

/// Notices that were held back and leave now, and how many there are beside them: (person, how many).
fn notices(c: &Connection, bounds: &Bounds, now: i64) -> Result<(Vec<WaitingNotice>, Vec<due::More>)> {
    let (rows, more) = due::pending_due(c, bounds, now)?;
    let mut out = Vec::with_capacity(rows.len());
    for (id, person, ticket, why) in rows {
        let p = person::shown(c, person)?;
        let Some(address) = AddrSpec::parse(&p.address) else { continue };
        let person = Person { id: p.id, address, name: p.name, spam: Spam::No };
        out.push(WaitingNotice { id, person, ticket, why });
    }
    Ok((out, more))
}

/// Alarms that are open, with the letters that each counts.
fn alarms(c: &Connection, bounds: &Bounds, now: i64) -> Result<Vec<OpenAlarm>> {
    let mut out = Vec::new();
    for open in alarm::open(c)? {
        let letters = match &open.breaker {
            Some(Breaker::Domain(domain)) => alarm::letters_of_hour(c, bounds, Some(domain), now)?,
            Some(Breaker::LettersToStaff) => u32::try_from(outbox::failed(c)?.0).unwrap_or(u32::MAX),
            Some(Breaker::Desk) | None => alarm::letters_of_hour(c, bounds, None, now)?,
        };
        let (id, breaker, text, told) = (open.id, open.breaker, open.text, open.told);
        out.push(OpenAlarm { id, breaker, text, told, letters });
    }
    Ok(out)
}
