//! Protocols. Each file speaks one, decides nothing, and calls the same three verbs of [`crate::app`].

pub mod cli;
pub mod http;
pub mod metrics;
pub mod web;
