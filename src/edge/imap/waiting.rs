//! Mails of one mailbox that were fetched and wait for a name server, while the session goes on.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Batches of one mailbox that wait for names at once; each has a thread.
const BATCHES_MAX: u32 = 16;

/// Who waits.
pub struct Waiting {
    /// By UIDVALIDITY and UID: does it still wait?
    mails: Mutex<HashMap<(i64, u32), bool>>,
    batches: Arc<Semaphore>,
    /// Some ended since the last question.
    ended: AtomicBool,
}

impl Waiting {
    /// Nobody waits.
    pub fn new() -> Self {
        let batches = Arc::new(Semaphore::new(BATCHES_MAX as usize));
        Self { mails: Mutex::default(), batches, ended: AtomicBool::new(false) }
    }

    fn mails(&self) -> MutexGuard<'_, HashMap<(i64, u32), bool>> {
        self.mails.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// This mail waits, or did so until lately: nobody else takes it in.
    pub fn has(&self, validity: i64, uid: u32) -> bool {
        self.mails().contains_key(&(validity, uid))
    }

    /// All of these with this UIDVALIDITY.
    pub fn uids(&self, validity: i64) -> Vec<u32> {
        self.mails().keys().filter(|(of, _)| *of == validity).map(|(_, uid)| *uid).collect()
    }

    /// Until nobody waits any more.
    pub async fn over(&self) {
        let _ = self.batches.acquire_many(BATCHES_MAX).await;
    }

    /// Forgets mails that wait no longer. To be called before the cursor is read: what was taken in until now
    /// is behind it, and what is taken in later is still known here.
    pub fn forget_ended(&self) {
        self.mails().retain(|_, waits| *waits);
    }

    /// Whether mails ceased to wait since this was asked last.
    pub fn has_ended(&self) -> bool {
        self.ended.swap(false, Ordering::Relaxed)
    }

    /// A place to wait; `None`: too many wait.
    pub fn place(self: &Arc<Self>) -> Option<Batch> {
        let place = self.batches.clone().try_acquire_owned().ok()?;
        Some(Batch { waiting: self.clone(), mails: Vec::new(), _place: place })
    }
}

/// A batch that waits for names. However that ends, its mails wait no longer.
pub struct Batch {
    waiting: Arc<Waiting>,
    mails: Vec<(i64, u32)>,
    _place: OwnedSemaphorePermit,
}

impl Batch {
    /// These mails wait from now on.
    pub fn add(&mut self, validity: i64, uids: &[u32]) {
        self.mails.extend(uids.iter().map(|uid| (validity, *uid)));
        self.waiting.mails().extend(self.mails.iter().map(|mail| (*mail, true)));
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        self.waiting.mails().extend(self.mails.iter().map(|mail| (*mail, false)));
        self.waiting.ended.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_that_waits_is_taken_in_by_nobody_else() {
        let waiting = Arc::new(Waiting::new());
        let mut batch = waiting.place().expect("a place");
        batch.add(7, &[3, 4]);
        waiting.forget_ended();
        assert!(waiting.has(7, 3) && waiting.has(7, 4) && !waiting.has(8, 3) && !waiting.has_ended());
        drop(batch);
        // Whoever read the cursor before does not yet see it behind them.
        assert!(waiting.has(7, 3) && waiting.has_ended() && !waiting.has_ended());
        waiting.forget_ended();
        assert!(!waiting.has(7, 3));
        let all: Vec<_> = (0..BATCHES_MAX).map_while(|_| waiting.place()).collect();
        assert!(all.len() == BATCHES_MAX as usize && waiting.place().is_none());
    }
}
