//! Mail in by IMAP: watches one folder, takes in what comes, flags or moves it after the commit (HOUSE,
//! section 5).
//!
//! What was taken in is remembered in our own store; flags on the server are never read. Answers to T17, T18,
//! T86, T95 to T97, T100, T109 to T112.

mod awaited;
mod done;
mod fault;
#[cfg(test)]
mod faults_test;
mod fetch;
mod intake;
mod login;
mod mailbox;
mod peek;
mod read;
mod reader;
mod response;
#[cfg(test)]
mod scripted_test;
mod session;
mod syntax;
#[cfg(test)]
mod tests;
mod waiting;
mod watch;
mod went_back;
mod write;

pub use peek::{Peek, folder, probe};
pub use watch::run;
