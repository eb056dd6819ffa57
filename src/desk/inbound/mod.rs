//! A mail came.

pub mod addressed;
pub mod answerable;
pub mod customer;
pub mod decide;
pub mod digest_reply;
pub mod gather;
pub mod other_size;
pub mod questions;
pub mod report;
pub mod staff;
pub mod weigh;
