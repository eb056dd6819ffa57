//! No byte of a note, of a staff address or of another customer's mail in any letter to a customer (issue,
//! Done when 4; T72, T04, T06, T28). Desks are driven at random, but from a fixed seed; every piece of text
//! bears a word that stands nowhere else, and beside it stands who may read it, by a model that knows nothing
//! of the program.

use super::desk;
use crate::app::testing::{Colleague, MIDNIGHT, address, field, sent, set_clock, take_from, text};
use crate::app::{Claimed, Desk, Ordered};
use crate::desk::Cause;
use crate::desk::model::proof::{Domain, Stamp};
use crate::desk::order::command::Order;
use mail_parser::{MessageParser, MimeHeaders};
use std::collections::{BTreeMap, BTreeSet};

mod staff;

const STAFF: [Colleague<'static>; 2] = [
    ("Bob", "bob.builder@staff.example", &["bobby@home.example"]),
    ("Eve", "eve@staff.example", &["eve.e@home.example"]),
];
const CUSTOMERS: [&str; 4] =
    ["alice@a.example", "carol@c.example", "dave@d.example", "ann@staff-friends.example"];
const DESK: &str = "support@desk.example";

/// splitmix64: a fixed seed gives the same desk again.
struct Dice(u64);

impl Dice {
    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.draw() % n as u64).expect("small")
    }

    /// True once in so many times.
    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// Who may read a word.
enum Readers {
    /// These addresses. Empty: staff alone.
    These(BTreeSet<String>),
    /// The subject of a ticket: whoever belongs to a ticket that bears it.
    Subject,
}

struct Play {
    dice: Dice,
    desk: Desk,
    seed: u64,
    now: i64,
    count: u64,
    words: Vec<(String, Readers)>,
    /// Letters by receiver.
    boxes: BTreeMap<String, Vec<String>>,
    /// Ids of mails without domain proof: what confirms one of them says nothing that its writer chose (T28).
    unproven: BTreeSet<String>,
    answers: usize,
    returned: usize,
}

impl Play {
    fn new(seed: u64) -> Self {
        set_clock(MIDNIGHT);
        Self {
            dice: Dice(seed),
            desk: desk("desk.example", &STAFF),
            seed,
            now: MIDNIGHT,
            count: 0,
            words: Vec::new(),
            boxes: BTreeMap::new(),
            unproven: BTreeSet::new(),
            answers: 0,
            returned: 0,
        }
    }

    fn canary(&mut self, what: &str, readers: &[&str]) -> String {
        let readers = readers.iter().map(|r| (*r).to_owned()).collect();
        self.secret(what, Readers::These(readers))
    }

    fn secret(&mut self, what: &str, readers: Readers) -> String {
        self.count += 1;
        let word = format!("{what}{}x{}q", self.seed, self.count * 7919);
        self.words.push((word.clone(), readers));
        word
    }

    fn step(&mut self) {
        self.now += 1 + i64::try_from(self.dice.below(400)).expect("small");
        set_clock(self.now);
        match self.dice.below(20) {
            0..=3 => self.customer_begins(),
            4..=6 => self.customer_goes_on(),
            7 => self.stranger_at_a_reply_address(),
            8 => self.machine(),
            9 => self.forged_staff(),
            10 => self.operator(),
            11 => self.desk.hours().pass().expect("hour"),
            _ => self.staff_answers(),
        }
        self.deliver();
    }

    /// Header fields that no letter may carry on.
    fn odd_fields(&mut self, readers: &[&str]) -> String {
        let word = self.canary("HEADER", readers);
        format!(
            "X-Internal: {word}\nOrganization: {word}\nUser-Agent: {word}\n\
             Received: from {word}.example by mx.example\n\
             Disposition-Notification-To: {word}@receipts.example\n\
             Return-Receipt-To: {word}@receipts.example\n"
        )
    }

    fn customer_begins(&mut self) {
        let from = *self.dice.pick(&CUSTOMERS);
        let [name, words, sign, file] = ["NAME", "WORDS", "SIGN", "FILE"].map(|w| self.canary(w, &[from]));
        let subject = self.secret("SUBJECT", Readers::Subject);
        let odd = self.odd_fields(&[from]);
        let id = format!("<{}@client.example>", self.canary("ID", &[from]));
        let cc =
            if self.dice.one_in(3) { format!("Cc: {}\n", self.dice.pick(&CUSTOMERS)) } else { String::new() };
        let raw = format!(
            "From: {name} <{from}>\nTo: {DESK}\n{cc}Subject: {subject}\nMessage-ID: {id}\n\
             {odd}MIME-Version: 1.0\n\
             Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nHello,\n\
             {words} does not work.\n\
             And {words} again.\n-- \n{sign}\n--b\nContent-Type: text/plain; name={file}.txt\n\
             Content-Disposition: attachment; \
             filename={file}.txt\n\n{file}\n--b--\n"
        );
        let proven = self.dice.one_in(2);
        if !proven {
            self.unproven.insert(id);
        }
        self.bring(&raw, from, DESK, proven);
    }

