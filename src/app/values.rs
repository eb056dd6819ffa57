//! The values that cross between the edges and the desk.

use super::kept::Bytes;
use crate::desk::inbound::gather::Asked;
use crate::desk::model::{Seals, Spam};
use crate::desk::{Facts, Person};
use crate::mail::{AddrSpec, Inbound};
use std::time::Duration;

/// Where a mail came from, and with it what may follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Position {
    /// RFC 9051 §2.3.1.1. `internal_date` in seconds since 1970. `history`: it was there at the first
    /// connect.
    Imap {
        /// Its name in the configuration.
        mailbox: String,
        /// UIDVALIDITY.
        uid_validity: i64,
        /// UID, from 1.
        uid: u32,
        /// What the server says of it beside its UID, which alone is no identity (T109).
        said: Said,
        /// INTERNALDATE; the time at which it was seen where the server does not say.
        internal_date: i64,
        /// Such mail causes no letters.
        history: bool,
    },
    /// A file in a Maildir, by its unique name without flags.
    Maildir {
        /// The name of the Maildir in the configuration.
        mailbox: String,
        /// The file name up to its flags, exact (see [`FileSeen`]).
        name: String,
        /// The file as it was read; `None`: it was not.
        file: Option<FileRead>,
        /// When the file was written, in seconds since 1970: its arrival.
        arrived_at: i64,
        /// It was there at the first look; such mail causes no letters.
        history: bool,
    },
    /// Standard input, or whoever hands over one mail with its envelope and remembers no place of it.
    Envelope {
        /// The forward-paths (RFC 5321 §4.1.1.3); empty where none was said.
        recipients: Vec<AddrSpec>,
        /// The reverse-path (RFC 5321 §4.1.1.2); `None`: it was not said; `Some(None)`: it is `<>`.
        sender: Option<Option<AddrSpec>>,
    },
}

/// What a server says of a mail beside its UID.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Said {
    /// RFC822.SIZE in octets; `None`: it does not say.
    pub size: Option<u64>,
    /// INTERNALDATE in seconds since 1970; `None`: it does not say.
    pub date: Option<i64>,
}

/// A file of a Maildir as its folder lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSeen {
    /// Its unique name, without flags; a byte that is no UTF-8 stands as a slash and two digits.
    pub name: String,
    /// In octets.
    pub size: u64,
    /// When it was written, in nanoseconds since 1970.
    pub modified_at: i64,
}

/// A file of a Maildir that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileRead {
    /// In octets.
    pub size: u64,
    /// When it was written, in nanoseconds since 1970.
    pub modified_at: i64,
    /// SHA-256 of size and bytes.
    pub content: [u8; 32],
}

/// What the ledger says of a file of a Maildir.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileIs {
    /// It has no outcome. `history`: it was there before the desk.
    New {
        /// Such mail causes no letters.
        history: bool,
    },
    /// It was there before the desk, and is left as it is.
    Before,
    /// It has its outcome.
    Taken,
    /// One of its name and size has an outcome; only its content tells whether it is this one.
    Unclear,
}

/// A mail that the server listed and did not hand out so far (T110).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Awaited {
    /// UID.
    pub uid: u32,
    /// How often it was asked for alone.
    pub tries: u32,
    /// It is to be asked for now.
    pub is_due: bool,
    /// Seconds until then.
    pub due_in: i64,
    /// It is held, without its bytes.
    pub is_held: bool,
}

/// How UIDs of a server compare with the ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Compared {
    /// These have no outcome.
    pub without_outcome: Vec<u32>,
    /// These are other mails than the ones that had their outcome (T109).
    pub changed: Vec<u32>,
    /// These have their date, and another size: servers that estimate sizes do that, too.
    pub resized: Vec<u32>,
    /// These were taken in before the ledger kept what a server says of a mail.
    pub unsaid: Vec<(u32, Said)>,
}

/// A mail that was parsed outside any transaction.
#[derive(Debug)]
pub struct Looked {
    /// Where it came from.
    pub position: Position,
    /// It as it came.
    pub bytes: Bytes,
    /// It as it was read.
    pub mail: Inbound,
    /// What in it is sealed by us.
    pub seals: Seals,
    /// What its writer asks for.
    pub asked: Asked,
    /// What the network said about it; the edge puts it here before the mail is taken.
    pub facts: Facts,
    /// The time that reading and proving it took, against the budget of T34.
    pub worked: Duration,
}

