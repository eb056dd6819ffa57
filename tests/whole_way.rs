//! T122: whatever stands in a mail, the whole way of it (read, prove, gather, decide, apply, compose) takes
//! work that grows no faster than the mail. Counted, not timed.

mod counted;

use counted::{LARGE, SMALL};
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

const FIELDS: [&str; 6] =
    ["From", "Subject", "References", "Authentication-Results", "DKIM-Signature", "List-Id"];

/// What a field begins with, so that a reader goes on to what is repeated.
fn start(field: &str) -> &'static str {
    match field {
        "From" => "a@far.example (",
        "Authentication-Results" => "mx.near.example; dkim=pass header.x=",
        "DKIM-Signature" => {
            "v=1; a=rsa-sha256; d=far.example; s=a; h=from:to:subject:date; bh=eA==; b=eA==; z="
        }
        _ => "",
    }
}

const PIECES: [&str; 4] = ["(fwd)", "= x=", "a=b;", "(\""];

/// Each piece over and over in each field, the other fields as usual.
fn fields(size: usize) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for field in FIELDS {
        for (place, begin) in ["", start(field)].into_iter().enumerate() {
            if place == 1 && begin.is_empty() {
                continue;
            }
            for piece in PIECES {
                let usual = [
                    ("From", "Ann <a@far.example>"),
                    ("Subject", "x"),
                    ("Date", "Mon, 2 Nov 2026 09:00:00 +0000"),
                ];
                let usual: String = usual
                    .iter()
                    .filter(|(name, _)| *name != field)
                    .map(|(name, value)| format!("{name}: {value}\r\n"))
                    .collect();
                let value = piece.repeat(size / piece.len());
                let mail = format!("{field}: {begin}{value}\r\nReceived: by mx\r\n{usual}\r\nHello\r\n");
                out.push((format!("{field}: {begin}{piece}"), mail));
            }
        }
    }
    // Spaces and then signs: a reader that looks back over the spaces at each sign makes a square.
    let (spaces, signs) = (" ".repeat(size / 2), "=".repeat(size / 2));
    let stamp = format!("mx.near.example; dkim=pass header.b={spaces}x{signs}");
    let rest = "Received: by mx\r\nFrom: a@far.example\r\n\r\nx\r\n";
    let mail = format!("Authentication-Results: {stamp}\r\n{rest}");
    out.push(("Authentication-Results: spaces and signs".to_owned(), mail));
    out
}

/// Bodies whose words are commands, quotations of the conversation, addresses of staff and names of files.
fn bodies(size: usize) -> Vec<(String, String)> {
    let pieces = [
        "#note\n",
        "#tag +a -b\n",
        "> the printer on the second floor makes a noise.\n",
        ">\n",
        "staff@near.example ",
        "<>&\"",
        "a\n\n",
    ];
    let mut out: Vec<(String, String)> = pieces
        .iter()
        .map(|piece| (format!("body: {piece:?}"), mail_of(&piece.repeat(size / piece.len()))))
        .collect();
    let lines: String = (0..size / 30).map(|n| format!("> a line that nobody wrote {n}\n")).collect();
    out.push(("body: lines of a quotation, each another".to_owned(), mail_of(&lines)));
    out.push(("pictures beside tags that do not end".to_owned(), pictures(size)));
    let lines: String = (0..size / 20).map(|n| format!("#cc a{n}@b.example\n")).collect();
    out.push(("body: commands, each another".to_owned(), mail_of(&lines)));
    out
}

/// Many pictures, and HTML in which each tag begins and none ends.
fn pictures(size: usize) -> String {
    let tags = "<div ".repeat(size / 10);
    let html = format!("--b\r\nContent-Type: text/html\r\n\r\n<p>x<img src=cid:0>{tags}\r\n");
    let picture = |n| format!("--b\r\nContent-Type: image/png\r\nContent-ID: <{n}>\r\n\r\nx\r\n");
    let pictures: String = (0..size / 120).map(picture).collect();
    let head = "From: a@far.example\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; \
                boundary=b\r\n\r\n";
    format!("{head}{html}{pictures}--b--\r\n")
}

fn mail_of(body: &str) -> String {
    let body = body.replace('\n', "\r\n");
    format!("From: Ann <a@far.example>\r\nSubject: x\r\nReceived: by mx\r\n\r\nHello\r\n\r\n{body}\r\n")
}

/// As people write: the whole of it words.
fn usual() -> String {
    mail_of(
        &"The printer on the second floor makes a noise like a train and then stops.\n".repeat(LARGE / 75),
    )
}

fn check(hostile: fn(usize) -> Vec<(String, String)>) {
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
fn t122_no_field_costs_more_than_its_length() {
    check(fields);
}

#[test]
fn t122_no_words_cost_more_than_their_length() {
    check(bodies);
}
