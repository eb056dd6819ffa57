//! The values that cross between the edges and the desk.

use super::kept::Bytes;
use crate::desk::inbound::gather::Asked;
use crate::desk::model::Seals;
use crate::desk::{Facts, Person};
use crate::mail::{AddrSpec, Inbound};

/// Where a mail came from, and with it what may follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Position {
    /// RFC 9051 §2.3.1.1. `internal_date` in seconds since 1970. `history`: it was there at the first
    /// connect.
    Imap {
        mailbox: String,
        uid_validity: u32,
        uid: u32,
        internal_date: i64,
        history: bool,
    },
    /// A file in a Maildir, by its unique name without flags.
    Maildir {
        mailbox: String,
        name: String,
    },
    Stdin {
        recipient: Option<AddrSpec>,
        sender: Option<Option<AddrSpec>>,
    },
}

/// A mail that was parsed outside any transaction.
#[derive(Debug)]
pub struct Looked {
    pub position: Position,
    pub bytes: Bytes,
    pub mail: Inbound,
    /// What in it is ours, and what its writer asks for.
    pub seals: Seals,
    /// As above.
    pub asked: Asked,
    /// What the network said about it; the edge puts it here before the mail is taken.
    pub facts: Facts,
}

/// What became of one mail, for one log line.
#[derive(Debug, Clone)]
pub struct Taken {
    /// `ticket`, `append`, `held` and so on (INTERFACE, `outcome`).
    pub outcome: &'static str,
    /// Mail number in the store; `None` for a duplicate.
    pub mail: Option<i64>,
    pub ticket: Option<i64>,
}

/// What is remembered of an IMAP mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    pub uid_validity: u32,
    /// The next UID to ask for.
    pub next_uid: u32,
    /// Seconds since 1970; mails with an older INTERNALDATE after a change of UIDVALIDITY are ledgered as
    /// `before`.
    pub first_connect_at: i64,
    /// UIDs below were there at the first connect under this UIDVALIDITY: they cause no letters. 0:
    /// UIDVALIDITY changed.
    pub history_below: u32,
}

/// A letter that this process has claimed; its bytes never change.
#[derive(Debug, Clone)]
pub struct Claimed {
    pub id: i64,
    /// Reverse-path; `None` is `<>`.
    pub from: Option<AddrSpec>,
    pub to: AddrSpec,
    pub bytes: Vec<u8>,
}

pub use crate::desk::model::Sent;

/// State of one part of the daemon for `status`, `/healthz`, `/status` and `/metrics`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// `mailbox:support`, `smtp`, `store`.
    pub part: String,
    pub good: bool,
    /// In words, safe to show to operators.
    pub detail: String,
    pub at: i64,
}

/// A ticket as its reader may see it (web).
#[derive(Debug, Clone)]
pub struct TicketView {
    pub number: i64,
    pub token: String,
    pub subject: String,
    pub status: String,
    pub updated_at: i64,
    pub messages: Vec<MessageView>,
    /// Addresses that the reader wrote to, about which the page asks them (T06).
    pub suggestions: Vec<String>,
    /// The path of the page on which the reader leaves it; none for its requester.
    pub way_out: Option<String>,
}

#[derive(Debug, Clone)]
pub struct MessageView {
    pub id: i64,
    /// `customer` or `staff`.
    pub kind: String,
    /// Name to show; never an address of staff.
    pub author: String,
    /// True where the reader wrote it.
    pub own: bool,
    pub text: String,
    pub quoted: String,
    pub created_at: i64,
    pub files: Vec<FileView>,
}

#[derive(Debug, Clone)]
pub struct FileView {
    pub id: i64,
    pub filename: String,
    pub media_type: String,
    pub size: u64,
}

/// Who is signed in.
#[derive(Debug, Clone)]
pub struct Visitor {
    pub person: i64,
    pub name: String,
    pub address: AddrSpec,
    /// Per-session value that every form carries (T69).
    pub form_token: String,
}

impl Visitor {
    /// Who they are, as decisions see them.
    pub(super) fn person(&self) -> Person {
        Person { id: self.person, address: self.address.clone(), name: self.name.clone(), spam: false }
    }
}
