//! What the store finds for the Hour: what is due, and what the daily digest counts.

use super::person::Person;

/// What the store found for this moment.
#[derive(Debug, Default)]
pub struct Hour {
    /// Tickets whose `#wait DATE` is over.
    pub waking: Vec<i64>,
    /// Tickets of which somebody is to be reminded.
    pub reminding: Vec<i64>,
    /// Notices that were held back, of everybody for whom one is due.
    pub held: Vec<Held>,
    /// Where a working day began.
    pub digest: Option<Morning>,
}

/// A notice that was held back.
#[derive(Debug, Clone)]
pub struct Held {
    pub id: i64,
    pub person: Person,
    /// `None`: it is about no ticket.
    pub ticket: Option<i64>,
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
    pub ticket: i64,
    pub news: Vec<News>,
    /// Held and quarantined mails, all of them.
    pub held: i64,
    /// Numbers of all overdue tickets.
    pub overdue: Vec<i64>,
}

/// Something new in one ticket, by one person.
#[derive(Debug, Clone)]
pub struct News {
    pub what: What,
    pub ticket: i64,
    pub author: Option<i64>,
    pub count: i64,
    pub assignee: Option<i64>,
    pub mailbox: Option<String>,
    pub category: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    Ticket,
    /// A customer's further message.
    Message,
    Note,
}
