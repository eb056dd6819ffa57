//! What stands in a mail that is ours: sealed addresses, marks, ids, tokens. Read once, before the
//! transaction.

use crate::mail::MessageId;

/// What a valid reply address says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reply {
    /// To which ticket it belongs.
    pub ticket: i64,
    /// To whom it was given.
    pub person: i64,
    /// The newest message that its reader had seen; 0: none.
    pub message: i64,
    /// The address proves nothing from here on (seconds since 1970).
    pub ends_at: i64,
}

/// What an address of ours carries behind its separator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tag {
    /// A reply address of the generation in force.
    Reply(Reply),
    /// A reply address of a generation of keys that is no longer in force: it names its ticket and proves
    /// nothing (T14).
    Revoked(Reply),
    /// A bounce address: the id of the letter.
    Bounce(MessageId),
    /// The address by which a person leaves the daily digest.
    Leave(i64),
}

/// Everything in a mail by which it names our tickets, letters and persons.
#[derive(Debug, Clone, Default)]
pub struct Seals {
    /// The generation of keys that was in force when they were read: under a newer one they are read again.
    pub generation: u32,
    /// What the addresses of ours carry that the mail came to, each once, in the order of To, Cc, the fields
    /// of delivery and the recipient of `deliver`.
    pub tags: Vec<Tag>,
    /// It bears the mark of a letter of this desk (T27).
    pub is_our_letter: bool,
    /// The ids that it answers, the nearest first, as they are remembered (D15).
    pub answered: Vec<MessageId>,
    /// Ticket numbers in its subject.
    pub numbers: Vec<i64>,
}
