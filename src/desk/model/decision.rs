//! What follows from an event, as values: changes of what is kept, and letters with their final bytes.

use super::form::SessionStart;
use super::letter::LetterState;
use super::limit::Limit;
use super::person::StaffRow;
use super::probe::Returned;
use super::proof::{Verified, Who};
use super::refused::Refused;
use super::ticket::{Kind, LetterKind, Ticket, Via};
use super::undo::Step;
use super::word::words;
use crate::mail::{AddrSpec, MessageId};

/// What became of a mail (INTERFACE, `outcome`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    Ticket,
    Append,
    Query,
    Refused,
    Held,
    Quarantine,
    Report,
    Loop,
    Duplicate,
}

/// A message as it is written into a ticket.
#[derive(Debug, Clone)]
pub struct NewMessage {
    pub id: i64,
    pub ticket: i64,
    pub kind: Kind,
    pub via: Via,
    pub author: Option<i64>,
    pub author_name: String,
    /// True: the mail in hand is its source, with its id and its attachments.
    pub from_mail: bool,
    pub subject: Option<String>,
    pub text: String,
    pub quoted: String,
    pub signature: String,
    pub verified: Verified,
    pub automatic: bool,
    pub private: bool,
    /// Customers see it on the web.
    pub shown: bool,
}

/// Why a mail is kept without being acted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    /// Taken for forged or hostile: an operator alone releases it.
    Quarantine,
    /// In the name of staff without enough proof: that person may confirm or discard it.
    Unproven,
    /// An answer of staff that something newer crossed: its writer may send it with `#send`.
    Crossed,
    /// Whatever else nobody but an operator can judge.
    Other,
}

impl Cause {
    /// `kind` of `held list`.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Quarantine => "quarantine",
            Self::Unproven | Self::Crossed | Self::Other => "held",
        }
    }
}

