//! Questions -> Snapshot, inside the transaction that will hold the answer.

use super::Result;
use super::rows::{address, person_by_id, to_person, to_ticket};
use crate::desk::guard;
use crate::desk::undo::{self, Deed};
use crate::desk::{
    Counts, Free, IdHit, Kind, LetterHit, LetterKind, LetterRef, MessageRef, Person, Questions, Rules,
    Snapshot, Staff, Status, TicketFacts,
};
use crate::mail::{AddrSpec, MessageId};
use rusqlite::{Connection, OptionalExtension};
use std::collections::BTreeMap;

const HOUR: i64 = 3600;

/// What is known about everything that was asked.
pub fn snapshot(c: &Connection, q: &Questions, rules: &Rules, now: i64) -> Result<Snapshot> {
    let mut out = Snapshot {
        free: free(c)?,
        staff: staff(c)?,
        digest: super::staff::with_digest(c)?,
        ..Snapshot::default()
    };
    for address in q.sender.iter().chain(&q.addresses) {
        if let Some(person) = person(c, address)? {
            out.persons.insert(person.address.clone(), person);
        }
    }
    for id in &q.ids {
        out.ids.extend(id_hit(c, id)?);
    }
    out.duplicate = duplicate(c, q)?;
    if !q.signatures.is_empty() {
        out.id_taken = id_taken(c, q)?;
        out.signatures = taken_signatures(c, &q.signatures)?;
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
            out.crossed = super::held::crossed_of(c, person)?;
        }
        if let (Some(query), Some(staff)) = (&q.query, out.staff_by_address(sender)) {
            out.found = super::query::found(c, query, staff.person.id, &out)?;
        }
    }
    Ok(out)
}

