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
    /// A new ticket.
    Ticket,
    /// A further message of a ticket.
    Append,
    /// A question of staff, answered by a letter.
    Query,
    /// A mail of staff of which nothing acted; its writer got it back.
    Refused,
    /// Kept without being acted on, until somebody who may decides.
    Held,
    /// Taken for forged or hostile; an operator alone releases it.
    Quarantine,
    /// A report about a letter of ours.
    Report,
    /// A mail of our own that came back; nothing follows.
    Loop,
    /// It was taken in before; nothing is written.
    Duplicate,
}

/// A message as it is written into a ticket.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// Its number in the store; 0 until it has one.
    pub id: i64,
    /// The ticket to which it is written; 0 until that is known.
    pub ticket: i64,
    /// Who says it.
    pub kind: Kind,
    /// The way on which it came.
    pub via: Via,
    /// Who wrote it; `None`: the desk or an operator.
    pub author: Option<i64>,
    /// The name under which it is shown.
    pub author_name: String,
    /// True: the mail in hand is its source, with its id and its attachments.
    pub from_mail: bool,
    /// Of the mail that brought it; `None`: there was none.
    pub subject: Option<String>,
    /// The new words.
    pub text: String,
    /// What it quotes below them.
    pub quoted: String,
    /// The signature of the mail.
    pub signature: String,
    /// How its author is proven.
    pub verified: Verified,
    /// A machine wrote it.
    pub automatic: bool,
    /// It goes to the requester alone.
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
        /// Their number.
        id: i64,
        /// Their address.
        address: AddrSpec,
        /// The name that they gave; may be empty.
        name: String,
    },
    /// A new row, or the row as it is from now on.
    Ticket {
        /// It is a new row.
        new: bool,
        /// The whole row.
        ticket: Box<Ticket>,
    },
    /// Somebody takes part in a ticket, from the message behind `since` on (T06).
    Participant {
        /// In which ticket.
        ticket: i64,
        /// Who.
        person: i64,
        /// The newest message that they do not see; 0: they see all.
        since: i64,
    },
    /// Somebody with proof wrote to this address as well: they are asked whether it takes part (T06).
    Suggest {
        /// In which ticket.
        ticket: i64,
        /// Who wrote, and is asked.
        person: i64,
        /// Whom they wrote to.
        address: AddrSpec,
    },
    /// A participant leaves the ticket, and those that went into it.
    Leave {
        /// Which ticket.
        ticket: i64,
        /// Who.
        person: i64,
    },
    /// A staff member hears of everything on a ticket, or no longer.
    Watch {
        /// Which ticket.
        ticket: i64,
        /// Who.
        person: i64,
        /// They hear of everything.
        on: bool,
    },
    /// A set of commands, as the difference that it made.
    CommandSet {
        /// Where it was ordered.
        ticket: i64,
        /// Who ordered; `None`: the operator.
        person: Option<i64>,
        /// The result letter that tells of it; `None`: none left.
        letter: Option<i64>,
        /// What became different.
        steps: Vec<Step>,
    },
    /// A set of commands was taken back.
    Undone {
        /// Its number.
        deed: i64,
    },
    /// A tag is put on or taken off.
    Tag {
        /// On which ticket.
        ticket: i64,
        /// In lower case, 1 to 40 letters, digits, `-`, `_` or `.`.
        word: String,
        /// It is put on.
        on: bool,
    },
    /// A new message.
    Message(Box<NewMessage>),
    /// All messages of one ticket into another.
    Merge {
        /// The ticket that goes.
        from: i64,
        /// The ticket that gets them.
        into: i64,
    },
    /// These messages, as far as they are still there, out of a ticket again into the one from which they
    /// came.
    Unmerge {
        /// The ticket that gets them back.
        from: i64,
        /// The ticket in which they are.
        into: i64,
        /// Which ones.
        messages: Vec<i64>,
    },
    /// One message into another ticket.
    MoveMessage {
        /// Which one.
        message: i64,
        /// The number of the other ticket.
        to: i64,
        /// Where it was said, where that ticket had been merged; `None`: in the one that gets it.
        origin: Option<i64>,
    },
    /// The mail in hand is kept without being acted on.
    Hold {
        /// Why.
        cause: Cause,
        /// The ticket that it names; `None`: none.
        ticket: Option<i64>,
        /// The staff member in whose name it is; `None`: nobody's.
        person: Option<i64>,
        /// How its sender is proven, for the day on which it acts.
        verified: Verified,
        /// One sentence.
        reason: String,
    },
    /// A held mail that has come to nothing: in a word, why.
    EndHeld {
        /// Its number.
        held: i64,
        /// What it came to.
        how: &'static str,
    },
    /// A held mail was let go, and this became of it.
    Released {
        /// Its number.
        held: i64,
        /// What became of it.
        outcome: Outcome,
        /// The ticket to which it belongs now; `None`: none.
        ticket: Option<i64>,
    },
    /// By it a staff member says what becomes of mails in their name.
    HeldLink {
        /// SHA-256 of its token.
        hash: [u8; 32],
        /// Whose mails.
        person: i64,
        /// Seconds since 1970.
        expires_at: i64,
    },
    /// Mail of this person is quarantined from now on, or no longer.
    Spam {
        /// Who.
        person: i64,
        /// It is quarantined.
        on: bool,
    },
    /// Letters to this person fail for good.
    Undeliverable {
        /// Who.
        person: i64,
    },
    /// A signature was taken in: it does not count a second time (T107).
    Signature {
        /// Of the signature.
        fingerprint: [u8; 32],
    },
    /// A notice that comes later, with others in one letter.
    Pending {
        /// For whom.
        person: i64,
        /// About which ticket; `None`: about none.
        ticket: Option<i64>,
        /// What it tells, in a line.
        why: String,
        /// When it leaves; seconds since 1970.
        due_at: i64,
    },
    /// Pending notices that a summary has told.
    PendingDone {
        /// Its number.
        id: i64,
    },
    /// The gate kept a letter back: counted.
    KeptBack {
        /// The limit that did it.
        limit: Limit,
    },
    /// The operator is told once, for as long as it lasts.
    Alarm {
        /// Its name: while it stands, it is not told again.
        what: String,
        /// One sentence to the operator.
        text: String,
    },
    /// A staff member wants the daily digest, or wants it no more.
    Digest {
        /// Who.
        person: i64,
        /// They want it.
        on: bool,
    },
    /// The digest of the day that begins at `at` left; it told of messages and tickets up to these.
    DigestTold {
        /// The start of that working day; seconds since 1970.
        at: i64,
        /// The newest message that it told of.
        message: i64,
        /// The newest ticket that it told of.
        ticket: i64,
    },
    /// A magic link, by the hash of its token.
    Link {
        /// SHA-256 of its token.
        hash: [u8; 32],
        /// Whom it signs in.
        person: i64,
        /// Where it leads; `None`: to the list.
        ticket: Option<i64>,
        /// Seconds since 1970.
        expires_at: i64,
    },
    /// An attempt to send a letter ended.
    Settle {
        /// Its number in the outbox.
        letter: i64,
        /// How it stands now.
        state: LetterState,
        /// In the words of the relay.
        reason: String,
        /// When it is due again; seconds since 1970. `None`: never by itself.
        next_at: Option<i64>,
    },
    /// What the relay called our letter (D15).
    Alias {
        /// Its number in the outbox.
        letter: i64,
        /// The id under which the world sees it.
        id: MessageId,
    },
    /// Letters that wait or failed are due now: these, or all where none is named.
    RetryLetters {
        /// Their numbers in the outbox.
        ids: Vec<i64>,
    },
    /// Letters that wait or failed never leave.
    CancelLetters {
        /// Their numbers in the outbox.
        ids: Vec<i64>,
    },
    /// A link was asked for: counted for an address or a network (T30).
    LinkAsked {
        /// `address:` or `network:`, and which.
        what: String,
    },
    /// A link was used (T60).
    UseLink {
        /// SHA-256 of its token.
        hash: [u8; 32],
    },
    /// Somebody signed in.
    BeginSession {
        /// What is kept of it.
        session: SessionStart,
        /// Who.
        person: i64,
        /// Seconds since 1970.
        expires_at: i64,
    },
    /// Somebody signed out.
    EndSession {
        /// SHA-256 of its cookie.
        hash: [u8; 32],
    },
    /// A probe came back, or a report about one did.
    Probe {
        /// Through which it came; `None`: through none that has a name.
        mailbox: Option<String>,
        /// What the mail says of it.
        returned: Returned,
    },
    /// The question about an address was answered (T06).
    ForgetSuggestion {
        /// In which ticket.
        ticket: i64,
        /// Who was asked.
        person: i64,
        /// About which address.
        address: AddrSpec,
    },
    /// The operator was told that an alarm opened.
    AlarmTold {
        /// Its number in the store.
        id: i64,
        /// What was told.
        text: String,
    },
    /// An alarm is over.
    AlarmEnded {
        /// Its number in the store.
        id: i64,
        /// Its name.
        what: String,
    },
    /// A member of the staff as they are from now on; `action`: the word in the audit log.
    Staff {
        /// The whole row.
        row: Box<StaffRow>,
        /// The word in the audit log; `None`: the configuration says so, and nobody did it.
        action: Option<&'static str>,
    },
    /// Somebody is no longer staff: their sessions end, and their letters do not leave (T14, T65).
    StaffGone {
        /// Who.
        address: AddrSpec,
    },
    /// The same as [`Change::Digest`], for whoever has this address on the staff.
    DigestChoice {
        /// Who.
        address: AddrSpec,
        /// They want it.
        on: bool,
    },
    /// A new generation of the derived keys is in force (T81).
    KeyGeneration {
        /// From 2.
        number: u32,
    },
    /// A line of the audit log (T92).
    Audit {
        /// Who did it: `operator`, or `person:` and a number.
        actor: String,
        /// What was done, in a word.
        action: &'static str,
        /// To what: a token, or a kind and a number.
        object: String,
        /// More about it; may be empty. No words of a mail.
        detail: String,
    },
}

