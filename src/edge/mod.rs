//! Protocols. Each file or folder speaks one, decides nothing, and calls [`crate::app`] with the same three
//! verbs: take, show, send.

pub mod cli;
pub mod dns;
pub mod http;
pub mod imap;
pub mod maildir;
pub mod metrics;
pub mod smtp;
pub mod systemd;
pub mod tls;
pub mod wake_socket;
pub mod web;