/// A snapshot of one ticket, for orders that name no mail.
pub fn of_ticket(c: &Connection, numbers: &[i64], addresses: &[AddrSpec]) -> Result<Snapshot> {
    let mut out = Snapshot {
        free: free(c)?,
        staff: staff(c)?,
        digest: super::staff::with_digest(c)?,
        ..Snapshot::default()
    };
    for address in addresses {
        if let Some(person) = person(c, address)? {
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
    let mut s = c.prepare_cached(
        "select id, ticket, person, letter, steps, at, undone_at from deed
         where ticket = ?1 or ticket in (select id from ticket where merged_into = ?1) order by id",
    )?;
    for number in out.tickets.keys().copied().collect::<Vec<_>>() {
        let rows = s.query_map([number], |r| {
            Ok(Deed {
                id: r.get(0)?,
                ticket: r.get(1)?,
                person: r.get(2)?,
                letter: r.get(3)?,
                steps: undo::read(&r.get::<_, String>(4)?),
                at: r.get(5)?,
                undone: r.get::<_, Option<i64>>(6)?.is_some(),
            })
        })?;
        for deed in rows.collect::<std::result::Result<Vec<_>, _>>()? {
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

pub fn staff(c: &Connection) -> Result<Vec<Staff>> {
    let mut s = c.prepare_cached(
        // Ordered by the small table's column: by the other one the planner walks all persons.
        "select p.id, p.address, s.name, p.spam from staff s join person p on p.id = s.person where s.removed_at is null
         order by s.person",
    )?;
    let persons: Vec<Person> = s.query_map([], to_person)?.collect::<std::result::Result<_, _>>()?;
    let mut aliases =
        c.prepare_cached("select address from staff_alias where person = ? order by address")?;
    let mut out = Vec::with_capacity(persons.len());
    for person in persons {
        let found = aliases.query_map([person.id], |r| r.get::<_, String>(0))?;
        let list = found
            .collect::<std::result::Result<Vec<_>, _>>()?
            .iter()
            .filter_map(|a| AddrSpec::parse(a))
            .collect();
        out.push(Staff { person, aliases: list });
    }
    Ok(out)
}

pub fn person(c: &Connection, address: &AddrSpec) -> Result<Option<Person>> {
    let mut s = c.prepare_cached("select id, address, name, spam from person where address = ?")?;
    Ok(s.query_row([address.as_str()], to_person).optional()?)
}

fn id_hit(c: &Connection, id: &MessageId) -> Result<Option<IdHit>> {
    let mut s = c.prepare_cached(
        "select k.letter, coalesce(l.ticket, m.ticket), l.kind, l.person, l.forward_path, l.message, l.generation, l.created_at
         from known_id k left join letter l on l.id = k.letter left join mail m on m.id = k.mail
         where k.id = ? order by k.letter desc limit 1",
    )?;
    let row = s.query_row([id.as_str()], |r| {
        let kind: Option<String> = r.get(2)?;
        let letter = match kind.as_deref().and_then(LetterKind::from_word) {
            Some(kind) => Some(LetterHit {
                letter: r.get(0)?,
                kind,
                person: r.get(3)?,
                to: address(&r.get::<_, String>(4)?),
                message: r.get(5)?,
                generation: r.get(6)?,
                created_at: r.get(7)?,
            }),
            None => None,
        };
        Ok(IdHit { id: id.clone(), ticket: r.get(1)?, letter })
    });
    Ok(row.optional()?)
}

/// T17: found by way of the Message-ID, proven by the hash in the row.
fn duplicate(c: &Connection, q: &Questions) -> Result<Option<i64>> {
    let key = id_key(q);
    let mut s = c.prepare_cached(
        "select m.id from known_id k join mail m on m.id = k.mail where k.id = ? and m.hash = ?",
    )?;
    Ok(s.query_row((key, q.content_hash.as_slice()), |r| r.get(0)).optional()?)
}

/// T107: a mail with this id was taken in.
fn id_taken(c: &Connection, q: &Questions) -> Result<bool> {
    let mut s = c.prepare_cached("select 1 from known_id where id = ? and mail <> 0")?;
    Ok(s.exists([id_key(q)])?)
}

/// T107: those of the signatures that were taken in.
fn taken_signatures(c: &Connection, asked: &[[u8; 32]]) -> Result<Vec<[u8; 32]>> {
    let mut s = c.prepare_cached("select 1 from signature where fingerprint = ?")?;
    let mut out = Vec::new();
    for fingerprint in asked {
        if s.exists([fingerprint.as_slice()])? {
            out.push(*fingerprint);
        }
    }
    Ok(out)
}

/// The id under which a mail is remembered; a mail without one is remembered by its hash.
pub fn id_key(q: &Questions) -> String {
    match &q.message_id {
        Some(id) => id.as_str().to_owned(),
        None => format!("hash {}", data_encoding::HEXLOWER.encode(&q.content_hash)),
    }
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
    let Some(ticket) = s.query_row([number], to_ticket).optional()? else { return Ok(None) };
    let requester = person_by_id(c, ticket.requester)?;
    let mut s = c.prepare_cached(
        "select p.id, p.address, p.name, p.spam from participant t join person p on p.id = t.person where t.ticket = ? order by t.person",
    )?;
    let participants = s.query_map([number], to_person)?.collect::<std::result::Result<_, _>>()?;
    let mut s = c.prepare_cached("select word from tag where ticket = ? order by word")?;
    let tags = s.query_map([number], |r| r.get(0))?.collect::<std::result::Result<_, _>>()?;
    let mut s = c.prepare_cached("select person from watcher where ticket = ? order by person")?;
    let watchers = s.query_map([number], |r| r.get(0))?.collect::<std::result::Result<_, _>>()?;
    let mut s = c.prepare_cached(
        "select id, kind, author, message_id, shown and not automatic, created_at, origin from message where ticket = ? order by id",
    )?;
    let messages = s.query_map([number], |r| {
        Ok(MessageRef {
            id: r.get(0)?,
            origin: r.get(6)?,
            kind: Kind::from_word(&r.get::<_, String>(1)?).unwrap_or(Kind::System),
            author: r.get(2)?,
            message_id: r.get::<_, Option<String>>(3)?.and_then(|m| MessageId::parse(&m)),
            shown: r.get(4)?,
            created_at: r.get(5)?,
        })
    })?;
    let messages = messages.collect::<std::result::Result<_, _>>()?;
    Ok(Some(TicketFacts {
        ticket,
        requester,
        participants,
        tags,
        watchers,
        messages,
        letters: letters(c, number)?,
    }))
}

fn letters(c: &Connection, ticket: i64) -> Result<Vec<LetterRef>> {
    let mut s = c.prepare_cached(
        "select id, kind, person, author, message, message_id, state, created_at from letter where ticket = ? and kind != 'link' order by id",
    )?;
    let rows = s.query_map([ticket], |r| {
        let id: String = r.get(5)?;
        Ok(LetterRef {
            id: r.get(0)?,
            kind: LetterKind::from_word(&r.get::<_, String>(1)?).unwrap_or(LetterKind::Summary),
            person: r.get::<_, Option<i64>>(2)?.unwrap_or(0),
            author: r.get(3)?,
            message: r.get(4)?,
            message_id: MessageId::parse(&id)
                .unwrap_or_else(|| MessageId::parse("unreadable@invalid").expect("a literal")),
            failed: r.get::<_, String>(6)? == "failed",
            created_at: r.get(7)?,
        })
    })?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
}

/// T72: the words of all messages of a ticket: whole as they came, of staff only what was relayed.
pub fn said(c: &Connection, ticket: i64) -> Result<BTreeMap<i64, String>> {
    let mut s = c.prepare_cached(
        "select id, case kind when 'customer' then text || char(10) || quoted || char(10) || signature else text end
         from message where ticket = ? and kind in ('customer', 'staff')",
    )?;
    let rows = s.query_map([ticket], |r| Ok((r.get(0)?, r.get(1)?)))?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
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
