//! Which mails are being read now, and which ended the program before (T34).

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What the threads that read mail do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reads {
    /// Each mail takes its time, and no more.
    On,
    /// A mail takes so long that it will never end. Only a new process helps.
    ForEver,
    /// The desk is closed.
    NoMore,
}

/// Which mails ended the program before, and when the reading of those in hand began.
#[derive(Default)]
pub(super) struct Reading {
    /// How often each ended the program; 0: it was in hand beside others when the program ended.
    pub(super) failed: Mutex<HashMap<String, u32>>,
    pub(super) began: Mutex<Vec<Instant>>,
    /// The files, by their paths: one for each mailbox, and one for each batch under way.
    pub(super) files: Mutex<HashMap<PathBuf, fs::File>>,
    /// Numbers of the batches that are under way.
    pub(super) batches: Mutex<BTreeSet<u32>>,
    /// A mail that may be to blame is under way: no other such mail begins, whatever its mailbox.
    pub(super) alone: AtomicBool,
}

impl Reading {
    pub(super) fn longest(&self) -> Duration {
        let all = self.began.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().map(Instant::elapsed).max().unwrap_or_default()
    }

    /// Writes what a file names; spaces name nothing. It is neither emptied nor closed between two mails: a
    /// file system would then write it to the disk.
    pub(super) fn write(&self, path: &Path, text: &[u8]) {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        if !files.contains_key(path) {
            let file = fs::OpenOptions::new().create(true).write(true).truncate(false).mode(0o600).open(path);
            files.extend(file.ok().map(|f| (path.to_owned(), f)));
        }
        // Where it cannot be written, a failure is not counted; the mail is handled all the same.
        let _ = files.get(path).map(|f| f.write_all_at(text, 0));
    }
}
