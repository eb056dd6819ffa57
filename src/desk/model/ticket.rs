//! A ticket, and what the decisions about it need to know of its messages and letters.

use super::letter::LetterKind;
use super::person::Person;
use super::word::words;
use crate::mail::MessageId;

/// Where a ticket stands (INTERFACE, how status moves).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// Nobody of the staff answered or moved it yet.
    New,
    /// It is our turn.
    Open,
    /// It waits for the customer, or for a day (`#wait DATE`).
    Waiting,
    /// It is done. A message of a customer opens it again.
    Closed,
}

/// How urgent a ticket is; in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Priority {
    /// Below `Normal`; `#priority low`.
    Low,
    /// What every new ticket has.
    Normal,
    /// Above `Normal`; `#priority high`.
    High,
    /// Above all others; `#priority urgent`.
    Urgent,
}

/// A ticket's own row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Its public number, from 1; with the prefix of the desk it is the token.
    pub number: i64,
    /// Without token and without the reply marks of mail clients; one line.
    pub subject: String,
    /// Where it stands.
    pub status: Status,
    /// How urgent it is.
    pub priority: Priority,
    /// One of the desk's categories; `None`: none was given.
    pub category: Option<String>,
    /// Name of the mailbox through which it came; `None`: it did not come by mail, or by no named one.
    pub mailbox: Option<String>,
    /// The person whose ticket it is.
    pub requester: i64,
    /// The staff member who works on it; `None`: nobody yet.
    pub assignee: Option<i64>,
    /// Marked as a privacy request (`#privacy`).
    pub privacy: bool,
    /// The ticket into which it went; `None`: it is one of its own.
    pub merged_into: Option<i64>,
    /// Seconds since 1970.
    pub created_at: i64,
    /// The last change that somebody made; seconds since 1970.
    pub updated_at: i64,
    /// Until when an answer or the end is due; seconds since 1970. `None`: no target and no `#due`.
    pub due_at: Option<i64>,
    /// The day of `#wait DATE`, its end; seconds since 1970. `None`: it waits for no day.
    pub wait_until: Option<i64>,
    /// Seconds since 1970; `None`: it is not closed.
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
    /// When the last of them left; seconds since 1970. `None`: none did.
    pub reminded_at: Option<i64>,
    /// When the next reminder leaves.
    pub remind_at: Option<i64>,
}

impl Ticket {
    /// Whatever a clock wrote of the past that was ahead (T93) happened now.
    pub fn set_right(&mut self, now: i64, ahead_secs: i64) {
        let right = |at: &mut i64| {
            if *at > now + ahead_secs {
                *at = now;
            }
        };
        right(&mut self.created_at);
        right(&mut self.updated_at);
        let clock = &mut self.clock;
        for at in [&mut self.closed_at, &mut clock.asked_at, &mut clock.started_at, &mut clock.reminded_at] {
            at.iter_mut().for_each(right);
        }
    }
}

impl Clock {
    /// Both clocks run from here.
    pub fn from(at: i64) -> Self {
        Self { asked_at: Some(at), started_at: Some(at), ..Self::default() }
    }

    /// The customer waits, from now on if they did not before.
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
    /// Its own row.
    pub ticket: Ticket,
    /// The person whose ticket it is.
    pub requester: Person,
    /// Customers who take part beside the requester (T06).
    pub participants: Vec<Person>,
    /// Tags that are on, in lower case.
    pub tags: Vec<String>,
    /// Staff who hear of everything here.
    pub watchers: Vec<i64>,
    /// All messages, oldest first.
    pub messages: Vec<MessageRef>,
    /// All letters about it, oldest first.
    pub letters: Vec<LetterRef>,
}

impl TicketFacts {
    /// A ticket to which nothing happened yet.
    pub fn new(ticket: Ticket, requester: Person) -> Self {
        let (participants, tags, watchers) = (Vec::new(), Vec::new(), Vec::new());
        Self { ticket, requester, participants, tags, watchers, messages: Vec::new(), letters: Vec::new() }
    }
}

/// A message of a ticket, without its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageRef {
    /// Its number in the store.
    pub id: i64,
    /// The ticket in which it was said, where that one was merged (T06).
    pub origin: Option<i64>,
    /// Who says it.
    pub kind: Kind,
    /// The person who wrote it; `None`: the desk or an operator.
    pub author: Option<i64>,
    /// Of the mail that brought it; `None`: it came another way, or its mail had none.
    pub message_id: Option<MessageId>,
    /// Customers are shown it, and no machine wrote it.
    pub shown: bool,
    /// Something proves who wrote it.
    pub proven: bool,
    /// Seconds since 1970.
    pub created_at: i64,
}

/// A letter about a ticket, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterRef {
    /// Its number in the outbox.
    pub id: i64,
    /// What kind of letter it is.
    pub kind: LetterKind,
    /// To whom it went.
    pub person: i64,
    /// The staff member whose words it carries, or the person whom a failure concerns; `None`: nobody's.
    pub author: Option<i64>,
    /// The newest message that its reader had seen with it.
    pub message: Option<i64>,
    /// Under which it left.
    pub message_id: MessageId,
    /// It could not be delivered for good.
    pub failed: bool,
    /// Seconds since 1970.
    pub created_at: i64,
}

/// What is said in a ticket, and by whom (INTERFACE, Ticket as JSON).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Words of a customer.
    Customer,
    /// An answer of staff or of an operator; customers get it.
    Staff,
    /// A note of staff; no customer sees it (T72).
    Note,
    /// What the desk or another machine says.
    System,
}

/// The way on which a message came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Via {
    /// By mail.
    Email,
    /// By a page.
    Web,
    /// By the command line.
    Cli,
}

words!(Status { New = "new", Open = "open", Waiting = "waiting", Closed = "closed" });

words!(Priority { Low = "low", Normal = "normal", High = "high", Urgent = "urgent" });

words!(Kind { Customer = "customer", Staff = "staff", Note = "note", System = "system" });

words!(Via { Email = "email", Web = "web", Cli = "cli" });

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