/// A letter with its final bytes: one outbox row.
#[derive(Debug, Clone)]
pub struct Letter {
    /// Its number in the outbox.
    pub id: i64,
    /// What kind of letter it is.
    pub kind: LetterKind,
    /// About which ticket; `None`: about none.
    pub ticket: Option<i64>,
    /// To whom.
    pub person: i64,
    /// The staff member whose words it carries, or the person whom a failure concerns; `None`: nobody's.
    pub author: Option<i64>,
    /// The newest message that its reader has seen with it; `None`: it brings none.
    pub message: Option<i64>,
    /// Counts under T25 and T26.
    pub automatic: bool,
    /// It answers a mail with domain proof, so it counts for the desk and not for the domain (T26).
    pub proven: bool,
    /// `None` is `<>` (RFC 5321 §4.5.5).
    pub reverse_path: Option<AddrSpec>,
    /// The forward-path: one recipient a letter.
    pub to: AddrSpec,
    /// Under which it leaves.
    pub message_id: MessageId,
    /// As it stands in the letter.
    pub subject: String,
    /// The whole letter, final.
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
    /// What became of the event.
    pub outcome: Outcome,
    /// One sentence.
    pub reason: String,
    /// The ticket that it was about; `None`: none.
    pub ticket: Option<i64>,
    /// How the sender is proven.
    pub verified: Verified,
    /// Whom the sender's address belongs to.
    pub who: Who,
    /// What proves the sender, or why nothing does; one sentence.
    pub why: String,
    /// The commands that the mail gave, as they were written.
    pub orders: Vec<String>,
    /// Why an order or a form was not carried out: nothing else follows.
    pub refused: Option<Refused>,
    /// A held mail that acts now (`#send`), after everything else.
    pub release: Option<Release>,
    /// What is written, in this order.
    pub changes: Vec<Change>,
    /// What leaves.
    pub letters: Vec<Letter>,
}

words!(Cause { Quarantine = "quarantine", Unproven = "unproven", Crossed = "crossed", Other = "other" });

words!(Outcome {
    Ticket = "ticket", Append = "append", Query = "query", Refused = "refused", Held = "held",
    Quarantine = "quarantine", Report = "report", Loop = "loop", Duplicate = "duplicate",
});
