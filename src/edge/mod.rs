//! Protocols. Each file speaks one, decides nothing, and calls the same three verbs of [`crate::app`].

pub mod cli;
pub mod control;
pub mod dns;
pub mod http;
pub mod imap;
pub mod maildir;
pub mod metrics;
pub mod notify;
pub mod play;
pub mod smtp;
pub mod tls;
pub mod web;
