//! T34: a mail that kills or hangs the program is not tried for ever. While a mail is read, a small file
//! names it; a file that is still full at the next start counts as one failed attempt of just that mail, and
//! the third is the last.
//!
//! The file needs no fsync: what a process wrote outlives it, and losing the power is nobody's fault.

use super::error::Trouble;
use super::handles::Poison;
use super::reading::Reads;
use super::values::Position;
use crate::store::ledger;
use sha2::{Digest, Sha256};
use std::fs;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

/// Attempts of one mail that may end the program before it is held unread.
const ATTEMPTS: u32 = 3;
/// Reading one mail takes milliseconds; past this it never ends.
const BUDGET: Duration = Duration::from_secs(30);
const NAME: &str = "desk.reading.";

impl Poison<'_> {
    /// Counts the attempts that ended the daemon before this one.
    pub fn count(&self) -> Result<(), Trouble> {
        let Some(dir) = &self.0.0.dir else { return Ok(()) };
        let files = fs::read_dir(dir).into_iter().flatten().flatten().map(|e| e.path());
        for file in files.filter(|p| p.file_name().is_some_and(|n| n.to_string_lossy().starts_with(NAME))) {
            let text = fs::read_to_string(&file).unwrap_or_default();
            let mail = text.trim();
            if !mail.is_empty() {
                let times = self.0.store().write(|tx| ledger::attempt(tx, mail))?;
                tracing::warn!(
                    "the last daemon ended while it read a mail; that mail ended it {times} times"
                );
            }
            let _ = fs::remove_file(file);
        }
        *self.0.0.reading.failed.lock().unwrap_or_else(PoisonError::into_inner) =
            self.0.store().read(ledger::attempts)?;
        Ok(())
    }

    /// Reads a mail under watch; `None`: it ended the program before and is not read again.
    pub(super) fn watched<T>(&self, position: &Position, read: impl FnOnce() -> T) -> Option<T> {
        let Some((path, mail)) = self.mark(position) else { return Some(read()) };
        let failed =
            self.0.0.reading.failed.lock().unwrap_or_else(PoisonError::into_inner).get(&mail).copied();
        if failed.is_some_and(|times| times >= ATTEMPTS) {
            tracing::error!("a mail that ended the program {ATTEMPTS} times is held unread");
            return None;
        }
        // Else a kill from outside would nearly always fall into the first mail of a daemon.
        crate::mail::parse::warm_up();
        let list = || self.0.0.reading.began.lock().unwrap_or_else(PoisonError::into_inner);
        let began = Instant::now();
        list().push(began);
        // Never truncated nor closed between mails: a file system flushes a file that is emptied and closed.
        let mark = |text: &[u8]| {
            let mut files = self.0.0.reading.files.lock().unwrap_or_else(PoisonError::into_inner);
            if !files.contains_key(&path) {
                let file =
                    fs::OpenOptions::new().create(true).write(true).truncate(false).mode(0o600).open(&path);
                files.extend(file.ok().map(|f| (path.clone(), f)));
            }
            // A mark that cannot be set is one failure that is not counted; the mail is read all the same.
            let _ = files.get(&path).map(|f| f.write_all_at(text, 0));
        };
        mark(mail.as_bytes());
        let out = read();
        mark(&[b' '; 32]);
        let mut all = list();
        if let Some(at) = all.iter().position(|b| *b == began) {
            all.swap_remove(at);
        }
        Some(out)
    }

    /// The file of a mailbox, and the mark of a mail in it. One on standard input has none: the mail server
    /// counts by itself.
    fn mark(&self, position: &Position) -> Option<(PathBuf, String)> {
        let (mailbox, place) = match position {
            Position::Imap { mailbox, uid_validity, uid, .. } => (mailbox, format!("{uid_validity} {uid}")),
            Position::Maildir { mailbox, name } => (mailbox, name.clone()),
            Position::Stdin { .. } => return None,
        };
        // Hashed, since nothing readable lies on the disk.
        let hash = |text: &str| data_encoding::HEXLOWER.encode(&Sha256::digest(text)[..16]);
        let dir = self.0.0.dir.as_ref()?;
        Some((dir.join(format!("{NAME}{}", hash(mailbox))), hash(&format!("{mailbox}\0{place}"))))
    }

    /// For a thread that watches over the reading of mail; it keeps no desk open.
    pub fn watch(&self) -> impl Fn() -> Reads + Send + 'static {
        let weak = Arc::downgrade(&self.0.0);
        // The outside tests do not wait half a minute for each of three attempts.
        let budget = if crate::poison_is_set() { Duration::from_secs(2) } else { BUDGET };
        move || match weak.upgrade() {
            None => Reads::NoMore,
            Some(desk) if desk.reading.longest() > budget => Reads::ForEver,
            Some(_) => Reads::On,
        }
    }
}
