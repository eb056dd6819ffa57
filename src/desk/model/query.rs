//! What staff ask the desk by mail, and what the store finds for it (INTERFACE, Mail; T108).

use super::person::Person;
use super::proof::Verified;
use super::ticket::{Kind, Ticket};

/// Tickets that are looked at for one answer; some may concern colleagues alone (`[[route]]`).
pub const READ_MAX: usize = 500;

/// Messages of a ticket that one answer shows, the newest.
pub const MESSAGES_MAX: usize = 100;

/// Characters of one message that an answer shows.
pub const MESSAGE_CHARS_MAX: usize = 4_000;

/// A question that can be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Query {
    /// New and open tickets that concern the one who asks.
    List,
    /// Tickets that are assigned to them and not closed.
    Mine,
    /// The conversation of this ticket.
    Show(i64),
    /// Tickets with these words; at most 200 characters.
    Search(String),
    /// The page of help.
    Help,
}

/// What the store found for a question; empty where none was asked.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// With their requesters; at most [`READ_MAX`].
    pub tickets: Vec<(Ticket, Person)>,
    /// There were more than were read.
    pub more: bool,
    /// The conversation of a ticket, oldest first; at most [`MESSAGES_MAX`].
    pub said: Vec<Said>,
}

/// A message as staff read it.
#[derive(Debug, Clone)]
pub struct Said {
    /// Who says it.
    pub kind: Kind,
    /// Of its author, as it is shown; may be empty.
    pub name: String,
    /// Of its author; empty where the desk itself spoke.
    pub address: String,
    /// At most [`MESSAGE_CHARS_MAX`] characters; `cut` where there are more.
    pub text: String,
    /// There was more text.
    pub cut: bool,
    /// Names of its attachments.
    pub files: Vec<String>,
    /// How its author is proven.
    pub verified: Verified,
    /// Requester and participants see it.
    pub shown: bool,
    /// It went to the requester alone.
    pub private: bool,
    /// Seconds since 1970.
    pub created_at: i64,
}
