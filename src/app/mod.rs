//! One handle, three verbs: take an event, show an answer, send a letter. Opens every transaction; blocking,
//! never async.

mod audit;
mod clock;
mod condition;
mod desk;
mod error;
mod event;
mod generations;
mod handles;
mod held;
mod hours;
mod in_step;
mod intake;
mod kept;
mod ledger;
mod maildir;
mod order;
mod outbox;
mod participation;
mod poison;
mod poison_test;
mod poke;
mod probe;
mod reading;
mod replay;
mod rotating;
mod rules;
mod session;
mod show;
#[cfg(test)]
pub(crate) mod testing;
mod under_way;
mod values;
mod visitor;

pub use crate::desk::model::{Kind, LetterState, StaffRow, Status};
pub use crate::desk::operator::{Ordered, StaffChange, StaffSteps};
pub use audit::Chain;
pub use clock::now;
pub use condition::Number;
pub use desk::{Desk, restore};
pub use error::{Refusal, Trouble};
pub use generations::Generation;
pub use handles::{Condition, Hours, Intake, Ledger, Operator, Outbox, Poison, Probes, Visitors};
pub use held::{Answered, HeldPage};
pub use kept::Bytes;
pub use poke::poke;
pub use reading::Reads;
pub use replay::Renewed;
pub use rules::rules;
pub use session::Client;
pub use show::{AnyMail, Explained};
pub use under_way::UnderWay;
pub use values::*;

pub use crate::desk::model::listed::{AuditRow, HeldRow, MessageRow, OutboxEntry, Shown, TicketRow};
pub use crate::store::stats::Counted;

#[cfg(test)]
mod tests;
