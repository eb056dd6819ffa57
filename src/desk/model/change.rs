//! What a decision changes of what is kept, one value a change. The store writes each of them.

use super::form::SessionStart;
use super::letter::LetterState;
use super::limit::{Breaker, Limit};
use super::message::NewMessage;
use super::outcome::{Cause, HeldEnd, Outcome};
use super::person::{Spam, StaffRow};
use super::probe::Returned;
use super::proof::Verified;
use super::reason::Reason;
use super::ticket::Ticket;
use super::undo::Step;
use crate::mail::{AddrSpec, MessageId};

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
        set: i64,
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
        /// Why, for people.
        reason: Reason,
    },
    /// A held mail has come to nothing.
    EndHeld {
        /// Its number.
        held: i64,
        /// What it came to.
        how: HeldEnd,
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
        /// Which of it.
        which: Spam,
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
    /// A summary said how many notices a person had beside those that it named.
    MorePendingTold {
        /// Whose they were.
        person: i64,
    },
    /// The gate kept a letter back: counted.
    KeptBack {
        /// The limit that did it.
        limit: Limit,
    },
    /// The operator is told once, for as long as it lasts.
    Alarm {
        /// What opened: while it is open, it is not told again.
        breaker: Breaker,
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
        /// It is due before, where the relay takes letters again.
        waits_for_relay: bool,
    },
    /// A letter leaves without its files from now on.
    WithoutFiles {
        /// Its number in the outbox.
        letter: i64,
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
        /// What closed.
        breaker: Breaker,
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
