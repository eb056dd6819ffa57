//! One file per kind of letter (STANDARDS, table H), and what they share.

pub mod answer;
pub mod confirmation;
pub mod digest;
pub mod encrypted;
pub mod files;
pub mod hold;
pub mod link;
pub mod notification;
pub mod result;
pub mod returned;
pub mod said;
pub mod summary;

#[cfg(test)]
mod tests;
