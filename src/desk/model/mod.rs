//! The ground of the desk: what there is, as values. Uses only `mail`, and decides nothing.

pub mod bounds;
pub mod change;
pub mod decision;
pub mod fault;
pub mod form;
pub mod hour;
pub mod letter;
pub mod limit;
pub mod listed;
pub mod mail;
pub mod message;
pub mod moment;
pub mod outcome;
pub mod person;
pub mod policy;
pub mod probe;
pub mod proof;
pub mod proof_reason;
pub mod query;
pub mod reason;
pub mod refused;
pub mod seals;
pub mod search;
pub mod snapshot;
pub mod ticket;
pub mod undo;
mod word;

pub use bounds::Bounds;
pub use change::Change;
pub use decision::{Decision, Letter, Release};
pub use fault::{CommandFault, FieldNow, ForeignWords, MailFault, OrderFault, QuestionFault, UndoFault};
pub use hour::{Hour, HourPart, HourScope, Morning, WaitingNotice};
pub use letter::{Attempts, LetterFile, LetterHit, LetterKind, LetterState, Sent, Settled};
pub use limit::{Breaker, Limit};
pub use mail::Mailed;
pub use message::NewMessage;
pub use moment::Moment;
pub use outcome::{Cause, HeldEnd, Outcome};
pub use person::{Person, Spam, Staff, StaffRow};
pub use policy::Policy;
pub use proof::{
    Answer, Answers, Domain, DomainProof, Facts, Named, Released, ReplyProof, Signed, StaffProof, Stamp,
    Verified, Who,
};
pub use proof_reason::{DomainReason, ProofReason};
pub use query::{Found, Query, Said};
pub use reason::{Newer, Reason, Silence};
pub use refused::Refused;
pub use seals::Seals;
pub use snapshot::{Counts, Free, IdHit, Questions, Snapshot, Weighed};
pub use ticket::{Clock, Kind, LetterRef, MessageRef, Priority, Status, Ticket, TicketFacts, Via};
pub use undo::{CommandSet, Merged, State, Step};
