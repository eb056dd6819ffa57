//! T34: a mail that kills or hangs the program is not tried for ever. While a mail is read, proven or taken
//! into the database, and while the files of a letter are put into it, a small file
//! names it. Where the file still names a mail at the next start, one attempt of that mail has failed; after
//! the third it is not read again.
//!
//! The file needs no fsync: what a process wrote outlives the process, and when the power fails, no mail is
//! to blame.

use super::desk::Desk;
use super::error::Trouble;
use super::handles::Poison;
use super::poison_test::poison_is_set;
use super::reading::Reads;
use super::values::Position;
use crate::store::{self, ledger};
use sha2::{Digest, Sha256};
use std::fs;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Attempts of one mail that may end the program before it is held unread.
const ATTEMPTS: u32 = 3;
/// Reading a mail takes milliseconds. One that takes longer than this never ends.
const BUDGET: Duration = Duration::from_secs(30);
const NAME: &str = "desk.reading.";

/// What is done with a mail. Mails of one mailbox can be at each of these at the same time, so each has a
/// file of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Its bytes become values.
    Read,
    /// Its signatures are verified.
    Prove,
    /// It is decided and written.
    Take,
}

impl Stage {
    /// In the name of the file, and in what the tests of T34 put into a mail.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Read => "",
            Self::Prove => "prove-",
            Self::Take => "take-",
        }
    }
}

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
        let Some((path, mail)) = self.mark(position, Stage::Read) else { return Some(read()) };
        if self.failed_too_often(&mail) {
            tracing::error!("a mail that ended the program {ATTEMPTS} times is held unread");
            return None;
        }
        // Otherwise a kill from outside would nearly always count against the first mail of a daemon.
        crate::mail::parse::warm_up();
        let _mark = Mark::set(self.0, path, &mail);
        Some(read())
    }

    /// The same for what follows, once the mail was read: proof, decision and rows. A mail that was not read
    /// comes here, too, and is held.
    pub(super) fn guarded<T>(&self, position: &Position, stage: Stage, work: impl FnOnce() -> T) -> T {
        let _mark = self.mark(position, stage).map(|(path, mail)| Mark::set(self.0, path, &mail));
        work()
    }

    /// Works at a mail outside any transaction. A panic in it, which ends a connection or a look and not the
    /// program, counts against the mail all the same: else it would come back for ever.
    pub(super) fn blamed<T>(&self, position: &Position, work: impl FnOnce() -> T) -> T {
        catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
            if let Some((_, mail)) = self.mark(position, Stage::Read) {
                // Where it cannot be written, it counts as long as this process lives.
                let kept = self.0.store().write(|tx| ledger::attempt(tx, &mail)).unwrap_or_default();
                let mut failed = self.0.0.reading.failed.lock().unwrap_or_else(PoisonError::into_inner);
                let times = failed.entry(mail).or_default();
                *times = kept.max(*times + 1);
                tracing::warn!("the program failed on a mail (a bug): {times} times");
            }
            resume_unwind(panic)
        })
    }

    /// The same while the files of a letter are put into it. `None`: that ended the program before, and is
    /// not done again.
    pub(super) fn putting_together<T>(&self, letter: i64, work: impl FnOnce() -> T) -> Option<T> {
        let Some(dir) = &self.0.0.dir else { return Some(work()) };
        let letter = hash(&format!("letter\0{letter}"));
        if self.failed_too_often(&letter) {
            tracing::error!("a letter whose files ended the program {ATTEMPTS} times leaves without them");
            return None;
        }
        let _mark = Mark::set(self.0, dir.join(format!("{NAME}letters")), &letter);
        Some(work())
    }

    fn failed_too_often(&self, what: &str) -> bool {
        let failed = self.0.0.reading.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.get(what).is_some_and(|times| *times >= ATTEMPTS)
    }

    /// The file of a mailbox, and the mark of a mail in it. One on standard input has none: the mail server
    /// counts by itself.
    fn mark(&self, position: &Position, stage: Stage) -> Option<(PathBuf, String)> {
        let (mailbox, place) = match position {
            // A UID alone is no identity (T109).
            Position::Imap { mailbox, uid_validity, uid, said, .. } => {
                (mailbox, format!("{uid_validity} {uid} {:?} {:?}", said.size, said.date))
            }
            Position::Maildir { mailbox, name, .. } => (mailbox, name.clone()),
            Position::Envelope { .. } => return None,
        };
        let dir = self.0.0.dir.as_ref()?;
        Some((
            dir.join(format!("{NAME}{}{}", stage.word(), hash(mailbox))),
            hash(&format!("{mailbox}\0{place}")),
        ))
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

/// A hash, since no name may lie readable on the disk.
fn hash(text: &str) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(text)[..16])
}

/// A mark that is set. It goes when the work ends, also by a panic that somebody catches; a process that ends
/// leaves it.
struct Mark<'a> {
    desk: &'a Desk,
    path: PathBuf,
    began: Instant,
}

impl<'a> Mark<'a> {
    fn set(desk: &'a Desk, path: PathBuf, what: &str) -> Self {
        let mark = Self { desk, path, began: Instant::now() };
        mark.began().push(mark.began);
        mark.write(what.as_bytes());
        mark
    }

    fn began(&self) -> MutexGuard<'_, Vec<Instant>> {
        self.desk.0.reading.began.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The file is neither emptied nor closed between two mails: a file system would then write it to the
    /// disk.
    fn write(&self, text: &[u8]) {
        let mut files = self.desk.0.reading.files.lock().unwrap_or_else(PoisonError::into_inner);
        if !files.contains_key(&self.path) {
            let file =
                fs::OpenOptions::new().create(true).write(true).truncate(false).mode(0o600).open(&self.path);
            files.extend(file.ok().map(|f| (self.path.clone(), f)));
        }
        // Where the mark cannot be set, a failure is not counted; the mail is handled all the same.
        let _ = files.get(&self.path).map(|f| f.write_all_at(text, 0));
    }
}

impl Drop for Mark<'_> {
    fn drop(&mut self) {
        self.write(&[b' '; 32]);
        let mut all = self.began();
        if let Some(at) = all.iter().position(|b| *b == self.began) {
            all.swap_remove(at);
        }
    }
}
