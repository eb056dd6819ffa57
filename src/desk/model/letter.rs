//! Letters on their way out: where one is, and what the relay said (HOUSE, the way of a letter out).

use super::word::words;
use crate::mail::{AddrSpec, Line};

/// The kinds of letters (INTERFACE, Letters).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LetterKind {
    /// C: a new ticket is confirmed to its writer.
    Confirmation,
    /// N: staff hear of something.
    Notification,
    /// R: words of staff go to a customer.
    Answer,
    /// X: what became of a mail of staff.
    Result,
    /// H: a mail in the name of its reader is held, or an answer comes back since something crossed it.
    Hold,
    /// L: a magic link.
    Link,
    /// S: notices that were held back, in one.
    Summary,
    /// D: the daily digest.
    Digest,
}

words!(LetterKind {
    Confirmation = "confirmation", Notification = "notification", Answer = "answer", Result = "result",
    Hold = "hold", Link = "link", Summary = "summary", Digest = "digest",
});

impl LetterKind {
    /// It goes to somebody who works at the desk.
    pub fn is_for_staff(self) -> bool {
        match self {
            Self::Notification | Self::Result | Self::Hold | Self::Summary | Self::Digest => true,
            Self::Confirmation | Self::Answer | Self::Link => false,
        }
    }

    /// A machine writes such a letter to a customer who did not ask for it, so it counts under the limits of
    /// automatic mail (RFC 3834 §2; T25, T26).
    pub fn is_automatic(self) -> bool {
        match self {
            Self::Confirmation => true,
            Self::Notification
            | Self::Answer
            | Self::Result
            | Self::Hold
            | Self::Link
            | Self::Summary
            | Self::Digest => false,
        }
    }
}

/// Where a letter is on its way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LetterState {
    /// It waits for its first attempt, or was made due again by the operator.
    Queued,
    /// This process is sending it.
    Claimed,
    /// The relay took it.
    Sent,
    /// It is tried again later.
    Deferred,
    /// Nobody knows whether the relay took it (T35).
    Unknown,
    /// The relay refused it for good, or it was given up.
    Failed,
    /// It never leaves.
    Cancelled,
}

words!(LetterState {
    Queued = "queued", Claimed = "claimed", Sent = "sent", Deferred = "deferred", Unknown = "unknown",
    Failed = "failed", Cancelled = "cancelled",
});

/// How an attempt to send a letter ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// 250 after DATA, with the server's words.
    Accepted(String),
    /// Not now, for this recipient: tried again.
    Deferred(String),
    /// Never, for this recipient or these bytes: ended.
    Refused(String),
    /// The relay refuses for reasons of its own: tried again, and when the relay takes letters again.
    RelayRefuses(String),
    /// The relay is away or closed: nothing was tried.
    RelayAway(String),
    /// The relay does not take what comes along: the letter leaves again without it.
    WithoutFiles(String),
    /// No reply after DATA: tried once more, then shown.
    Unknown(String),
}

/// An attempt to send a letter ended.
#[derive(Debug)]
pub struct Settled {
    /// Number of the letter.
    pub letter: i64,
    /// How it ended.
    pub sent: Sent,
}

/// Attempts of a letter so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempts {
    /// The letter and to whom it goes.
    pub hit: LetterHit,
    /// The ticket to which it belongs; `None`: it belongs to none.
    pub ticket: Option<i64>,
    /// Times that it was claimed, this one included.
    pub times: i64,
    /// An earlier attempt had no reply after DATA (T35).
    pub was_unknown: bool,
}

/// A file of a letter: a part of a kept mail, whose bytes come into the letter when it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterFile {
    /// The number of the kept mail.
    pub mail: i64,
    /// The part of it; `None`: the whole mail, as it came.
    pub part: Option<u32>,
    /// As its reader sees it.
    pub filename: Line,
    /// RFC 2045 §5.1.
    pub media_type: String,
}

/// A letter of ours whose id a mail named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterHit {
    /// Its number in the outbox.
    pub letter: i64,
    /// What kind of letter it is.
    pub kind: LetterKind,
    /// To whom it went; `None`: that is not known any more.
    pub person: Option<i64>,
    /// The address to which it went.
    pub to: AddrSpec,
    /// The newest message that its reader had seen with it; `None`: it brought none.
    pub message: Option<i64>,
    /// Of the keys that sealed it.
    pub generation: u32,
    /// Seconds since 1970.
    pub created_at: i64,
}
