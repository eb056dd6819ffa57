//! A desk in memory for tests: staff, mails that come, letters that leave; and the clock of all unit tests.
//! The program has no switch for either: both exist in tests alone.

use super::{Desk, Position, Sent, StaffChange, Taken};
use crate::config::Config;
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

/// The time of this test, in seconds since 1970.
pub fn clock() -> i64 {
    CLOCK.get()
}

/// Moves the clock of this test, forward or back.
pub fn set_clock(at: i64) {
    CLOCK.set(at);
}

pub const ADDRESS: &str = "support@desk.example";

/// The desk with plus addressing and this staff, named by the local parts of their addresses.
pub fn desk(staff: &[&str]) -> (Config, Desk) {
    with(staff, true)
}

/// The same at a server that does not know `support+…@`.
pub fn desk_without_plus(staff: &[&str]) -> (Config, Desk) {
    with(staff, false)
}

fn with(staff: &[&str], plus_addressing: bool) -> (Config, Desk) {
    let mut config = crate::config::nobodys();
    config.desk.address = address(ADDRESS);
    config.desk.url = "https://desk.example".parse().expect("a url");
    let store = Store::in_memory().expect("memory");
    let mut rules = super::rules(&config, &[7; 32], store.generation());
    rules.plus_addressing = plus_addressing;
    let desk = Desk::over(store, rules, &config, None);
    for one in staff {
        let address = address(one);
        let name = address.local().to_owned();
        desk.operator()
            .change_staff(&StaffChange::Add { address: &address, name: &name, aliases: &[] })
            .expect("staff");
    }
    (config, desk)
}

pub fn address(text: &str) -> AddrSpec {
    AddrSpec::parse(text).expect("an address")
}

/// A mail to the desk, by the address `to` where there is one; `fields` end with a line end each.
pub fn mail(from: &str, to: Option<&str>, id: &str, fields: &str, text: &str) -> String {
    let to = to.unwrap_or(ADDRESS);
    format!("From: {from}\r\nTo: {to}\r\nMessage-ID: <{id}>\r\n{fields}\r\n{text}\r\n")
}

pub fn take(desk: &Desk, raw: &str) -> Taken {
    let looked =
        desk.intake().look(raw.as_bytes().to_vec(), Position::Stdin { recipient: None, sender: None });
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
#[derive(Debug)]
pub struct Letter {
    pub to: String,
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

/// All letters that wait, sent: oldest first.
pub fn letters(desk: &Desk) -> Vec<Letter> {
    let mut out = Vec::new();
    loop {
        let some = desk.outbox().claim(100).expect("claimed");
        if some.is_empty() {
            return out;
        }
        for letter in some {
            desk.outbox().settle(letter.id, Sent::Accepted("250 ok".into())).expect("settled");
            out.push(Letter { to: letter.to.to_string(), mail: parse::parse(&letter.bytes) });
        }
    }
}
