//! A mail through all pure functions: parsing, folding, reports, HTML, files, and what the desk decides, for
//! a stranger and for staff. Whatever the bytes are, none of it panics.

use maildesk::app::Desk;
use maildesk::desk::inbound::gather::gather;
use maildesk::desk::model::Spam;
use maildesk::desk::{Event, Facts, Mailed, Moment, Person, Released, Rules, Snapshot, Staff, decide};
use maildesk::mail::parse::{attachment, parse, parse_for_intake};
use maildesk::mail::{AddrSpec, Inbound};
use std::borrow::Cow;

const NOW: i64 = 1_790_000_000;
/// Mail that was there before the desk causes no letters; composing them costs more than all the rest.
const HISTORY: bool = true;

pub struct House {
    rules: Rules,
}

impl House {
    pub fn new() -> Self {
        Self { rules: Desk::empty().expect("an empty desk").rules_in_force().clone() }
    }

    /// As intake does it for a stranger, without letters; false where the parser failed.
    pub fn takes(&self, raw: &[u8]) -> bool {
        let mail = parse_for_intake(raw);
        self.decide(&mail, &Snapshot::default(), Facts::default(), HISTORY);
        !mail.defects.contains(&"parser-failed")
    }

    /// As `explain` and the pages do it, HTML and files as well, and as if staff had written it.
    pub fn explains(&self, raw: &[u8]) -> bool {
        self.explains_with(raw, usize::MAX)
    }

    /// The same with so many of its files; each is served by one more reading of the mail.
    pub fn explains_with(&self, raw: &[u8], files: usize) -> bool {
        let mail = parse(raw);
        for file in mail.attachments.iter().rev().take(files) {
            let size = attachment(raw, file.part).map(|bytes| bytes.len() as u64);
            assert_eq!(size, Some(file.size), "a file is served as it is listed");
        }
        self.decide(&mail, &Snapshot::default(), Facts::default(), !HISTORY);
        if let Some(address) = mail.from.address() {
            self.decide(
                &mail,
                &known_as_staff(address),
                Facts { released: Some(Released::default()), ..Facts::default() },
                !HISTORY,
            );
        }
        !mail.defects.contains(&"parser-failed")
    }

    fn decide(&self, mail: &Inbound, known: &Snapshot, facts: Facts, history: bool) {
        let (seals, asked) = gather(&self.rules, mail, &[]);
        let (mailbox, arrived_at, seals) = (Some("support"), NOW, Cow::Owned(seals));
        let mail = Mailed { mail, seals, mailbox, null_sender: false, history, arrived_at, facts };
        let event = Event::Mail(&mail, &asked);
        decide::questions(&self.rules, &event, NOW);
        let decision = decide::decide(&self.rules, known, &event, Moment::new(NOW, [1; 32]));
        decision.assert_sound(&self.rules);
    }
}

/// A desk at which the sender works.
fn known_as_staff(address: &AddrSpec) -> Snapshot {
    let person = Person { id: 1, address: address.clone(), name: "Bob".to_owned(), spam: Spam::No };
    let mut known = Snapshot {
        staff: vec![Staff { person: person.clone(), aliases: Vec::new() }],
        ..Snapshot::default()
    };
    known.persons.insert(address.clone(), person);
    known
}

/// A generator of numbers for tests: the same ones every time (SplitMix64).
pub struct Seeded(pub u64);

impl Seeded {
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % bound.max(1) as u64).unwrap_or(0)
    }
}
