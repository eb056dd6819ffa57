//! T34: a mail that kills or hangs the program is not tried for ever. After an unclean end mails are taken one by one, and
//! each attempt is counted before the mail is read; the third that did not end is the last.

use super::{Desk, Looked, Position, Trouble, now};
use crate::mail::Inbound;
use crate::store::{self, ledger};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// So many mails may have been on their way when the program ended; they are taken one by one.
pub const IN_FLIGHT: usize = 1200;
/// Attempts of one mail that may end the program before it is held unread.
const ATTEMPTS: u32 = 3;
/// Reading one mail takes milliseconds; past this it never ends.
const BUDGET: Duration = Duration::from_secs(30);

/// When reading began, for each thread that reads a mail now.
#[derive(Default)]
pub(super) struct Reading(Mutex<Vec<Instant>>);

impl Reading {
    pub(super) fn time<T>(&self, work: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let list = || self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        list().push(began);
        let out = work();
        let mut all = list();
        if let Some(at) = all.iter().position(|b| *b == began) {
            all.swap_remove(at);
        }
        out
    }

    fn longest(&self) -> Duration {
        let all = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        all.iter().map(Instant::elapsed).max().unwrap_or_default()
    }
}

impl Desk {
    /// Remembers that a daemon runs. True: the one before did not end by itself.
    pub fn begin_run(&self) -> Result<bool, Trouble> {
        let unclean = self.store().write(|tx| store::task::mark_run(tx, now()))?;
        self.0.unclean.store(unclean, std::sync::atomic::Ordering::Relaxed);
        Ok(unclean)
    }

    pub fn end_run(&self) -> Result<(), Trouble> {
        Ok(self.store().write(store::task::unmark_run)?)
    }

    /// Must mails be taken one by one at first?
    pub fn is_careful(&self) -> bool {
        self.0.unclean.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// As [`Desk::look`], but the attempt is counted first. A mail that ended the program before is kept unread.
    pub fn look_once(&self, raw: Vec<u8>, position: Position) -> Result<Looked, Trouble> {
        let Some((mailbox, place)) = place(&position) else { return Ok(self.look(raw, position)) };
        let before = self.store().write(|tx| ledger::attempt(tx, mailbox, &place))?;
        if before < ATTEMPTS {
            return Ok(self.look(raw, position));
        }
        tracing::error!(mailbox, "a mail ended the program {before} times; it is held unread");
        let mail = Inbound {
            content_hash: <sha2::Sha256 as sha2::Digest>::digest(&raw).into(),
            size: raw.len() as u64,
            defects: vec!["parser-failed"],
            ..Inbound::default()
        };
        Ok(super::take::packed(&raw, position, mail))
    }

    /// The mails that were on their way are through.
    pub fn forget_attempts(&self, mailbox: &str) -> Result<(), Trouble> {
        Ok(self.store().write(|tx| ledger::forget_attempts(tx, mailbox))?)
    }

    /// True: reading a mail does not end. Only a new process helps.
    pub fn hangs(&self) -> bool {
        // The outside tests do not wait half a minute for each of three attempts.
        let budget = if crate::poison_is_set() { Duration::from_secs(2) } else { BUDGET };
        self.0.reading.longest() > budget
    }
}

/// Where a mail lies; one on standard input lies nowhere, and the mail server that piped it counts by itself.
fn place(position: &Position) -> Option<(&str, String)> {
    match position {
        Position::Imap { mailbox, uid_validity, uid, .. } => Some((mailbox, format!("{uid_validity} {uid}"))),
        Position::Maildir { mailbox, name } => Some((mailbox, name.clone())),
        Position::Stdin { .. } => None,
    }
}
