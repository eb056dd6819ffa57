//! maildesk: an email-first ticketing daemon.
//!
//! An event comes in, the desk decides, one transaction keeps everything, letters go out.
//!
//! The rooms, from the bottom up; no room knows one above it, and `docs/architecture.md` says why:
//!
//! - [`mail`]: what a mail is: bytes to values and back. Pure: no clock, no file, no chance.
//! - [`desk`]: what we do about it: all policy, functions from values to values. Pure, too.
//! - [`store`]: all SQL, and the encrypted file.
//! - [`config`]: the settings, from TOML to values.
//! - [`app`]: one handle with three verbs: take an event, show an answer, send a letter.
//! - [`edge`]: protocols, one file or folder each: IMAP, SMTP, Maildir, DNS, the pages, the command line.
//! - [`command`]: what the program can be told to do: `run`, `check`, `probe` and their like.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod app;
pub mod command;
pub mod config;
pub mod desk;
pub mod edge;
pub mod mail;
pub mod store;
