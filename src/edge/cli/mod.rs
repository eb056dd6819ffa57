//! The command line: arguments in, tables or JSON out (INTERFACE, Program). Verbs that need no server are
//! carried out here.

pub mod args;
mod deliver;
mod exit;
mod explain;
mod held;
mod json;
mod keys;
pub mod man;
pub mod out;
mod outbox;
mod replay;
mod run;
mod staff;
mod tickets;

pub use args::{Args, AuditArgs, Call, Command};
pub use deliver::{deliver, guarded};
pub use exit::{Done, Exit, Failure};
pub use explain::explain;
pub use run::run;
