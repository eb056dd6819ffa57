//! What we do about it: all policy, no I/O, no clock, no randomness of its own (HOUSE: the core is pure).
//!
//! An event and a [`Snapshot`] of what is known go in, a [`Decision`] comes out. It cannot fail; it can
//! refuse.

pub mod bounce;
pub mod command;
pub mod crossed;
pub mod decision;
pub mod digest;
pub mod dmarc;
pub mod domain;
pub mod draft;
pub mod due;
pub mod first;
pub mod guard;
pub mod hours;
pub mod letter;
pub mod mailed;
pub mod names;
pub mod ordered;
pub mod participants;
pub mod probe;
pub mod proof;
pub mod query;
pub mod relay;
pub mod renew;
pub mod rules;
pub mod saved;
pub mod seal;
pub mod sealed;
pub mod staffed;
pub mod target;
pub mod token;
pub mod typeset;
pub mod undo;
pub mod work;

pub use decision::{Cause, Change, Decision, Letter, NewMessage};
pub use domain::{Answer, Answers, Claim, Domain};
pub use proof::{Facts, Released, StaffProof, Verified, Who};
pub use rules::{Confirm, Own, Rules};

use crate::mail::{AddrSpec, Inbound, MessageId};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Time and randomness, as values.
#[derive(Debug, Clone)]
pub struct Moment {
    /// Seconds since 1970, UTC.
    pub now: i64,
    seed: [u8; 32],
    drawn: u64,
}

impl Moment {
    pub fn new(now: i64, seed: [u8; 32]) -> Self {
        Self { now, seed, drawn: 0 }
    }

    /// The next 32 bytes that nobody can guess who does not know the seed.
    pub fn draw(&mut self) -> [u8; 32] {
        self.drawn += 1;
        Sha256::new().chain_update(self.seed).chain_update(self.drawn.to_be_bytes()).finalize().into()
    }
}

/// What must be known before a mail can be decided: everything that it names.
#[derive(Debug, Clone, Default)]
pub struct Questions {
    pub content_hash: [u8; 32],
    pub message_id: Option<MessageId>,
    pub sender: Option<AddrSpec>,
    /// Ticket numbers in sealed addresses, in the subject and in `#merge`.
    pub tickets: Vec<i64>,
    /// Ids in In-Reply-To, References and the returned part of a report, and those behind bounce addresses.
    pub ids: Vec<MessageId>,
    /// Persons named by commands.
    pub addresses: Vec<AddrSpec>,
    /// Signatures that may be a replay (T107).
    pub signatures: Vec<[u8; 32]>,
    /// What it asks the desk, if its sender is staff (T108).
    pub query: Option<query::Query>,
    /// What was ordered of late is asked for, to take it back.
    pub undo: bool,
}

/// A person as the desk knows him.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub id: i64,
    pub address: AddrSpec,
    pub name: String,
    pub spam: bool,
}

/// A staff member; `person.name` is the public name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staff {
    pub person: Person,
    pub aliases: Vec<AddrSpec>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    New,
    Open,
    Waiting,
    Closed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Priority {
    Low,
    Normal,
    High,
    Urgent,
}

/// A ticket's own row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    pub number: i64,
    pub subject: String,
    pub status: Status,
    pub priority: Priority,
    pub category: Option<String>,
    pub mailbox: Option<String>,
    pub requester: i64,
    pub assignee: Option<i64>,
    pub privacy: bool,
    pub merged_into: Option<i64>,
    pub created_at: i64,
    pub updated_at: i64,
    pub due_at: Option<i64>,
    pub wait_until: Option<i64>,
    pub closed_at: Option<i64>,
    /// What the due date follows from.
    pub clock: target::Clock,
}

/// A ticket with what the decisions about it need.
#[derive(Debug, Clone)]
pub struct TicketFacts {
    pub ticket: Ticket,
    pub requester: Person,
    pub participants: Vec<Person>,
    pub tags: Vec<String>,
    /// Staff who hear of everything here.
    pub watchers: Vec<i64>,
    pub messages: Vec<MessageRef>,
    pub letters: Vec<LetterRef>,
}

