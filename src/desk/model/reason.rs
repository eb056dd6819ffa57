//! Why an event came to its outcome: values. They become sentences in [`crate::desk::text::reasons`].

use super::fault::{ForeignWords, MailFault};
use super::limit::Limit;
use super::proof::{NoBytes, OtherSize};
use super::proof_reason::ProofReason;
use super::query::Query;

/// Why an event came to its outcome. Numbers are those of tickets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The mail was taken in before.
    Duplicate,
    /// T27: a letter of ours came back.
    OurLetter,
    /// T27, T120: the desk stands in its From field, without our seal.
    FromTheDesk,
    /// It reports about a probe of ours.
    ReportOfProbe,
    /// The program failed on it, and how (T34).
    Fault(String),
    /// It is held without its bytes, and why.
    WithoutBytes(NoBytes),
    /// T110: as the inner reason says; and it has another size than was announced.
    OtherSize(Box<Self>, OtherSize),
    /// The parser failed on it (T34).
    Unread,
    /// Its From field can be read in two ways, and why.
    UnclearSender(String),
    /// It has no From field.
    NoSender,
    /// Its sender was marked as spam.
    Spam,
    /// T18: it was there before the desk, in the name of staff.
    HistoryOfStaff,
    /// Its sender is not proven, or disproved.
    Proof(ProofReason),
    /// Its sender is proven, and this desk asks for more.
    ProofNotEnough(ProofReason),
    /// Its reply address and its subject name different tickets.
    Torn,
    /// T18: a first mail of staff without the proof of its domain.
    FirstUnproven,
    /// T108: a question without the proof of its domain.
    QuestionUnproven,
    /// T108: a question of a machine or a null sender.
    QuestionOfMachine,
    /// T108: a question beyond this limit of answers in an hour.
    QuestionOverLimit(u32),
    /// A question that was answered.
    Question(Query),
    /// A question that lacks something; its writer was told so.
    QuestionNotUnderstood,
    /// A first mail of staff opened a ticket.
    OpenedByStaff,
    /// Nothing of a mail of staff acts.
    Refused(MailFault),
    /// It quotes what a reader has no right to (T72).
    Foreign(ForeignWords),
    /// Something newer came in between.
    Crossed(Newer),
    /// Staff wrote to this ticket.
    StaffWrote(i64),
    /// A mail of a customer belongs to this ticket.
    BelongsTo(i64),
    /// An automatic mail belongs to this ticket.
    AutomaticOf(i64),
    /// An automatic mail in the name of staff belongs to none.
    AutomaticOfStaff,
    /// A new ticket, with a confirmation.
    NewTicket,
    /// A new ticket without one.
    Unconfirmed(Silence),
    /// A report about a letter of this ticket.
    ReportOf(i64),
    /// A report about none of our letters.
    ReportOfNothing,
    /// It came to a bounce address, and has no business there.
    AtBounceAddress,
    /// Its writer leaves the digest.
    LeavesDigest,
    /// An answer to the digest (table H).
    AnswersDigest,
    /// The answer of a machine to the digest.
    MachineAnswersDigest,
    /// A held mail acts now.
    HeldLetGo,
    /// A held mail is forgotten.
    HeldDropped,
    /// A form of a page was sent.
    Form,
    /// An operator ordered it.
    Order,
    /// An order or a form was not carried out; why stands beside it.
    NotCarriedOut,
    /// The relay answered for a letter.
    RelayAnswered,
    /// The relay answered for a letter that is not there.
    NoSuchLetter,
    /// Time passed.
    TimePassed,
}

/// What came between a letter and the answer to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Newer {
    /// Messages of customers.
    pub of_customers: usize,
    /// Answers of colleagues.
    pub of_colleagues: usize,
}

/// Why a mail is not answered (RFC 3834 §2, THREATS T23 to T31).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// T18: it was there before the desk.
    History,
    /// T18: it came long before it was taken in.
    Stale,
    /// T28: its sender is disproved.
    Disproved,
    /// `[desk] confirm` is `none`.
    Off,
    /// `[desk] confirm` is `proven`, and its domain did not prove it.
    Unproven,
    /// A machine or a list wrote it.
    Automatic,
    /// Its sender asks for no automatic answer.
    Suppressed,
    /// A null sender, a daemon, a no-reply address or a report.
    SenderNotAnswered,
    /// A limit is reached (T25, T26, T29).
    Limit(Limit),
}
