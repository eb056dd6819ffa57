//! A small desk for the tests of the core: Alice's ticket, Bob and Eve who are staff, mails to it, and what
//! is decided about them.

#![allow(missing_docs, reason = "the names of test values say what they are")]

use super::inbound::decide::decide;
use super::inbound::gather::{Asked, gather};
use super::inbound::questions::questions;
use super::inbound::weigh::weigh;
use super::model::{
    Bounds, Change, Clock, Decision, Domain, Facts, Free, IdHit, Kind, Letter, LetterHit, LetterKind,
    LetterRef, Mailed, MessageRef, Moment, Person, Priority, Signed, Snapshot, Staff, StaffProof, Status,
    Ticket, TicketFacts,
};
use super::proof::domain::own_form;
use super::rules::{Confirm, Own, Rules};
use super::seal;
use super::time::due_date::Targets;
use crate::mail::{AddrSpec, Inbound, MessageId, parse};
use std::borrow::Cow;

pub const NOW: i64 = 1_795_683_600;

pub const TEN_DAYS: i64 = 864_000;

pub const OLD_WORDS: &str = "CANARY-OF-OLD-WORDS";

pub const BOB: &str = "Bob <bob@staff.example>";

pub const ALICE: &str = "Alice <alice@customer.example>";

pub const MALLORY: &str = "Mallory <mallory@evil.example>";

/// Rules of a small desk, for tests of the core.
pub fn rules() -> Rules {
    let address = AddrSpec::parse("support@desk.example").expect("an address");
    Rules {
        name: "Desk".into(),
        address: address.clone(),
        url: "https://support.desk.example".into(),
        prefix: "DESK".into(),
        categories: vec!["Hardware".into(), "Software".into()],
        zone: jiff::tz::TimeZone::UTC,
        own: Own { addresses: vec![(address, '+')], everybody: false },
        plus_addressing: true,
        separator: '+',
        plus_sender: true,
        null_sender: false,
        extra: Vec::new(),
        confirm: Confirm::All,
        staff_proof: StaffProof::Any,
        authserv_id: None,
        topmost_without_id: false,
        trusted_arc_sealers: Vec::new(),
        web_forms: Vec::new(),
        answers: std::collections::BTreeMap::new(),
        own_lists: Vec::new(),
        routes: Vec::new(),
        restored_at: None,
        targets: Targets::none(jiff::tz::TimeZone::UTC),
        link_minutes: 15,
        session_days: 7,
        links_per_address_quarter: 3,
        links_per_address_day: 10,
        links_per_network_quarter: 10,
        letters_per_address_day: 10,
        letters_per_domain_hour: 200,
        letters_per_desk_hour: 1000,
        tickets_per_sender_hour: 30,
        answers_per_staff_hour: 20,
        reply_address_days: 90,
        reply_address_days_closed: 14,
        files_bytes_max: 10_000_000,
        bounds: Bounds::default(),
        keys: seal::Keys::derive(&[7; 32], 1),
    }
}

pub fn address(text: &str) -> AddrSpec {
    AddrSpec::parse(text).expect("an address")
}

pub fn id(text: &str) -> MessageId {
    MessageId::parse(text).expect("an id")
}

pub fn human(id: i64, at: &str) -> Person {
    Person { id, address: address(at), name: String::new(), spam: crate::desk::model::Spam::No }
}

/// Ticket 1, which is closed and Alice's.
fn alices_ticket() -> Ticket {
    Ticket {
        number: 1,
        subject: "Printer".into(),
        status: Status::Closed,
        priority: Priority::Normal,
        category: None,
        mailbox: None,
        requester: 3,
        assignee: None,
        privacy: false,
        merged_into: None,
        created_at: NOW - 1000,
        updated_at: NOW - 900,
        due_at: None,
        wait_until: None,
        closed_at: Some(NOW - 900),
        clock: Clock::default(),
    }
}

