//! All SQL. One encrypted SQLite file (SQLCipher), one writer, many readers; values outside, rows inside.
//!
//! The file's salt is derived from the key, so that a wrong key and a damaged file can be told apart before
//! anything is read. What only SQLite has stands in [`sqlite`].

pub mod alarm;

pub mod apply;
pub mod audit;
mod command_set;
pub mod crash_point;
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
pub mod maildir;
pub mod message;
pub mod outbox;
pub mod participants;
pub mod person;
pub mod probe;
mod questions;
pub mod replay;
pub mod retention;
pub mod search;
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
