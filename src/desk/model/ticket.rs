//! A ticket, and what the decisions about it need to know of its messages and letters.

use super::person::Person;
use super::word::words;
use crate::mail::MessageId;

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
    pub clock: Clock,
}

/// What a ticket remembers for its due date.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Clock {
    /// Since when the customer waits for an answer; `None`: answered.
    pub asked_at: Option<i64>,
    /// From when the time until the close counts; `None`: there is no such target.
    pub started_at: Option<i64>,
    /// `#due` set the due date.
    pub by_hand: bool,
    /// Reminders that were sent about this due date: none, one, or the one to all staff as well.
    pub reminded: i64,
    pub reminded_at: Option<i64>,
    /// When the next reminder leaves.
    pub remind_at: Option<i64>,
}

impl Clock {
    /// Both clocks run from here.
    pub fn from(at: i64) -> Self {
        Self { asked_at: Some(at), started_at: Some(at), ..Self::default() }
    }

    /// The customer waits, from now on if he did not before.
    pub fn asked(&mut self, now: i64) {
        self.asked_at.get_or_insert(now);
        self.started_at.get_or_insert(now);
    }

    /// It is our turn again, whatever was before.
    pub fn turned(&mut self, now: i64, reopened: bool) {
        self.asked_at = Some(now);
        if reopened {
            self.started_at = Some(now);
        }
        self.started_at.get_or_insert(now);
    }
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

words!(Status { New = "new", Open = "open", Waiting = "waiting", Closed = "closed" });

words!(Priority { Low = "low", Normal = "normal", High = "high", Urgent = "urgent" });

words!(Kind { Customer = "customer", Staff = "staff", Note = "note", System = "system" });

words!(Via { Email = "email", Web = "web", Cli = "cli" });

words!(LetterKind {
    Confirmation = "confirmation", Notification = "notification", Answer = "answer", Result = "result",
    Hold = "hold", Link = "link", Summary = "summary", Digest = "digest",
});

/// Ids of letters about this ticket that went to this person, oldest first.
pub fn ids_to(facts: &TicketFacts, person: i64) -> Vec<MessageId> {
    facts.letters.iter().filter(|l| l.person == person).map(|l| l.message_id.clone()).collect()
}

/// The newest message that stood in a letter about this ticket to this person; 0: none did.
pub fn seen_by(facts: &TicketFacts, person: i64) -> i64 {
    facts.letters.iter().filter(|l| l.person == person).filter_map(|l| l.message).max().unwrap_or(0)
}

/// Ids of mails that this person wrote into the ticket, oldest first.
pub fn ids_from(facts: &TicketFacts, person: i64) -> Vec<MessageId> {
    facts.messages.iter().filter(|m| m.author == Some(person)).filter_map(|m| m.message_id.clone()).collect()
}
