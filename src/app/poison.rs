//! T34: a mail that kills or hangs the program is not tried for ever. While a mail is read, a small file
//! names it. Where the file still names a mail at the next start, one attempt of that mail has failed; after
//! the third it is not read again.
//!
//! The file needs no fsync: what a process wrote outlives the process, and when the power fails, no mail is
//! to blame.

use super::error::Trouble;
use super::handles::Poison;
use super::poison_test::poison_is_set;
use super::reading::Reads;
use super::values::Position;
use crate::store::{self, ledger};
use sha2::{Digest, Sha256};
use std::fs;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

/// Attempts of one mail that may end the program before it is held unread.
const ATTEMPTS: u32 = 3;
/// Reading a mail takes milliseconds. One that takes longer than this never ends.
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
                let times = match self.0.store().write(|tx| ledger::attempt(tx, mail)) {
                    // On a full disk the file stays, and is counted at the next start.
                    Err(store::Error::Full(_)) => continue,
                    counted => counted?,
                };
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

    /// Reads a mail while others watch over it. `None`: the mail ended the program before and is not read
    /// again.
    pub(super) fn watched<T>(&self, position: &Position, read: impl FnOnce() -> T) -> Option<T> {
        let Some((path, mail)) = self.mark(position) else { return Some(read()) };
        let failed =
            self.0.0.reading.failed.lock().unwrap_or_else(PoisonError::into_inner).get(&mail).copied();
        if failed.is_some_and(|times| times >= ATTEMPTS) {
            tracing::error!("a mail that ended the program {ATTEMPTS} times is held unread");
            return None;
        }
        // Otherwise a kill from outside would nearly always count against the first mail of a daemon.
        crate::mail::parse::warm_up();
        let list = || self.0.0.reading.began.lock().unwrap_or_else(PoisonError::into_inner);
        let began = Instant::now();
        list().push(began);
        // The file is neither emptied nor closed between two mails: a file system would then write it to the
        // disk.
        let mark = |text: &[u8]| {
            let mut files = self.0.0.reading.files.lock().unwrap_or_else(PoisonError::into_inner);
            if !files.contains_key(&path) {
                let file =
                    fs::OpenOptions::new().create(true).write(true).truncate(false).mode(0o600).open(&path);
                files.extend(file.ok().map(|f| (path.clone(), f)));
            }
            // Where the mark cannot be set, a failure is not counted; the mail is read all the same.
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
            // A UID alone is no identity (T109).
            Position::Imap { mailbox, uid_validity, uid, said, .. } => {
                (mailbox, format!("{uid_validity} {uid} {:?} {:?}", said.size, said.date))
            }
            Position::Maildir { mailbox, name } => (mailbox, name.clone()),
            Position::Envelope { .. } => return None,
        };
        // A hash, since no name may lie readable on the disk.
        let hash = |text: &str| data_encoding::HEXLOWER.encode(&Sha256::digest(text)[..16]);
        let dir = self.0.0.dir.as_ref()?;
        Some((dir.join(format!("{NAME}{}", hash(mailbox))), hash(&format!("{mailbox}\0{place}"))))
    }

    /// For a thread that watches over the reading of mail; it keeps no desk open.
    pub fn watch(&self) -> impl Fn() -> Reads + Send + 'static {
        let weak = Arc::downgrade(&self.0.0);
        // The outside tests do not wait half a minute for each of three attempts.
        let budget = if poison_is_set() { Duration::from_secs(2) } else { BUDGET };
        move || match weak.upgrade() {
            None => Reads::NoMore,
            Some(desk) if desk.reading.longest() > budget => Reads::ForEver,
            Some(_) => Reads::On,
        }
    }
}
