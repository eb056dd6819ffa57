//! A desk in memory for tests: staff, mails that come, letters that leave; and the clock of all unit tests.
//! The program has no switch for either: both exist in tests alone.

use super::{Claimed, Desk, Position, Sent, StaffChange, Taken};
use crate::config::Config;
use crate::desk::Rules;
use crate::mail::{AddrSpec, Inbound, parse};
use crate::store::Store;
use std::cell::Cell;
use std::collections::HashMap;

/// Midnight before a Thursday, 26 November 2026, UTC.
pub const MIDNIGHT: i64 = 1_795_651_200;

thread_local! {
    /// The time of a test: eight in the morning of that Thursday, until the test sets another one. No test
    /// sees today's date, so none fails on another day.
    static CLOCK: Cell<i64> = const { Cell::new(MIDNIGHT + 8 * 3600) };
}

/// From now on the database of this desk holds so many pages: a disk that is full, or has room again.
pub fn bound_pages(desk: &Desk, most: u32) {
    let sql = format!("pragma max_page_count = {most}");
    desk.store().write(|tx| Ok(tx.conn().execute_batch(&sql)?)).expect("a bound");
}

/// The time of this test, in seconds since 1970.
pub fn clock() -> i64 {
    CLOCK.get()
}

/// Moves the clock of this test, forward or back.
pub fn set_clock(at: i64) {
    CLOCK.set(at);
}

/// The usual address of a desk.
pub const ADDRESS: &str = "support@desk.example";

/// Somebody who works at a desk: name, address, other addresses.
pub type Colleague<'a> = (&'a str, &'a str, &'a [&'a str]);

/// The desk with plus addressing and this staff, named by the local parts of their addresses.
pub fn desk(staff: &[&str]) -> (Config, Desk) {
    desk_with(&named(staff), |_| {}, |rules| rules.plus_addressing = true)
}

/// The same at a server that does not know `support+…@`.
pub fn desk_without_plus(staff: &[&str]) -> (Config, Desk) {
    desk_with(&named(staff), |_| {}, |rules| rules.plus_addressing = false)
}

fn named<'a>(staff: &[&'a str]) -> Vec<Colleague<'a>> {
    staff.iter().map(|at| (at.split('@').next().unwrap_or_default(), *at, [].as_slice())).collect()
}

/// The one way in which tests make a desk: what differs from the usual one is changed in its configuration,
/// or in the rules that are made of it.
pub fn desk_with(
    staff: &[Colleague<'_>],
    change: impl FnOnce(&mut Config),
    change_rules: impl FnOnce(&mut Rules),
) -> (Config, Desk) {
    let mut config = crate::config::nobodys();
    config.desk.address = address(ADDRESS);
    config.desk.url = "https://desk.example".parse().expect("a url");
    change(&mut config);
    let store = Store::in_memory().expect("memory");
    let mut rules = super::rules(&config, &[7; 32], store.generation());
    change_rules(&mut rules);
    let desk = Desk::over(store, rules, &config, None);
    for (name, at, aliases) in staff {
        let (address, aliases) = (address(at), aliases.iter().map(|a| address(a)).collect::<Vec<_>>());
        desk.operator()
            .change_staff(&StaffChange::Add { address: &address, name, aliases: &aliases })
            .expect("staff");
    }
    (config, desk)
}

/// An address alone, or the one in `Name <address>`.
pub fn address(text: &str) -> AddrSpec {
    let bare = text.rsplit_once('<').map_or(text, |(_, a)| a.trim_end_matches('>'));
    AddrSpec::parse(bare).unwrap_or_else(|| panic!("{text} is no address"))
}

/// A mail to the desk, by the address `to` where there is one; `fields` end with a line end each.
pub fn mail(from: &str, to: Option<&str>, id: &str, fields: &str, text: &str) -> String {
    let to = to.unwrap_or(ADDRESS);
    format!("From: {from}\r\nTo: {to}\r\nMessage-ID: <{id}>\r\n{fields}\r\n{text}\r\n")
}

/// A mail is taken in, of whose way nothing is known.
pub fn take(desk: &Desk, raw: &str) -> Taken {
    take_at(desk, raw, Position::Envelope { recipients: Vec::new(), sender: None })
}

/// A mail server hands a mail over; an empty `sender` is the null reverse-path.
pub fn take_from(desk: &Desk, raw: &str, sender: &str, recipient: &str) -> Taken {
    let sender = if sender.is_empty() { None } else { AddrSpec::parse(sender) };
    let position = Position::Envelope { recipients: vec![address(recipient)], sender: Some(sender) };
    take_at(desk, &raw.replace('\n', "\r\n"), position)
}

fn take_at(desk: &Desk, raw: &str, position: Position) -> Taken {
    let looked = desk.intake().look(raw.as_bytes().to_vec(), position);
    desk.intake().take(&[looked]).expect("taken").remove(0)
}

pub const ALICE: &str = "alice@customer.example";
pub const BOB: &str = "bob@staff.example";
pub const EVE: &str = "eve@staff.example";

/// A desk at which Bob and Eve work, and Alice's ticket 1; its first letters by whom they went to.
pub fn opened() -> (Desk, HashMap<String, Letter>) {
    let (_, desk) = desk(&[BOB, EVE]);
    take(&desk, &mail(ALICE, None, "1@c.example", "Subject: lamp\r\n", "It is dark."));
    let first = letters(&desk).into_iter().map(|l| (l.to.clone(), l)).collect();
    (desk, first)
}

/// Those letters that went to somebody.
pub fn to<'a>(letters: &'a [Letter], who: &str) -> Vec<&'a Letter> {
    letters.iter().filter(|l| l.to == who).collect()
}

