//! All SQL. One encrypted SQLite file (SQLCipher), one writer, many readers; values outside, rows inside.
//!
//! The file's salt is derived from the key, so that a wrong key and a damaged file can be told apart before
//! anything is read. What only SQLite has stands in [`sqlite`].

#![deny(missing_docs)]

pub mod alarm;
mod answers;
pub mod apply;
pub mod audit;
pub mod crash_point;
mod deed;
pub mod digest;
pub mod due;
mod error;
pub mod generation;
pub mod health;
pub mod held;
pub mod kept;
pub mod ledger;
mod letter;
mod mail;
pub mod message;
pub mod outbox;
pub mod participants;
pub mod person;
pub mod probe;
pub mod replay;
pub mod retention;
pub mod session;
pub mod snapshot;
mod sql;
pub mod sqlite;
pub mod staff;
pub mod staff_query;
pub mod stats;
pub mod ticket;
mod transaction;

#[cfg(test)]
mod tests;

pub use error::{Error, Result};
pub use rusqlite::Connection;
pub use transaction::{Store, Tx};

// Old paths, for `app` alone. They go when nothing outside uses them any more; nothing in here does.
pub use replay as task;
pub use sqlite::backup;
pub use staff_query as query;
pub use stats as review;
/// Generations of keys.
pub mod keys {
    pub use super::generation::*;
}
/// What is now in files by subject.
pub mod list {
    pub use super::due::{Pending, pending_due};
    pub use super::health::{health, set_health};
    pub use super::kept::packed;
    pub use super::message::{FileRow, MessageRow, Place, file, messages};
    pub use super::person::{Shown, shown};
    pub use super::stats::numbers;
    pub use super::ticket::{TicketRow, live, standing, ticket, tickets, tickets_of};
}
/// Search by words.
pub mod search {
    pub use super::ticket::search;
}
/// Sessions, and what expires.
pub mod web {
    pub use super::retention::forget_expired;
    pub use super::session::*;
}
