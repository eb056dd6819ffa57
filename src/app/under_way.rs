//! Mails that are under way together, from the question for their bytes to their commit (T34). One small file
//! a batch names them. Where the program ended meanwhile, nobody knows which one was to blame: then each goes
//! alone, with nothing beside it, and what ends the program then counts against it.

use super::desk::Desk;
use super::handles::Poison;
use super::poison::{NAME, WAY, WAY_ATTEMPTS, hash, place};
use super::values::Position;
use crate::desk::model::proof::NoBytes;
use crate::store::{self, Tx, ledger};
use std::path::PathBuf;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

/// A batch under way. It is over when this goes; a process that ends leaves its file.
pub struct UnderWay {
    desk: Desk,
    /// Its number, its file, and how much stands in it.
    mark: Option<(u32, PathBuf, usize)>,
    /// No other mail that goes alone is under way.
    alone: bool,
}

impl Poison<'_> {
    /// Was this mail in hand when a daemon ended? Then it goes alone.
    pub fn goes_alone(&self, position: &Position) -> bool {
        name(position).is_some_and(|name| self.failed().contains_key(&name))
    }

    /// Why a mail is not asked for again: that alone ended the program too often. `None`: it did not.
    pub fn given_up(&self, position: &Position) -> Option<NoBytes> {
        let failed = self.failed().get(&name(position)?).is_some_and(|times| *times >= WAY_ATTEMPTS);
        failed.then(|| {
            tracing::error!("a mail that ended the program {WAY_ATTEMPTS} times is held without its bytes");
            NoBytes::EndsTheProgram(WAY_ATTEMPTS)
        })
    }

    /// A mail gets its outcome: nothing is counted against it any more. For all but those that were in hand
    /// when a daemon ended this is a look into memory.
    pub(super) fn acquit(&self, tx: &Tx<'_>, position: &Position) -> store::Result<()> {
        let Some(name) = name(position) else { return Ok(()) };
        match self.failed().contains_key(&name) {
            true => ledger::forget_attempts(tx, &name),
            false => Ok(()),
        }
    }

    /// These mails are under way from now on. `None`: one that goes alone has to wait, since another such
    /// mail is under way, maybe of another mailbox.
    pub fn under_way(&self, mails: &[Position]) -> Option<UnderWay> {
        let alone = mails.iter().any(|mail| self.goes_alone(mail));
        if alone && self.0.0.reading.alone.swap(true, Ordering::AcqRel) {
            return None;
        }
        let names: Vec<String> = mails.iter().filter_map(name).collect();
        let reading = &self.0.0.reading;
        let mark = self.0.0.dir.as_ref().filter(|_| !names.is_empty()).map(|dir| {
            let mut batches = reading.batches.lock().unwrap_or_else(PoisonError::into_inner);
            let number = (0..).find(|n| !batches.contains(n)).unwrap_or(u32::MAX);
            batches.insert(number);
            let (path, text) = (dir.join(format!("{NAME}{WAY}{number}")), names.join(" "));
            reading.write(&path, text.as_bytes());
            (number, path, text.len())
        });
        Some(UnderWay { desk: self.0.clone(), mark, alone })
    }
}

impl UnderWay {
    /// Nothing else that may be to blame begins before this is over.
    pub fn is_alone(&self) -> bool {
        self.alone
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        if let Some((number, path, length)) = self.mark.take() {
            let reading = &self.desk.0.reading;
            reading.write(&path, &vec![b' '; length]);
            reading.batches.lock().unwrap_or_else(PoisonError::into_inner).remove(&number);
        }
        if self.alone {
            self.desk.0.reading.alone.store(false, Ordering::Release);
        }
    }
}

/// What a file calls a mail that is on its way.
pub(super) fn name(position: &Position) -> Option<String> {
    place(position).map(|(_, place)| hash(&format!("way\0{place}")))
}