/// Ticket 1 is Alice's and closed; letter 1 went to her, letter 2 to Bob.
pub fn known() -> Snapshot {
    let [bob, eve, alice] =
        [human(1, "bob@staff.example"), human(2, "eve@staff.example"), human(3, "alice@customer.example")];
    let letter = |n: i64, person: i64, kind: LetterKind| LetterRef {
        id: n,
        kind,
        person,
        author: None,
        message: Some(1),
        message_id: id(&format!("letter{n}@desk.example")),
        failed: false,
        created_at: NOW - 900,
    };
    let hit = |n: i64, person: &Person, kind| IdHit {
        id: id(&format!("letter{n}@desk.example")),
        ticket: Some(1),
        letter: Some(LetterHit {
            letter: n,
            kind,
            person: Some(person.id),
            to: person.address.clone(),
            message: Some(1),
            generation: 1,
            created_at: NOW - 900,
        }),
    };
    let message = MessageRef {
        id: 1,
        origin: None,
        kind: Kind::Customer,
        author: Some(3),
        message_id: Some(id("first@customer.example")),
        shown: true,
        proven: false,
        created_at: NOW - 1000,
    };
    let facts = TicketFacts {
        ticket: alices_ticket(),
        requester: alice.clone(),
        participants: Vec::new(),
        tags: Vec::new(),
        watchers: Vec::new(),
        messages: vec![message],
        letters: vec![letter(1, 3, LetterKind::Confirmation), letter(2, 1, LetterKind::Notification)],
    };
    Snapshot {
        free: Free { ticket: 2, person: 10, message: 10, letter: 10, mail: 10 },
        ids: vec![hit(1, &alice, LetterKind::Confirmation), hit(2, &bob, LetterKind::Notification)],
        persons: [(alice.address.clone(), alice)].into(),
        staff: [bob, eve].map(|person| Staff { person, aliases: Vec::new() }).into(),
        tickets: [(1, facts)].into(),
        earlier: vec![(1, OLD_WORDS.into(), Status::Closed)],
        ..Snapshot::default()
    }
}

/// A mail to the desk; `fields` end with a line end each.
pub fn mail(from: &str, fields: &str, text: &str) -> String {
    format!(
        "From: {from}\r\nMessage-ID: <new@client.example>\r\nDate: Thu, 26 Nov 2026 08:00:00 +0000\r\n\
         {fields}\r\n{text}\r\n"
    )
}

pub fn to_desk(subject: &str) -> String {
    format!("To: support@desk.example\r\nSubject: {subject}\r\n")
}

/// The reply address that was given to a person for ticket 1.
pub fn reply_address(person: i64, ends_at: i64) -> String {
    let tag = seal::reply_tag(&rules().keys, &seal::Reply { ticket: 1, person, message: 1, ends_at });
    seal::with_tag(&rules().address, '+', &tag).to_string()
}

pub fn decided(raw: &str, known: &Snapshot, change: impl FnOnce(&mut Mailed<'_>)) -> Decision {
    decided_under(&rules(), raw, known, change)
}

pub fn decided_under(
    rules: &Rules,
    raw: &str,
    known: &Snapshot,
    change: impl FnOnce(&mut Mailed<'_>),
) -> Decision {
    let mut inbound = parse::parse_for_intake(raw.as_bytes());
    own_form(rules, &mut inbound);
    let (mut mailed, asked) = gathered(rules, &inbound);
    change(&mut mailed);
    // The store answers what was asked and nothing else.
    let wanted = questions(&mailed, &asked);
    let mut known = known.clone();
    known.ids.retain(|h| wanted.ids.contains(&h.id));
    known.weighed = weigh(rules, &known, &mailed, NOW);
    decide(rules, &known, &mailed, &asked, Moment::new(NOW, [1; 32]))
}

/// A mail as it comes into the transaction.
pub fn gathered<'a>(rules: &Rules, mail: &'a Inbound) -> (Mailed<'a>, Asked) {
    let (seals, asked) = gather(rules, mail, &[]);
    let facts = Facts::default();
    let seals = Cow::Owned(seals);
    (Mailed { mail, seals, mailbox: None, null_sender: false, history: false, arrived_at: NOW, facts }, asked)
}

pub fn letters_to<'a>(decision: &'a Decision, to: &str) -> Vec<&'a Letter> {
    decision.letters.iter().filter(|l| l.to.as_str() == to).collect()
}

/// The last state of a ticket that the decision writes.
pub fn ticket(decision: &Decision, number: i64) -> Option<&Ticket> {
    decision.changes.iter().rev().find_map(|c| match c {
        Change::Ticket { ticket, .. } if ticket.number == number => Some(&**ticket),
        _ => None,
    })
}

/// What is known of a mail whose domain signed all of it.
pub fn signed() -> Domain {
    let signed = Signed { fingerprint: [7; 32], date: true, to: true, cc: true };
    Domain { signed: vec![signed], ..Domain::default() }
}

/// Everything in a letter that somebody could read, decoded.
pub fn readable(letter: &Letter) -> String {
    let mail = parse::parse(&letter.bytes);
    let words = [
        mail.subject.as_str(),
        mail.from.name(),
        &mail.words.text,
        &mail.words.quoted,
        &mail.words.signature,
    ]
    .join("\n");
    let names: Vec<&str> = mail.attachments.iter().map(|a| a.filename.as_str()).collect();
    format!(
        "{}\n{words}\n{}\n{}",
        String::from_utf8_lossy(&letter.bytes),
        mail.html.unwrap_or_default(),
        names.join("\n")
    )
}

/// The letters that go to nobody of the staff.
pub fn outside(decision: &Decision) -> Vec<&Letter> {
    decision.letters.iter().filter(|l| !l.to.as_str().ends_with("@staff.example")).collect()
}