    fn bring(&mut self, raw: &str, from: &str, to: &str, proven: bool) {
        if !proven {
            take_from(&self.desk, raw, from, to);
            return;
        }
        let position = crate::app::Position::Envelope {
            recipients: vec![address(to)],
            sender: Some(crate::mail::AddrSpec::parse(from)),
        };
        let mut looked = self.desk.intake().look(raw.replace('\n', "\r\n").into_bytes(), position);
        looked.facts.domain = Domain { stamp: Stamp::Pass(Vec::new()), ..Domain::default() };
        self.desk.intake().take(std::slice::from_ref(&looked)).expect("taken");
    }

    /// One letter of those that somebody got.
    fn letter_of(&mut self, who: &str) -> Option<String> {
        let all = self.boxes.get(who).filter(|b| !b.is_empty())?.clone();
        Some(self.dice.pick(&all).clone())
    }

    fn customer_goes_on(&mut self) {
        let from = *self.dice.pick(&CUSTOMERS);
        let Some(letter) = self.letter_of(from) else { return };
        let words = self.canary("MORE", &[from]);
        let command = if self.dice.one_in(4) { "#close\n" } else { "" };
        let subject = field(&letter, "Subject").unwrap_or_default();
        let to =
            field(&letter, "Reply-To").filter(|_| !self.dice.one_in(4)).unwrap_or_else(|| DESK.to_owned());
        let quoted = quotation(&letter);
        let odd = self.odd_fields(&[from]);
        let n = self.count;
        let raw = format!(
            "From: {from}\nTo: {to}\nSubject: Re: {subject}\nMessage-ID: <m{n}.{}@c.example>\n{odd}\n\
             {command}{words} still\n\n\
             On Tue, 24 Nov 2026 at 10:00, Desk wrote:\n{quoted}",
            self.seed
        );
        self.bring(&raw, from, &to, false);
    }

    /// Somebody to whom a letter was forwarded (T04).
    fn stranger_at_a_reply_address(&mut self) {
        let owner = *self.dice.pick(&CUSTOMERS);
        let Some(letter) = self.letter_of(owner) else { return };
        let Some(to) = field(&letter, "Reply-To") else { return };
        let from = "noreply@slack.example";
        let words = self.canary("CODE", &[from]);
        // Once staff merge it with another ticket, the people of that one belong to it.
        let subject = self.secret("CODESUBJECT", Readers::Subject);
        let raw = format!(
            "From: {from}\nTo: {to}\nSubject: {subject}\nMessage-ID: <{words}@slack.example>\n\n\
             Your code: {words}\n"
        );
        self.bring(&raw, from, &to, true);
    }

    fn machine(&mut self) {
        let from = *self.dice.pick(&CUSTOMERS);
        let Some(letter) = self.letter_of(from) else { return };
        let words = self.canary("AWAY", &[from]);
        let to = field(&letter, "Reply-To").unwrap_or_else(|| DESK.to_owned());
        let raw = format!(
            "From: {from}\nTo: {to}\nSubject: {words}\nMessage-ID: <{words}@c.example>\n\
             Auto-Submitted: auto-replied\n\n{words}\n"
        );
        self.bring(&raw, from, &to, false);
    }

    fn forged_staff(&mut self) {
        let owner = *self.dice.pick(&CUSTOMERS);
        let Some(letter) = self.letter_of(owner) else { return };
        let words = self.canary("FORGED", &[]);
        let to = field(&letter, "Reply-To").unwrap_or_else(|| DESK.to_owned());
        let subject = field(&letter, "Subject").unwrap_or_default();
        let raw = format!(
            "From: {}\nTo: {to}\nSubject: {subject}\nMessage-ID: <{words}@x.example>\n\n{words}\n",
            STAFF[0].1
        );
        self.bring(&raw, "mallory@evil.example", &to, false);
    }

    /// Who belongs to the ticket that a letter names: the requester first.
    fn people(&self, number: i64) -> Vec<String> {
        let (row, _) = self.desk.operator().ticket(number).expect("ticket").expect("a ticket that is there");
        std::iter::once(row.requester.address)
            .chain(row.participants.into_iter().map(|p| p.address))
            .collect()
    }

    /// The ticket to which an answer goes: where the named one was merged, the one it went to.
    fn live(&self, letter: &str) -> Option<i64> {
        let subject = MessageParser::default().parse(letter.as_bytes())?.subject()?.to_owned();
        let number = subject.rsplit_once("[DESK-")?.1.trim_end_matches(']').parse().ok()?;
        let mut at: i64 = number;
        while let Some(next) = self.desk.operator().ticket(at).expect("ticket")?.0.ticket.merged_into {
            at = next;
        }
        Some(at)
    }