/// One change of what is kept.
#[derive(Debug, Clone)]
pub enum Change {
    /// A new person, or the name of one that had none.
    Person {
        id: i64,
        address: AddrSpec,
        name: String,
    },
    /// A new row, or the row as it is from now on.
    Ticket {
        new: bool,
        ticket: Box<Ticket>,
    },
    Participant {
        ticket: i64,
        person: i64,
        since: i64,
    },
    /// Somebody with proof wrote to this address as well: he is asked whether it takes part (T06).
    Suggest {
        ticket: i64,
        person: i64,
        address: AddrSpec,
    },
    /// A participant leaves the ticket, and those that went into it.
    Leave {
        ticket: i64,
        person: i64,
    },
    Watch {
        ticket: i64,
        person: i64,
        on: bool,
    },
    /// A set of commands, as the difference that it made.
    Deed {
        ticket: i64,
        person: Option<i64>,
        letter: Option<i64>,
        steps: Vec<Step>,
    },
    /// A set of commands was taken back.
    Undone {
        deed: i64,
    },
    Tag {
        ticket: i64,
        word: String,
        on: bool,
    },
    Message(Box<NewMessage>),
    /// All messages of one ticket into another.
    Merge {
        from: i64,
        into: i64,
    },
    /// These messages, as far as they are still there, out of a ticket again into the one from which they
    /// came.
    Unmerge {
        from: i64,
        into: i64,
        messages: Vec<i64>,
    },
    MoveMessage {
        message: i64,
        to: i64,
        origin: Option<i64>,
    },
    Hold {
        cause: Cause,
        ticket: Option<i64>,
        person: Option<i64>,
        /// How its sender is proven, for the day on which it acts.
        verified: Verified,
        reason: String,
    },
    /// A held mail that has come to nothing: in a word, why.
    EndHeld {
        held: i64,
        how: &'static str,
    },
    /// A held mail was let go, and this became of it.
    Released {
        held: i64,
        outcome: Outcome,
        ticket: Option<i64>,
    },
    /// By it a staff member says what becomes of mails in his name.
    HeldLink {
        hash: [u8; 32],
        person: i64,
        expires_at: i64,
    },
    Spam {
        person: i64,
        on: bool,
    },
    Undeliverable {
        person: i64,
    },
    /// A signature was taken in: it does not count a second time (T107).
    Signature {
        fingerprint: [u8; 32],
    },
    Pending {
        person: i64,
        ticket: Option<i64>,
        why: String,
        due_at: i64,
    },
    /// Pending notices that a summary has told.
    PendingDone {
        id: i64,
    },
    /// The gate kept a letter back: counted.
    KeptBack {
        limit: Limit,
    },
    /// The operator is told once, for as long as it lasts.
    Alarm {
        what: String,
        text: String,
    },
    /// A staff member wants the daily digest, or wants it no more.
    Digest {
        person: i64,
        on: bool,
    },
    /// The digest of the day that begins at `at` left; it told of messages and tickets up to these.
    DigestTold {
        at: i64,
        message: i64,
        ticket: i64,
    },
    Link {
        hash: [u8; 32],
        person: i64,
        ticket: Option<i64>,
        expires_at: i64,
    },
    /// An attempt to send a letter ended.
    Settle {
        letter: i64,
        state: LetterState,
        reason: String,
        next_at: Option<i64>,
    },
    /// What the relay called our letter (D15).
    Alias {
        letter: i64,
        id: MessageId,
    },
    /// Letters that wait or failed are due now: these, or all where none is named.
    RetryLetters {
        ids: Vec<i64>,
    },
    /// Letters that wait or failed never leave.
    CancelLetters {
        ids: Vec<i64>,
    },
    /// A link was asked for: counted for an address or a network (T30).
    LinkAsked {
        what: String,
    },
    /// A link was used (T60).
    UseLink {
        hash: [u8; 32],
    },
    BeginSession {
        session: SessionStart,
        person: i64,
        expires_at: i64,
    },
    EndSession {
        hash: [u8; 32],
    },
    /// A probe came back, or a report about one did.
    Probe {
        mailbox: Option<String>,
        returned: Returned,
    },
    /// The question about an address was answered (T06).
    ForgetSuggestion {
        ticket: i64,
        person: i64,
        address: AddrSpec,
    },
    /// The operator was told that an alarm opened.
    AlarmTold {
        id: i64,
        text: String,
    },
    /// An alarm is over.
    AlarmEnded {
        id: i64,
        what: String,
    },
    /// A member of the staff as they are from now on; `action`: the word in the audit log.
    Staff {
        row: Box<StaffRow>,
        action: Option<&'static str>,
    },
    /// Somebody is no longer staff: their sessions end, and their letters do not leave (T14, T65).
    StaffGone {
        address: AddrSpec,
    },
    /// The same as [`Change::Digest`], for whoever has this address on the staff.
    DigestChoice {
        address: AddrSpec,
        on: bool,
    },
    /// A new generation of the derived keys is in force (T81).
    KeyGeneration {
        number: u32,
    },
    Audit {
        actor: String,
        action: &'static str,
        object: String,
        detail: String,
    },
}

/// A letter with its final bytes: one outbox row.
#[derive(Debug, Clone)]
pub struct Letter {
    pub id: i64,
    pub kind: LetterKind,
    pub ticket: Option<i64>,
    pub person: i64,
    pub author: Option<i64>,
    pub message: Option<i64>,
    /// Counts under T25 and T26.
    pub automatic: bool,
    /// It answers a mail with domain proof, so it counts for the desk and not for the domain (T26).
    pub proven: bool,
    pub reverse_path: Option<AddrSpec>,
    pub to: AddrSpec,
    pub message_id: MessageId,
    pub subject: String,
    pub bytes: Vec<u8>,
}

/// A held mail that acts now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// The row that holds it.
    pub held: i64,
    /// Who lets it go, as the audit log names them.
    pub actor: String,
}

/// What follows from an event. Applied in one transaction, or not at all.
#[derive(Debug, Clone)]
pub struct Decision {
    pub outcome: Outcome,
    /// One sentence.
    pub reason: String,
    pub ticket: Option<i64>,
    pub verified: Verified,
    pub who: Who,
    pub why: String,
    pub orders: Vec<String>,
    /// Why an order or a form was not carried out: nothing else follows.
    pub refused: Option<Refused>,
    /// A held mail that acts now (`#send`), after everything else.
    pub release: Option<Release>,
    pub changes: Vec<Change>,
    pub letters: Vec<Letter>,
}

words!(Cause { Quarantine = "quarantine", Unproven = "unproven", Crossed = "crossed", Other = "other" });

words!(Outcome {
    Ticket = "ticket", Append = "append", Query = "query", Refused = "refused", Held = "held",
    Quarantine = "quarantine", Report = "report", Loop = "loop", Duplicate = "duplicate",
});
