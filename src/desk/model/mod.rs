//! The ground of the desk: what there is, as values. Uses only `mail`, and decides nothing.

pub mod decision;
pub mod hour;
pub mod limit;
pub mod mail;
pub mod message;
pub mod moment;
pub mod person;
pub mod proof;
pub mod query;
pub mod snapshot;
pub mod ticket;
pub mod undo;
mod word;

pub use decision::{Cause, Change, Decision, Letter, NewMessage, Outcome};
pub use hour::{Held, Hour, Morning};
pub use limit::Limit;
pub use mail::{Mailed, Raw};
pub use moment::Moment;
pub use person::{Person, Staff};
pub use proof::{
    Answer, Answers, Domain, DomainProof, Facts, Policy, Released, ReplyProof, Signed, StaffProof, Stamp,
    Verified, Who,
};
pub use query::{Found, Query, Said};
pub use snapshot::{Counts, Free, IdHit, LetterHit, Questions, Snapshot};
pub use ticket::{
    Clock, Kind, LetterKind, LetterRef, MessageRef, Priority, Status, Ticket, TicketFacts, Via,
};
pub use undo::{Deed, Merged, State, Step};