/// What became of one mail, for one log line.
#[derive(Debug, Clone)]
pub struct Taken {
    /// `ticket`, `append`, `held` and so on (INTERFACE, `outcome`).
    pub outcome: &'static str,
    /// Mail number in the store; `None` for a duplicate.
    pub mail: Option<i64>,
    /// The ticket that it belongs to now; `None`: none.
    pub ticket: Option<i64>,
}

/// What is remembered of an IMAP mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// UIDVALIDITY (RFC 9051 §2.3.1.1).
    pub uid_validity: i64,
    /// The next UID to ask for.
    pub next_uid: u32,
    /// Seconds since 1970; mails with an older INTERNALDATE after a change of UIDVALIDITY are ledgered as
    /// `before`.
    pub first_connect_at: i64,
    /// UIDs below were there at the first connect, and cause no letters; or when UIDVALIDITY changed.
    pub history_below: u32,
    /// UIDVALIDITY changed, or UIDs went back: of those below, only what came before the first connect was
    /// there before the desk.
    pub changed: bool,
}

/// A letter that this process has claimed; its bytes never change.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// Its number in the outbox.
    pub id: i64,
    /// Reverse-path; `None` is `<>`.
    pub from: Option<AddrSpec>,
    /// Forward-path.
    pub to: AddrSpec,
    /// The whole letter, with CRLF.
    pub bytes: Vec<u8>,
    /// It can leave again without its files.
    pub sheds: bool,
}

/// Letters that this process has claimed together.
#[derive(Debug, Default)]
pub struct Batch {
    /// Those that can leave.
    pub letters: Vec<Claimed>,
    /// Those that cannot, and why; nothing of that is written down yet.
    pub ended: Vec<(i64, Sent)>,
}

pub use crate::desk::model::Sent;

/// The part of the daemon that sends letters, as `status` names it.
pub const SENDER_PART: &str = "smtp";

/// State of one part of the daemon for `status`, `/healthz`, `/status` and `/metrics`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// `mailbox:support`, `smtp`, `store`.
    pub part: String,
    /// It works.
    pub good: bool,
    /// In words, safe to show to operators.
    pub detail: String,
    /// Since when; seconds since 1970.
    pub at: i64,
}

/// A ticket as its reader may see it (web).
#[derive(Debug, Clone)]
pub struct TicketView {
    /// Its number.
    pub number: i64,
    /// `DESK-7`.
    pub token: String,
    /// On one line.
    pub subject: String,
    /// `open` and so on (INTERFACE).
    pub status: String,
    /// Seconds since 1970.
    pub updated_at: i64,
    /// What the reader may see, oldest first; none in a list of tickets.
    pub messages: Vec<MessageView>,
    /// Earlier messages stand before the one of this number; `None`: there are none.
    pub earlier: Option<i64>,
    /// There are later ones.
    pub later: bool,
    /// Addresses that the reader wrote to, about which the page asks them (T06).
    pub suggestions: Vec<String>,
    /// The path of the page on which the reader leaves it; none for its requester.
    pub way_out: Option<String>,
}

/// A message as its reader may see it (web).
#[derive(Debug, Clone)]
pub struct MessageView {
    /// Its number.
    pub id: i64,
    /// `customer` or `staff`.
    pub kind: String,
    /// Name to show; never an address of staff.
    pub author: String,
    /// True where the reader wrote it.
    pub own: bool,
    /// Its words, without what follows.
    pub text: String,
    /// What was cut off as quotation.
    pub quoted: String,
    /// Seconds since 1970.
    pub created_at: i64,
    /// Files that came with it, in their order.
    pub files: Vec<FileView>,
}

/// A file as its reader may see it (web).
#[derive(Debug, Clone)]
pub struct FileView {
    /// Its number.
    pub id: i64,
    /// Safe to be a file name anywhere.
    pub filename: String,
    /// `image/png`, as its sender said (RFC 2045 §5).
    pub media_type: String,
    /// Octets.
    pub size: u64,
}

/// A file that a visitor may have, and where its octets are.
#[derive(Debug, Clone)]
pub struct KeptFile {
    /// As it is shown.
    pub view: FileView,
    /// The kept mail that it came with.
    pub(super) mail: i64,
    /// Number of its MIME part there.
    pub(super) part: u32,
}

/// Who is signed in.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// Their number.
    pub person: i64,
    /// Their name; empty where they have none.
    pub name: String,
    /// The address of the link that they signed in with.
    pub address: AddrSpec,
    /// Per-session value that every form carries (T69).
    pub form_token: String,
}

impl Visitor {
    /// Who they are, as decisions see them.
    pub(super) fn person(&self) -> Person {
        Person { id: self.person, address: self.address.clone(), name: self.name.clone(), spam: Spam::No }
    }
}
