//! What we do about it: all policy, no I/O, no clock, no randomness of its own (HOUSE: the core is pure).
//!
//! An event and a [`Snapshot`](model::Snapshot) of what is known go in, a [`Decision`](model::Decision) comes
//! out. It cannot fail; it can refuse.
//!
//! The floors, from the ground; no file knows one above it: `model`, then `time`, `seal`, `rules` and
//! `right`,
//! `text`, `proof`, `probe`, `builder`, `letter`, then `notify`, `hold`, `relay` and `delivery`, `order` with
//! `undo`, then `inbound` with `staff`, `visitor`, `operator` and `hour`, and on top `event` and `decide`.
//! `proof` stands below `hold`, since a mail that is held says how its sender is proven.

pub mod builder;
pub mod decide;
pub mod delivery;
pub mod event;
pub mod hold;
pub mod hour;
pub mod inbound;
pub mod letter;
pub mod model;
pub mod notify;
pub mod operator;
pub mod order;
pub mod probe;
pub mod proof;
pub mod relay;
pub mod right;
pub mod rules;
pub mod seal;
#[cfg(test)]
pub mod testing;
pub mod text;
pub mod time;
pub mod visitor;

pub use event::Event;
pub use model::{
    Answer, Answers, Cause, Change, Counts, Decision, Domain, Facts, Free, IdHit, Kind, Letter, LetterHit,
    LetterKind, LetterRef, Mailed, MessageRef, Moment, NewMessage, Outcome, Person, Priority, Questions,
    Refused, Release, Released, Snapshot, Staff, StaffProof, StaffRow, Status, Ticket, TicketFacts, Verified,
    Via, Who,
};
pub use proof::domain::Claim;
pub use rules::{Confirm, Own, Rules};
