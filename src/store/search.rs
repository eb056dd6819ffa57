//! Full-text search by the engine in use. What stands here is what a second engine must offer, too.

pub(super) use super::sqlite::search::{insert, remove, tickets_with};
