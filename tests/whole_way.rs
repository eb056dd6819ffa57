//! T122: whatever stands in a mail, the whole way of it (read, prove, gather, decide, apply, compose) takes
//! work that grows no faster than the mail. Counted, not timed.

mod counted;
mod hostile;

use counted::{LARGE, SMALL};
use hostile::{ADDRESSES, IDS, MACHINES, OTHERS, PROOFS, bodies, fields, odd_heads, readers, reports, usual};
use maildesk::app::{Desk, Position};
use maildesk::desk::inbound::gather::gather;
use maildesk::desk::model::{Clock, Weighed};
use maildesk::desk::{
    Answer, Answers, Event, Facts, Kind, LetterKind, LetterRef, Mailed, MessageRef, Moment, Person, Priority,
    Released, Rules, Snapshot, Staff, Status, Ticket, TicketFacts, decide, proof,
};
use maildesk::mail::{AddrSpec, Inbound, MessageId};
use std::borrow::Cow;

const NOW: i64 = 1_790_000_000;

/// Colleagues beside the one who writes; each hears of what happens.
const COLLEAGUES: i64 = 2;
/// Messages of the conversation that a mail may quote.
const MESSAGES: i64 = 60;

/// A record as a hostile zone may give it; each question about a domain gets this answer.
const RECORD: &str = "v=DMARC1; p=reject; adkim=s; rua=mailto:a@far.example";

/// A desk and the rules of one that believes its own server's stamps.
struct House {
    desk: Desk,
    rules: Rules,
    known: Snapshot,
}

fn address(text: &str) -> AddrSpec {
    AddrSpec::parse(text).expect("an address")
}

fn person(id: i64, at: &str) -> Person {
    Person { id, address: address(at), name: format!("Person {id}"), spam: maildesk::desk::model::Spam::No }
}

impl House {
    fn new() -> Self {
        let desk = Desk::empty().expect("an empty desk");
        let mut rules = desk.rules_in_force().clone();
        rules.authserv_id = Some("mx.near.example".to_owned());
        rules.trusted_arc_sealers = vec!["far.example".to_owned()];
        Self { desk, rules, known: conversation() }
    }

    /// All that happens to one mail: for a stranger inside a transaction with a database, for the customer of
    /// a long ticket, and as if staff answered there.
    fn takes(&self, raw: &[u8]) {
        let looked =
            self.desk.operator().explain(vec![raw.to_vec()], true, |_| Ok(())).expect("a mail is explained");
        assert!(!looked[0].mail.defects.contains(&"parser-failed"), "the parser failed");
        let position = Position::Envelope { recipients: Vec::new(), sender: None };
        let mail = self.desk.intake().look(raw.to_vec(), position).mail;
        self.proves(&mail, raw);
        self.decides(&mail, Facts::default(), "customer@far.example");
        let released = Some(Released { crosses: true, quotes: false, ..Released::default() });
        self.decides(&mail, Facts { released, ..Facts::default() }, "staff@near.example");
    }

    fn proves(&self, mail: &Inbound, raw: &[u8]) {
        for staff in [false, true] {
            let Some(claim) = proof::domain::claim(&self.rules, mail, staff) else { continue };
            let texts = || Answer::Texts(vec![RECORD.to_owned(); 2]);
            let answers: Answers = claim.names().into_iter().map(|name| (name, texts())).collect();
            std::hint::black_box(claim.judge(raw, &answers, NOW));
        }
    }

    /// The mail as one of somebody in the ticket, which it names.
    fn decides(&self, mail: &Inbound, facts: Facts, from: &str) {
        let mut mail = mail.clone();
        mail.from = maildesk::mail::Sender::One { name: mail.from.name().to_owned(), address: address(from) };
        let (mut seals, asked) = gather(&self.rules, &mail, &[]);
        seals.numbers.insert(0, 1);
        let seals = Cow::Owned(seals);
        let mailed = Mailed {
            mail: &mail,
            seals,
            mailbox: Some("support"),
            null_sender: false,
            history: false,
            arrived_at: NOW,
            facts,
        };
        let event = Event::Mail(&mailed, &asked);
        decide::questions(&self.rules, &event, NOW);
        let weighed: Weighed = decide::weigh(&self.rules, &self.known, &event, NOW);
        let known = Snapshot { weighed, ..self.known.clone() };
        let decision = decide::decide(&self.rules, &known, &event, Moment::new(NOW, [1; 32]));
        decision.assert_sound(&self.rules);
    }
}