impl TicketFacts {
    /// A ticket to which nothing happened yet.
    pub fn new(ticket: Ticket, requester: Person) -> Self {
        let (participants, tags, watchers) = (Vec::new(), Vec::new(), Vec::new());
        Self { ticket, requester, participants, tags, watchers, messages: Vec::new(), letters: Vec::new() }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageRef {
    pub id: i64,
    /// The ticket in which it was said, where that one was merged (T06).
    pub origin: Option<i64>,
    pub kind: Kind,
    pub author: Option<i64>,
    pub message_id: Option<MessageId>,
    /// Customers are shown it, and no machine wrote it.
    pub shown: bool,
    pub created_at: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterRef {
    pub id: i64,
    pub kind: LetterKind,
    pub person: i64,
    pub author: Option<i64>,
    /// The newest message that its reader had seen with it.
    pub message: Option<i64>,
    pub message_id: MessageId,
    pub failed: bool,
    pub created_at: i64,
}

/// An id that a mail named and that we know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdHit {
    pub id: MessageId,
    pub ticket: Option<i64>,
    /// Where it is the id of a letter of ours: the letter and to whom it went.
    pub letter: Option<LetterHit>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterHit {
    pub letter: i64,
    pub kind: LetterKind,
    pub person: Option<i64>,
    pub to: AddrSpec,
    pub message: Option<i64>,
    /// Of the keys that sealed it.
    pub generation: u32,
    pub created_at: i64,
}

/// Numbers that limits are measured against, counted in the same transaction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Automatic letters to the sender's address (without subaddress) in a day (T25).
    pub letters_address_day: u32,
    /// Automatic letters to the sender's domain in an hour (T26).
    pub letters_domain_hour: u32,
    /// Automatic letters of the desk in an hour (T26).
    pub letters_desk_hour: u32,
    /// New tickets of the sender in an hour (T29).
    pub tickets_sender_hour: u32,
    /// The staff member who is the sender, of whom the next two count.
    pub staff: Option<i64>,
    /// Letters about held mail to the staff member who is the sender, in an hour.
    pub holds_staff_hour: u32,
    /// Result letters to the staff member who is the sender, in an hour (T25).
    pub results_staff_hour: u32,
}

/// The next free numbers; the decision gives them out, the transaction makes sure that nobody else does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Free {
    pub ticket: i64,
    pub person: i64,
    pub message: i64,
    pub letter: i64,
    pub mail: i64,
}

/// What the store answers to [`Questions`].
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    pub free: Free,
    pub staff: Vec<Staff>,
    /// Those of the staff who want one letter a day.
    pub digest: Vec<i64>,
    /// Persons that were asked for, and all persons of the tickets.
    pub persons: BTreeMap<AddrSpec, Person>,
    pub tickets: BTreeMap<i64, TicketFacts>,
    /// In the order of the questions.
    pub ids: Vec<IdHit>,
    /// The mail that is this one (T17).
    pub duplicate: Option<i64>,
    /// Its Message-ID came before, with another mail (T107).
    pub id_taken: bool,
    /// Those of the asked signatures that came before (T107).
    pub signatures: Vec<[u8; 32]>,
    /// Newest tickets of the sender: number, subject, status; at most 5.
    pub earlier: Vec<(i64, String, Status)>,
    /// Answers of the sender that are held since something newer crossed them: (held mail, live ticket).
    pub crossed: Vec<(i64, i64)>,
    /// What its writer had not seen, where the mail is an answer that something crossed; oldest first.
    pub unseen: Vec<query::Said>,
    pub counts: Counts,
    /// What answers the question of a staff mail.
    pub found: query::Found,
    /// Words of the messages of the tickets, where a mail of staff quotes (T72).
    pub said: BTreeMap<i64, String>,
    /// Sets of commands of the last day on the tickets, where [`Questions::undo`] asked for them.
    pub deeds: Vec<undo::Deed>,
}

impl Snapshot {
    pub fn staff_by_address(&self, address: &AddrSpec) -> Option<&Staff> {
        self.staff.iter().find(|s| s.person.address == *address || s.aliases.contains(address))
    }

    pub fn staff_by_id(&self, id: i64) -> Option<&Staff> {
        self.staff.iter().find(|s| s.person.id == id)
    }

    /// Staff who hear of everything on this ticket.
    pub fn watching(&self, facts: &TicketFacts) -> Vec<Staff> {
        facts.watchers.iter().filter_map(|id| self.staff_by_id(*id)).cloned().collect()
    }

    /// A live ticket: merged ones lead to where they went.
    pub fn live(&self, number: i64) -> Option<&TicketFacts> {
        let mut facts = self.tickets.get(&number)?;
        for _ in 0..8 {
            match facts.ticket.merged_into {
                Some(into) => facts = self.tickets.get(&into)?,
                None => return Some(facts),
            }
        }
        None
    }
}

/// What is said in a ticket, and by whom (INTERFACE, Ticket as JSON).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    Customer,
    Staff,
    Note,
    System,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Via {
    Email,
    Web,
    Cli,
}

/// The kinds of letters of INTERFACE that are written so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LetterKind {
    Confirmation,
    Notification,
    Answer,
    Result,
    Hold,
    Link,
    Summary,
    Digest,
}

/// What became of a mail (INTERFACE, `outcome`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    Ticket,
    Append,
    Query,
    Refused,
    Held,
    Quarantine,
    Report,
    Loop,
    Duplicate,
}

macro_rules! words {
    ($type:ty { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl $type {
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}
words!(Cause { Quarantine = "quarantine", Unproven = "unproven", Crossed = "crossed", Other = "other" });
words!(Status { New = "new", Open = "open", Waiting = "waiting", Closed = "closed" });
words!(Priority { Low = "low", Normal = "normal", High = "high", Urgent = "urgent" });
words!(Kind { Customer = "customer", Staff = "staff", Note = "note", System = "system" });
words!(Via { Email = "email", Web = "web", Cli = "cli" });
words!(LetterKind {
    Confirmation = "confirmation", Notification = "notification", Answer = "answer", Result = "result",
    Hold = "hold", Link = "link", Summary = "summary", Digest = "digest",
});
words!(Outcome {
    Ticket = "ticket", Append = "append", Query = "query", Refused = "refused", Held = "held",
    Quarantine = "quarantine", Report = "report", Loop = "loop", Duplicate = "duplicate",
});

/// Where the bytes of a mail are. They are asked for only when a letter carries its files, and may lie packed
/// until then.
pub trait Raw {
    fn bytes(&self) -> Cow<'_, [u8]>;
}

impl Raw for &[u8] {
    fn bytes(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(self)
    }
}

/// A mail that came, with what the edges know about it.
pub struct Mailed<'a> {
    pub mail: &'a Inbound,
    pub raw: &'a dyn Raw,
    pub mailbox: Option<&'a str>,
    /// `--recipient` of `deliver`.
    pub recipient: Option<&'a AddrSpec>,
    /// `--sender` of `deliver`: inner `None` is `<>`.
    pub null_sender: bool,
    /// Mail that was there at the first connect, or import: it causes no letters (T18).
    pub history: bool,
    /// When the server got it; seconds since 1970. Older than a day: an outage, and no letters to customers
    /// (T18).
    pub arrived_at: i64,
    pub facts: Facts,
}
