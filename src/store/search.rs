//! Full-text search by the engine in use. What stands here is what a second engine must offer, too.

pub use super::sqlite::search::tickets_with;
pub(super) use super::sqlite::search::{insert, remove};