/// Ticket 1 of a customer with a long conversation, and staff.
fn conversation() -> Snapshot {
    let writer = person(1, "staff@near.example");
    let customer = person(2, "customer@far.example");
    let mut known = Snapshot::default();
    known.staff.push(Staff { person: writer, aliases: Vec::new() });
    for n in 0..COLLEAGUES {
        let colleague = person(10 + n, &format!("colleague{n}@near.example"));
        known.staff.push(Staff { person: colleague, aliases: vec![address(&format!("c{n}@home.example"))] });
    }
    let ticket = Ticket {
        number: 1,
        subject: "Printer".into(),
        status: Status::Open,
        priority: Priority::Normal,
        category: None,
        mailbox: None,
        requester: 2,
        assignee: None,
        privacy: false,
        merged_into: None,
        created_at: NOW - 9_000,
        updated_at: NOW - 900,
        due_at: None,
        wait_until: None,
        closed_at: None,
        clock: Clock::default(),
    };
    let mut facts = TicketFacts::new(ticket, customer.clone());
    for n in 1..=MESSAGES {
        let customers = n % 2 == 0;
        let (kind, author) = if customers { (Kind::Customer, 2) } else { (Kind::Staff, 1) };
        let id = |what: &str| MessageId::parse(&format!("{what}{n}@near.example")).expect("an id");
        facts.messages.push(MessageRef {
            id: n,
            origin: None,
            kind,
            author: Some(author),
            message_id: Some(id("m")),
            shown: true,
            proven: true,
            created_at: NOW - 8_000 + n,
        });
        facts.letters.push(LetterRef {
            id: n,
            kind: if customers { LetterKind::Notification } else { LetterKind::Answer },
            person: if customers { 1 } else { 2 },
            author: None,
            message: Some(n),
            message_id: id("l"),
            failed: false,
            created_at: NOW - 8_000 + n,
        });
        let words = format!("Message {n}: the printer on the second floor makes a noise. ").repeat(10);
        known.said.insert(n, words);
    }
    known.persons.insert(customer.address.clone(), customer);
    known.tickets.insert(1, facts);
    known
}

fn check(hostile: impl Fn(usize) -> Vec<(String, String)>) {
    let house = House::new();
    let takes = |raw: &str| house.takes(raw.as_bytes());
    let usual = usual();
    let (small, large) = (hostile(SMALL), hostile(LARGE));
    let mut mails = vec![usual.as_str()];
    mails.extend(small.iter().zip(&large).flat_map(|((_, s), (_, l))| [s.as_str(), l.as_str()]));
    takes(&usual);
    if let Some(counts) = counted::instructions(&mails, takes) {
        let names: Vec<String> = large.iter().map(|(name, _)| name.clone()).collect();
        counted::assert_linear(&counts, &names);
    }
}

#[test]
fn t122_no_address_costs_more_than_its_length() {
    check(|size| fields(&ADDRESSES, size));
}

#[test]
fn t122_no_id_costs_more_than_its_length() {
    check(|size| fields(&IDS, size));
}

#[test]
fn t122_no_proof_costs_more_than_its_length() {
    check(|size| fields(&PROOFS, size));
}

#[test]
fn t122_no_mark_of_a_machine_costs_more_than_its_length() {
    check(|size| fields(&MACHINES, size));
}

#[test]
fn t122_no_field_costs_more_than_its_length() {
    check(|size| [fields(&OTHERS, size), odd_heads(size)].concat());
}

#[test]
fn t122_no_words_cost_more_than_their_length() {
    check(bodies);
}

#[test]
fn t122_no_body_costs_more_than_its_length() {
    check(readers);
}

#[test]
fn t122_no_report_costs_more_than_its_length() {
    check(reports);
}

/// A field that a reader asks for by name, and that is not counted above, is found in the sources.
#[test]
fn t122_every_field_that_is_read_is_counted() {
    let counted: Vec<String> = [&ADDRESSES[..], &IDS, &PROOFS, &OTHERS, &MACHINES]
        .concat()
        .iter()
        .map(|name| name.to_lowercase())
        .collect();
    let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src/mail"))];
    let (mut asked, mut missing) = (0, Vec::new());
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).expect("the sources").flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                // Fields of reports stand in a part of a mail, not at its head.
                folders.extend((!path.ends_with("report")).then_some(path));
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("a source");
            for call in [".first(\"", ".all(\"", ".count(\"", ".token(\"", ".tokens(\""] {
                // Parameters belong to a field that is counted.
                for (at, _) in text.match_indices(call).filter(|(at, _)| !text[..*at].ends_with("params")) {
                    let name = text[at + call.len()..].split('"').next().unwrap_or_default();
                    asked += 1;
                    if !counted.iter().any(|known| known == name) {
                        missing.push(format!("{name} in {}", path.display()));
                    }
                }
            }
        }
    }
    assert!(asked > 20, "the readers ask otherwise now");
    assert!(missing.is_empty(), "not counted: {missing:?}");
}
