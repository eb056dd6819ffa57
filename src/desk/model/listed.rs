//! What pages and the command line are shown: tickets, messages, people, held mails, letters on their way.
//! The store fills these values; they carry no handle to it.

use super::letter::{LetterKind, LetterState};
use super::outcome::Cause;
use super::proof::Verified;
use super::ticket::{Kind, Ticket, Via};

/// A ticket with the people and tags around it.
#[derive(Debug, Clone)]
pub struct TicketRow {
    /// The ticket itself.
    pub ticket: Ticket,
    /// Whose request it is.
    pub requester: Shown,
    /// Who takes part beside the requester, in the order of their numbers.
    pub participants: Vec<Shown>,
    /// The staff member whose it is; `None`: nobody's.
    pub assignee: Option<Shown>,
    /// In the order of the alphabet.
    pub tags: Vec<String>,
}

/// A person as people are shown on pages and on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Their number.
    pub id: i64,
    /// Their name: of staff the one of the configuration or `staff add`, else the one of their mail.
    pub name: String,
    /// Their addr-spec (RFC 5322 §3.4.1).
    pub address: String,
}

/// One thing said in a ticket, as INTERFACE.md shows it.
#[derive(Debug, Clone)]
pub struct MessageRow {
    /// Its number.
    pub id: i64,
    /// The ticket in which it was said, where that one was merged.
    pub origin: Option<i64>,
    /// Who says it: a customer, staff, staff among themselves, the desk.
    pub kind: Kind,
    /// By which way it came.
    pub via: Via,
    /// Who wrote it; `None`: the desk or the operator.
    pub author: Option<i64>,
    /// Their name when they wrote it; empty where they had none.
    pub author_name: String,
    /// Their address; empty where nobody wrote it.
    pub author_address: String,
    /// The mail that made it; `None`: a page, the command line or the desk did.
    pub mail: Option<i64>,
    /// The id of that mail.
    pub message_id: Option<String>,
    /// The subject of that mail.
    pub subject: Option<String>,
    /// Its words, without what follows.
    pub text: String,
    /// What was cut off as quotation.
    pub quoted: String,
    /// What was cut off as signature.
    pub signature: String,
    /// How its sender was proven.
    pub verified: Verified,
    /// A machine wrote it (RFC 3834).
    pub automatic: bool,
    /// Between staff and requester alone (`#private`).
    pub private: bool,
    /// False: a stranger's or automatic mail that customers do not see (T04).
    pub shown: bool,
    /// Seconds since 1970.
    pub created_at: i64,
    /// Files that came with it, in their order.
    pub files: Vec<FileRow>,
}

/// A file that came with a message. Its bytes stay in the kept mail (T58).
#[derive(Debug, Clone)]
pub struct FileRow {
    /// Its number.
    pub id: i64,
    /// Number of the MIME part, as `mail::parse::attachment` takes it.
    pub part: u32,
    /// As its sender named it, made clean; may be empty.
    pub filename: String,
    /// Of its Content-Type (RFC 2045 §5.1).
    pub media_type: String,
    /// In octets, decoded.
    pub size: i64,
    /// Hash of its decoded octets.
    pub sha256: Vec<u8>,
    /// Customers get it with the message.
    pub outside: bool,
}

/// An open row with the mail that it holds.
#[derive(Debug, Clone)]
pub struct HeldRow {
    /// Its number, as commands name it.
    pub id: i64,
    /// The address of its From field; `None`: it names nobody.
    pub from: Option<String>,
    /// Its subject, on one line.
    pub subject: String,
    /// Why it is held, for people.
    pub reason: String,
    /// The ticket that it would go to.
    pub ticket: Option<i64>,
    /// When it was taken in.
    pub received_at: i64,
    /// The kept mail.
    pub mail: i64,
    /// The staff member whom it concerns.
    pub person: Option<i64>,
    /// Why it is held, for what may follow.
    pub cause: Cause,
    /// How its sender was proven when it came.
    pub verified: Verified,
    /// `imap:support`: where it came from.
    pub source: String,
}

/// A letter as `outbox list` shows it.
#[derive(Debug, Clone)]
pub struct OutboxEntry {
    /// Its number.
    pub id: i64,
    /// What kind of letter it is.
    pub kind: LetterKind,
    /// Its recipient.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// Where it stands on its way.
    pub state: LetterState,
    /// What the relay said last; empty before the first attempt.
    pub reason: String,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried next; `None`: it is being sent, or waits for nobody.
    pub next_at: Option<i64>,
    /// The ticket that it is about.
    pub ticket: Option<i64>,
    /// Seconds since 1970.
    pub created_at: i64,
}

/// A row of the audit log (T92), with ids and no contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Its number.
    pub id: i64,
    /// Seconds since 1970.
    pub at: i64,
    /// `person:12`, `operator`, `desk`.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// To what: `ticket:7`, `person:12`.
    pub object: String,
    /// What else is to be known; may be empty.
    pub detail: String,
}
