//! Mail in by IMAP: watches one folder, takes in what comes, flags or moves it after the commit (HOUSE,
//! section 5).
//!
//! Our memory is the cursor in the store; flags on the server are not. Answers to T17, T18, T86, T95 to T97,
//! T100.

mod intake;
mod literal_limit;
mod mailbox;
mod peek;
mod session;
mod syntax;
mod watch;

pub use peek::{Peek, probe, uids};
pub use watch::run;
