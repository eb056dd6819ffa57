//! Mail in by IMAP: watches one folder, takes in what comes, flags or moves it after the commit (HOUSE,
//! section 5).
//!
//! What was taken in is remembered in our own store; flags on the server are never read. Answers to T17, T18,
//! T86, T95 to T97, T100.

mod intake;
mod literal_limit;
mod mailbox;
mod peek;
mod session;
mod syntax;
mod watch;

pub use peek::{Peek, probe, uids};
pub use watch::run;
