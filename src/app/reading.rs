//! Which mails are being read now, and which ended the program before (T34).

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
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
    pub(super) failed: Mutex<HashMap<String, u32>>,
    pub(super) began: Mutex<Vec<Instant>>,
    /// The files, by their paths: one for each mailbox.
    pub(super) files: Mutex<HashMap<PathBuf, fs::File>>,
}

impl Reading {
    pub(super) fn longest(&self) -> Duration {
        let all = self.began.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().map(Instant::elapsed).max().unwrap_or_default()
    }
}
