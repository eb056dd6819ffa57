//! One handle, three verbs: take an event, show an answer, send a letter. Opens every transaction; blocking,
//! never async.

mod alarm;
mod attempt;
mod event;
mod handles;
pub mod face;
mod follow;
mod held;
mod hour;
mod keys;
mod order;
mod probe;
mod renew;
mod rules;
mod send;
mod show;
mod take;
#[cfg(test)]
pub(crate) mod testing;
mod web;

pub use crate::desk::StaffRow;
pub use attempt::Reads;
pub use face::*;
pub use handles::{
    Condition, Hours, Intake, Ledger, Operator, Outbox, Poison, Probes, Visitors,
};
pub use held::{Answered, HeldPage};
pub use keys::Generation;
pub use order::{Ordered, Refusal, StaffChange};
pub use renew::Renewed;
pub use rules::rules;
pub use show::{AnyMail, Explained};
pub use web::{Client, Number};

pub use crate::store::held::HeldRow;
pub use crate::store::list::{MessageRow, Shown, TicketRow};
pub use crate::store::outbox::Entry as OutboxEntry;

use crate::config::Config;
use crate::desk::{Moment, Own, Rules};
use crate::store::{self, Store};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

/// The handle of the house. Cheap to clone.
#[derive(Clone)]
pub struct Desk(Arc<Inner>);

struct Inner {
    store: Store,
    rules: keys::Rotating,
    limits: crate::config::Limits,
    dir: Option<PathBuf>,
    wake: Notify,
    reading: attempt::Reading,
    health: Mutex<Vec<Health>>,
}

/// What stands in the way, and whether waiting helps.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// Try again.
    #[error("{0}")]
    Busy(String),
    /// The disk is full or not writable.
    #[error("{0}")]
    Full(String),
    /// The database is damaged, or the program is wrong.
    #[error("{0}")]
    Broken(String),
    /// Key, file modes, a plaintext file: something to set right.
    #[error("{0}")]
    Setup(String),
}

impl From<store::Error> for Trouble {
    fn from(e: store::Error) -> Self {
        match e {
            store::Error::Busy(s) => Self::Busy(s),
            store::Error::Full(s) => Self::Full(s),
            store::Error::Damaged(s) | store::Error::Sql(s) => Self::Broken(s),
            store::Error::Setup(s) => Self::Setup(s),
        }
    }
}

impl Desk {
    /// Opens the desk of a configuration; staff of the configuration are brought in step.
    pub fn open(config: &Config) -> Result<Self, Trouble> {
        let (store, master) = Store::open(&config.data.dir, &config.data.key_file)?;
        let desk = Self::with(store, &master, config, Some(config.data.dir.clone()));
        desk.staff_in_step(&config.staff)?;
        Ok(desk)
    }

    /// An empty desk in memory: every recipient is the desk, nobody is staff (`explain` without
    /// configuration).
    pub fn empty() -> Result<Self, Trouble> {
        let config = rules::nobodys();
        let store = Store::in_memory()?;
        Ok(Self::with(store, &[0; 32], &config, None))
    }

    /// Without a folder: nobody's desk, to which every recipient belongs.
    fn with(store: Store, master: &[u8; 32], config: &Config, dir: Option<PathBuf>) -> Self {
        let mut rules = rules(config, master, store.generation());
        if dir.is_none() {
            rules.own = Own { addresses: Vec::new(), everybody: true };
        }
        Self::over(store, rules, config, dir)
    }

    fn over(store: Store, rules: Rules, config: &Config, dir: Option<PathBuf>) -> Self {
        Self(Arc::new(Inner {
            store,
            rules: keys::Rotating::new(rules),
            limits: config.limits.clone(),
            dir,
            wake: Notify::new(),
            reading: attempt::Reading::default(),
            health: Mutex::new(Vec::new()),
        }))
    }

    fn store(&self) -> &Store {
        &self.0.store
    }

    pub(crate) fn rules(&self) -> &Rules {
        self.0.rules.under(self.store().generation())
    }

    pub fn limits(&self) -> &crate::config::Limits {
        &self.0.limits
    }

    /// Notified whenever a commit made letters.
    pub fn wake(&self) -> &Notify {
        &self.0.wake
    }

    /// Letters were made: wakes the sender of this process, and of a daemon that runs beside it.
    fn letters_made(&self) {
        self.0.wake.notify_one();
        if let Some(dir) = &self.0.dir {
            face::poke(dir);
        }
    }

    /// Now, and fresh randomness.
    fn moment(&self) -> Moment {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).expect("the system gives random numbers");
        Moment::new(now(), seed)
    }
}

impl Hours<'_> {
    /// Merges the search index and empties the log, when there is nothing else to do.
    pub fn tidy(&self) -> Result<(), Trouble> {
        Ok(self.0.store().tidy()?)
    }
}

/// Puts a verified backup into the place of the database; the caller holds the folder.
pub fn restore(config: &Config, file: &std::path::Path) -> Result<(), Trouble> {
    Ok(store::backup::restore(file, &config.data.dir, &config.data.key_file)?)
}

/// Seconds since 1970.
#[cfg(not(test))]
pub fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// The clock of unit tests, which they set themselves.
#[cfg(test)]
pub fn now() -> i64 {
    testing::clock()
}

#[cfg(test)]
mod tests;
