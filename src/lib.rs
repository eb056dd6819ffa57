//! maildesk: an email-first ticketing daemon.
//!
//! An event comes in, the desk decides, one transaction keeps everything, letters go out. The rooms, from the
//! bottom up: [`mail`] (bytes <-> mail) and [`desk`] (all policy) are pure; [`store`] holds all SQL; [`app`]
//! is one handle with three verbs: take, show, send; [`edge`] speaks protocols. No room knows one above it.
//! `docs/architecture.md` says why.
#![forbid(unsafe_code)]

pub mod app;
pub mod audit;
pub mod check;
pub mod config;
pub mod demo;
pub mod desk;
pub mod edge;
pub mod init;
pub mod lock;
pub mod mail;
pub mod probe;
pub mod serve;
pub mod store;

/// Ends the process at a named commit point, for the crash tests; does nothing in a release build.
pub fn stop_at(point: &str) {
    if cfg!(debug_assertions) && std::env::var("MAILDESK_STOP_AT").is_ok_and(|p| p == point) {
        std::process::abort();
    }
}

/// A mail that ends or hangs the program, for the tests of T34 (`X-Poison: abort` or `hang`); does nothing in
/// a release build.
pub fn poison(raw: &[u8]) {
    if !poison_is_set() {
        return;
    }
    let has = |field: &[u8]| raw.windows(field.len()).any(|w| w == field);
    if has(b"X-Poison: abort") {
        std::process::abort();
    }
    while has(b"X-Poison: hang") {
        std::thread::park();
    }
}

pub(crate) fn poison_is_set() -> bool {
    cfg!(debug_assertions) && std::env::var_os("MAILDESK_POISON").is_some()
}
