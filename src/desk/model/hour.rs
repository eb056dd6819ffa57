//! What the store finds for the Hour: what is due, and what the daily digest counts.

use super::limit::Breaker;
use super::person::Person;

/// What the store found for this moment.
#[derive(Debug, Clone, Default)]
pub struct Hour {
    /// Tickets whose `#wait DATE` is over.
    pub waking: Vec<i64>,
    /// Tickets of which somebody is to be reminded.
    pub reminding: Vec<i64>,
    /// Tickets that a clock wrote which was ahead.
    pub ahead: Vec<i64>,
    /// Notices that were held back, of those for whom one is due.
    pub held: Vec<WaitingNotice>,
    /// How many notices somebody has beside those: (person, how many).
    pub held_more: Vec<(i64, i64)>,
    /// Where a working day began.
    pub digest: Option<Morning>,
}

/// A notice that was held back.
#[derive(Debug, Clone)]
pub struct WaitingNotice {
    /// Its number in the store.
    pub id: i64,
    /// For whom it is.
    pub person: Person,
    /// `None`: it is about no ticket.
    pub ticket: Option<i64>,
    /// One sentence.
    pub why: String,
}

/// What happened since the digest before, and what waits.
#[derive(Debug, Clone, Default)]
pub struct Morning {
    /// The start of the working day that this digest is of; seconds since 1970.
    pub at: i64,
    /// That of the digest before.
    pub since: i64,
    /// Messages and tickets up to these are told by it.
    pub message: i64,
    /// The newest ticket that it tells of.
    pub ticket: i64,
    /// What it counts, one entry a ticket, author and kind.
    pub news: Vec<DigestEntry>,
    /// Held and quarantined mails, all of them.
    pub held: i64,
    /// Numbers of overdue tickets, as many as [`Bounds`](super::bounds::Bounds) says.
    pub overdue: Vec<i64>,
    /// Letters that were given up and wait for an operator.
    pub failed: i64,
}

/// Something new in one ticket, by one person.
#[derive(Debug, Clone)]
pub struct DigestEntry {
    /// What is counted.
    pub what: EntryKind,
    /// In which ticket.
    pub ticket: i64,
    /// By whom; `None`: by the desk or an operator.
    pub author: Option<i64>,
    /// How many.
    pub count: i64,
    /// Who works on the ticket; `None`: nobody.
    pub assignee: Option<i64>,
    /// Through which the ticket came; `None`: through none that has a name.
    pub mailbox: Option<String>,
    /// Of the ticket; `None`: none.
    pub category: Option<String>,
}

/// What the daily digest counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A new ticket.
    Ticket,
    /// A customer's further message.
    Message,
    /// A note of a colleague.
    Note,
}

/// What of all that time brings is looked at in one transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HourPart {
    /// All of it.
    #[default]
    All,
    /// This ticket alone.
    Ticket(i64),
    /// Notices that were held back.
    Notices,
    /// Held mail of which nobody was told.
    Untold,
    /// Alarms that go on or end.
    Alarms,
    /// The digest of the day.
    Digest,
}

/// Which part of what time brings, and which tickets are left out of it.
#[derive(Debug, Clone, Default)]
pub struct HourScope {
    /// What is looked at.
    pub part: HourPart,
    /// Tickets on which the program failed a while ago, and which stop nobody else's reminder.
    pub aside: Vec<i64>,
    /// The clock is believed: what was written further ahead of it is set right (T93).
    pub clock_is_sound: bool,
}

/// What the Hour asks.
#[derive(Debug, Clone)]
pub struct HourQuestion {
    /// What is looked at.
    pub scope: HourScope,
    /// When the working day began on which it is asked; seconds since 1970.
    pub day_began_at: i64,
}

/// What the store found for this moment.
#[derive(Debug, Clone, Default)]
pub struct Due {
    /// Tickets and notices whose time has come.
    pub hour: Hour,
    /// Staff in whose name mail is held that no letter told of so far: (person, reason of the newest mail).
    pub untold: Vec<(i64, String)>,
    /// Alarms that are open.
    pub alarms: Vec<OpenAlarm>,
    /// Up to where digests told; `None`: there was none yet.
    pub digest_mark: Option<DigestMark>,
    /// The newest message and ticket.
    pub newest: (i64, i64),
}

/// Up to where a digest told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DigestMark {
    /// The start of the working day of which it told; seconds since 1970.
    pub at: i64,
    /// The newest message and the newest ticket that it knew.
    pub message: i64,
    /// As above.
    pub ticket: i64,
}

/// An alarm that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenAlarm {
    /// Its row.
    pub id: i64,
    /// What opened; `None`: its name in the store is none of ours, and it stays open.
    pub breaker: Option<Breaker>,
    /// For the operator.
    pub text: String,
    /// The operator was told of it.
    pub told: bool,
    /// Automatic letters of the last hour that count for this breaker, or letters to staff that failed.
    pub letters: u32,
}
