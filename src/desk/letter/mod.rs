//! One file per kind of letter (STANDARDS, table H). Here: what they share.

pub mod answer;
pub mod confirmation;
pub mod digest;
pub mod hold;
pub mod link;
pub mod notification;
pub mod result;
pub mod returned;
pub mod summary;

use super::model::ticket::{ids_from, ids_to, seen_by};

#[cfg(test)]
mod tests;
