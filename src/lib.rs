//! maildesk: an email-first ticketing daemon.
//!
//! An event comes in, the desk decides, one transaction keeps everything, letters go out.
#![forbid(unsafe_code)]

pub mod app;
pub mod config;
pub mod desk;
pub mod edge;
pub mod mail;
pub mod store;
