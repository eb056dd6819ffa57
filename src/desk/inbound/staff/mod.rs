//! A mail in the name of staff came, and is proven.

pub mod commands;
pub mod crossed;
pub mod first;
pub mod help;
pub mod query;
pub mod question;
pub mod quoted;
pub mod reply;