    fn operator(&mut self) {
        let tickets = self.desk.operator().tickets(None).expect("tickets");
        if tickets.is_empty() {
            return;
        }
        let row = self.dice.pick(&tickets).clone();
        if row.ticket.merged_into.is_some() {
            return;
        }
        let number = row.ticket.number;
        let people = self.people(number);
        let readers: Vec<&str> = people.iter().map(String::as_str).collect();
        let by = self.dice.one_in(2).then(|| address(STAFF[1].1));
        let (words, order);
        match self.dice.below(4) {
            0 => {
                words = self.canary("CLINOTE", &[]);
                order = Ordered::Note { words: &words };
            }
            1 => {
                words = format!("{} and {}", self.canary("CLIANSWER", &readers), STAFF[0].1);
                order = Ordered::Reply { words: &words };
            }
            2 => {
                order =
                    Ordered::Orders(vec![Order::Merge(i64::try_from(1 + self.dice.below(6)).expect("small"))])
            }
            _ => order = Ordered::Orders(vec![Order::Cc(address(CUSTOMERS[self.dice.below(4)]))]),
        }
        // A refusal is as good as anything: it must say nothing to customers, too.
        let _ = self.desk.operator().order(number, by.as_ref(), &order);
    }

    fn deliver(&mut self) {
        for letter in sent(&self.desk) {
            let to = letter.to.as_str().to_owned();
            if !STAFF.iter().any(|(_, a, others)| *a == to || others.contains(&to.as_str())) {
                self.look_into(&letter, &to);
            }
            self.boxes.entry(to).or_default().push(text(&letter));
        }
    }

    /// Everything that a reader could find in it: bytes, decoded subject and names, decoded parts, files and
    /// their names.
    fn look_into(&self, letter: &Claimed, to: &str) {
        let raw = text(letter);
        let parsed = MessageParser::default().parse(&letter.bytes).expect("a mail");
        let mut seen = raw.clone() + parsed.subject().unwrap_or_default();
        for part in &parsed.parts {
            seen += &String::from_utf8_lossy(part.contents());
            seen += part.attachment_name().unwrap_or_default();
        }
        for from in parsed.from().into_iter().flat_map(|a| a.iter()) {
            seen += from.name.as_deref().unwrap_or_default();
        }
        let lower = seen.to_lowercase();
        for (_, one, others) in STAFF {
            assert!(
                !lower.contains(one) && !others.iter().any(|o| lower.contains(o)),
                "seed {}: a staff address to {to}:\n{raw}",
                self.seed
            );
        }
        let confirms = field(&raw, "Precedence").as_deref() == Some("auto_reply");
        let silent = confirms && field(&raw, "In-Reply-To").is_some_and(|id| self.unproven.contains(&id));
        for (word, readers) in self.words.iter().filter(|(word, _)| seen.contains(word)) {
            let may = match readers {
                Readers::These(who) => who.contains(to) && (!silent || word.starts_with("ID")),
                Readers::Subject => !silent && self.belongs_to_one_named(to, word),
            };
            assert!(may, "seed {}: {word} in a letter to {to}:\n{raw}", self.seed);
        }
    }

    fn belongs_to_one_named(&self, who: &str, subject: &str) -> bool {
        let tickets = self.desk.operator().tickets(None).expect("tickets");
        let people = |t: &crate::app::TicketRow| {
            t.requester.address == who || t.participants.iter().any(|p| p.address == who)
        };
        tickets.iter().any(|t| t.ticket.subject.contains(subject) && people(t))
    }
}

/// The text/plain part of a letter.
fn plain(letter: &str) -> String {
    let parsed = MessageParser::default().parse(letter.as_bytes()).expect("a letter");
    parsed.body_text(0).map(|t| t.replace("\r\n", "\n")).unwrap_or_default()
}

/// As it stands in HTML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\n', "<br>\n")
}

fn quotation(letter: &str) -> String {
    plain(letter).lines().map(|l| format!("> {l}\n")).collect()
}

#[test]
fn done_when_4_no_letter_to_a_customer_says_what_is_not_his() {
    let (mut answers, mut returned, mut to_customers) = (0, 0, 0);
    for seed in 1..=40 {
        let mut play = Play::new(seed);
        for _ in 0..45 {
            play.step();
        }
        answers += play.answers;
        returned += play.returned;
        to_customers += CUSTOMERS.iter().filter_map(|c| play.boxes.get(*c)).map(Vec::len).sum::<usize>();
    }
    // What is looked for was there to be found.
    assert!(
        answers > 400 && returned > 40 && to_customers > 400,
        "{answers} answers, {returned} returned, {to_customers} letters"
    );
}