/// A letter that left.
#[derive(Debug, Clone)]
pub struct Letter {
    pub to: String,
    pub id: String,
    pub subject: String,
    /// Its whole text, as it is sent.
    pub text: String,
    pub mail: Inbound,
}

impl Letter {
    /// Every word of its text.
    pub fn words(&self) -> String {
        let words = &self.mail.words;
        [words.text.as_str(), &words.quoted, &words.signature].join("\n")
    }

    pub fn reply_to(&self) -> &str {
        self.mail.reply_to.as_ref().map_or("", |r| &r.address)
    }

    /// An answer to it as a mail client writes one.
    pub fn answer(&self, id: &str, text: &str) -> String {
        let answered = self.mail.message_id.as_ref().expect("an id");
        let fields = format!("Subject: Re: {}\r\nIn-Reply-To: {answered}\r\n", self.mail.subject);
        mail(&self.to, Some(self.reply_to()), id, &fields, text)
    }

    /// The address in its text that begins so.
    pub fn link(&self, begin: &str) -> Option<String> {
        let words = self.words();
        let at = words.find(begin)?;
        words[at..].split_whitespace().next().map(str::to_owned)
    }
}

/// Everything that is due leaves, and is accepted: the bytes, oldest first.
pub fn sent(desk: &Desk) -> Vec<Claimed> {
    let letters = desk.outbox().claim(10_000, &[]).expect("claimed").letters;
    for letter in &letters {
        desk.outbox().settle(letter.id, Sent::Accepted("250 2.0.0 taken".into())).expect("settled");
    }
    letters
}

/// The same, read.
pub fn letters(desk: &Desk) -> Vec<Letter> {
    sent(desk).iter().map(read).collect()
}

fn read(letter: &Claimed) -> Letter {
    let mail = parse::parse(&letter.bytes);
    let whole = mail_parser::MessageParser::default().parse(&letter.bytes).expect("a mail");
    Letter {
        to: letter.to.to_string(),
        id: mail.message_id.as_ref().expect("an id").to_string(),
        subject: mail.subject.clone(),
        text: whole.body_text(0).expect("text").replace("\r\n", "\n"),
        mail,
    }
}

/// Bytes as text, for what is looked for in them.
pub fn text(letter: &Claimed) -> String {
    String::from_utf8_lossy(&letter.bytes).replace("\r\n", "\n")
}

/// The unfolded value of a field.
pub fn field(raw: &str, name: &str) -> Option<String> {
    let head = raw.split("\n\n").next().unwrap_or(raw).replace("\n ", " ").replace("\n\t", " ");
    let start = format!("{}: ", name.to_ascii_lowercase());
    head.lines()
        .find(|l| l.to_ascii_lowercase().starts_with(&start))
        .map(|l| l[start.len()..].trim().to_owned())
}
