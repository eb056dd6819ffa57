//! What only SQLite has: the file and its pragmas, its key, backups, full-text search, and tidying up.

pub mod backup;
pub mod budget;
pub mod key;
pub mod open;
pub mod scratch;
pub mod search;
pub mod tidy;
