//! T34: what kills or hangs the program is not tried for ever. While a mail is read, proven or taken into the
//! database, and while the files of a letter are put into it, a small file names it; around all of that,
//! from FETCH to commit, another one names the whole batch (`under_way.rs`), and a letter that is being sent
//! is known by its lease. Where one of them still names something at the next start, one attempt has failed.
//! A mail on which three failed is not read again; what was only on its way then, a letter, too, has ten.
//!
//! The files need no fsync: what a process wrote outlives the process, and when the power fails, no mail is
//! to blame.

use super::desk::Desk;
use super::error::Trouble;
use super::handles::Poison;
use super::poison_test::{act_as_poison_in_a_letter, poison_is_set};
use super::reading::Reads;
use super::values::Position;
use crate::desk::model::Sent;
use crate::store::{self, ledger, outbox};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Attempts of one mail that may end the program before it is held unread.
pub(super) const ATTEMPTS: u32 = 3;
/// Ends of the program after which a mail that was alone under way is held without its bytes, and a letter
/// is given up. More than for a mail that is being read: the way is long, so a daemon that is killed from
/// outside again and again is hit there, too.
pub(super) const WAY_ATTEMPTS: u32 = 10;
/// Reading, proving and taking a mail takes milliseconds. One for which all of it together takes longer than
/// this never ends.
const BUDGET: Duration = Duration::from_secs(30);
pub(super) const NAME: &str = "desk.reading.";
/// In the names of the files that name a whole batch.
pub(super) const WAY: &str = "way-";

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
        let (mut exact, mut ways) = (Vec::new(), Vec::new());
        for file in fs::read_dir(dir).into_iter().flatten().flatten().map(|e| e.path()) {
            let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            let Some(rest) = name.strip_prefix(NAME) else { continue };
            let text = fs::read_to_string(&file).unwrap_or_default();
            let names: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
            (if rest.starts_with(WAY) { &mut ways } else { &mut exact }).push((file, names));
        }
        let counted = self.count_marks(&exact, &ways);
        match counted {
            Ok(()) => exact.iter().chain(&ways).for_each(|(file, _)| drop(fs::remove_file(file))),
            // On a full disk the files stay, and are counted at the next start.
            Err(Trouble::Full(_)) => {}
            Err(e) => return Err(e),
        }
        let named = exact.iter().any(|(_, names)| !names.is_empty());
        if !named {
            self.count_letter()?;
        }
        *self.failed() = self.0.store().read(ledger::attempts)?;
        Ok(())
    }

    /// What a file names alone has failed. A batch has not, but each of it goes alone from now on.
    fn count_marks(&self, exact: &[Marked], ways: &[Marked]) -> Result<(), Trouble> {
        let is_known = exact.iter().any(|(_, names)| !names.is_empty());
        Ok(self.0.store().write(|tx| {
            for name in exact.iter().flat_map(|(_, names)| names) {
                let times = ledger::attempt(tx, name)?;
                tracing::warn!(
                    "the last daemon ended while it read a mail; that mail ended it {times} times"
                );
            }
            for (_, names) in ways {
                match names.as_slice() {
                    [alone] if !is_known => {
                        let times = ledger::attempt(tx, alone)?;
                        tracing::warn!("the last daemon ended while a mail was on its way: {times} times");
                    }
                    batch => batch.iter().try_for_each(|name| ledger::note_in_hand(tx, name))?,
                }
            }
            Ok(())
        })?)
    }

    /// A letter that was claimed alone when the daemon ended has failed; after the tenth time it is given up,
    /// and the others leave. Of letters that were claimed together each goes alone next
    /// (`store/outbox.rs`).
    fn count_letter(&self) -> Result<(), Trouble> {
        let claimed = self.0.store().read(outbox::claimed)?;
        let [letter] = claimed.as_slice() else { return Ok(()) };
        let name = hash(&format!("sending\0{letter}"));
        let times = match self.0.store().write(|tx| ledger::attempt(tx, &name)) {
            Err(store::Error::Full(_)) => return Ok(()),
            counted => counted?,
        };
        tracing::warn!(letter.id = letter, "the last daemon ended while it sent a letter: {times} times");
        if times >= WAY_ATTEMPTS {
            tracing::error!(letter.id = letter, "the letter is given up");
            let why = format!("sending it ended the program {times} times");
            self.0.outbox().settle(*letter, Sent::Refused(why))?;
        }
        Ok(())
    }

    /// The daemon ends because it was told to: whatever is in hand is not to blame.
    pub fn forgive(&self) {
        let Some(dir) = &self.0.0.dir else { return };
        let files = fs::read_dir(dir).into_iter().flatten().flatten();
        for file in files.filter(|f| f.file_name().to_string_lossy().starts_with(NAME)) {
            let _ = fs::remove_file(file.path());
        }
        // On a full disk they stay claimed, which counts against one alone at most.
        let _ = self.0.outbox().void_leases();
    }

    /// Did reading this mail end the program too often? Then it is not read again.
    pub(super) fn is_unreadable(&self, position: &Position) -> bool {
        let unreadable =
            self.mark(position, Stage::Read).is_some_and(|(_, mail)| self.failed_too_often(&mail));
        if unreadable {
            tracing::error!("a mail that ended the program {ATTEMPTS} times is held unread");
        }
        unreadable
    }

    /// Works at a mail while others watch over it: reading, then proof, decision and rows. One that was not
    /// read comes here, too, and is held. All of it has one budget; `worked`: the time that it took before.
    pub(super) fn guarded<T>(
        &self,
        position: &Position,
        stage: Stage,
        worked: Duration,
        work: impl FnOnce() -> T,
    ) -> T {
        // Otherwise a kill from outside would nearly always count against the first mail of a daemon.
        crate::mail::parse::warm_up();
        let _mark = self.mark(position, stage).map(|(path, mail)| Mark::set(self.0, path, &mail, worked));
        work()
    }

    /// Works at a mail outside any transaction. A panic in it, which ends a connection or a look and not the
    /// program, counts against the mail all the same: else it would come back for ever.
    pub(super) fn blamed<T>(&self, position: &Position, work: impl FnOnce() -> T) -> T {
        catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
            if let Some((_, mail)) = self.mark(position, Stage::Read) {
                // Where it cannot be written, it counts as long as this process lives.
                let kept = self.0.store().write(|tx| ledger::attempt(tx, &mail)).unwrap_or_default();
                let mut failed = self.failed();
                let times = failed.entry(mail).or_default();
                *times = kept.max(*times + 1);
                tracing::warn!("the program failed on a mail (a bug): {times} times");
            }
            resume_unwind(panic)
        })
    }

    /// The same while the files of a letter are put into it; `None`: that ended the program before, and is
    /// not done again.
    pub(super) fn putting_together<T>(&self, letter: i64, work: impl FnOnce() -> T) -> Option<T> {
        let Some(dir) = &self.0.0.dir else { return Some(work()) };
        let letter = hash(&format!("letter\0{letter}"));
        if self.failed_too_often(&letter) {
            tracing::error!("a letter whose files ended the program {ATTEMPTS} times leaves without them");
            return None;
        }
        let _mark = Mark::set(self.0, dir.join(format!("{NAME}letters")), &letter, Duration::ZERO);
        act_as_poison_in_a_letter();
        Some(work())
    }

    pub(super) fn failed(&self) -> MutexGuard<'_, HashMap<String, u32>> {
        self.0.0.reading.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn failed_too_often(&self, what: &str) -> bool {
        self.failed().get(what).is_some_and(|times| *times >= ATTEMPTS)
    }

    /// The file of a mailbox, and the mark of a mail in it. One on standard input has none: the mail server
    /// counts by itself.
    fn mark(&self, position: &Position, stage: Stage) -> Option<(PathBuf, String)> {
        let (mailbox, place) = place(position)?;
        let dir = self.0.0.dir.as_ref()?;
        Some((dir.join(format!("{NAME}{}{}", stage.word(), hash(mailbox))), hash(&place)))
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

/// A file, and what it names.
type Marked = (PathBuf, Vec<String>);

/// The mailbox of a mail, and its place in words that no other mail has.
pub(super) fn place(position: &Position) -> Option<(&str, String)> {
    match position {
        // A UID alone is no identity (T109).
        Position::Imap { mailbox, uid_validity, uid, said, .. } => {
            Some((mailbox, format!("{mailbox}\0{uid_validity} {uid} {:?} {:?}", said.size, said.date)))
        }
        Position::Maildir { mailbox, name, .. } => Some((mailbox, format!("{mailbox}\0{name}"))),
        Position::Envelope { .. } => None,
    }
}

/// A hash, since no name may lie readable on the disk.
pub(super) fn hash(text: &str) -> String {
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
    /// `worked`: the time that it took before.
    fn set(desk: &'a Desk, path: PathBuf, what: &str, worked: Duration) -> Self {
        let now = Instant::now();
        let mark = Self { desk, path, began: now.checked_sub(worked).unwrap_or(now) };
        mark.began().push(mark.began);
        desk.0.reading.write(&mark.path, what.as_bytes());
        mark
    }

    fn began(&self) -> MutexGuard<'_, Vec<Instant>> {
        self.desk.0.reading.began.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Mark<'_> {
    fn drop(&mut self) {
        self.desk.0.reading.write(&self.path, &[b' '; 32]);
        let mut all = self.began();
        if let Some(at) = all.iter().position(|b| *b == self.began) {
            all.swap_remove(at);
        }
    }
}
