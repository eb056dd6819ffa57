//! The handle of a desk: it opens the database, holds the rules, and gives out a smaller handle for each
//! purpose.

use super::clock::now;
use super::error::Trouble;
use super::poke::poke;
use super::reading::Reading;
use super::rotating::Rotating;
use super::rules::rules;
use super::values::Health;
use crate::config::{Config, nobodys};
use crate::desk::{Moment, Own, Rules};
use crate::store::{self, Store};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

/// The handle of a desk. Cheap to clone.
#[derive(Clone)]
pub struct Desk(pub(super) Arc<Inner>);

/// What all copies of the handle share.
pub(super) struct Inner {
    pub(super) store: Store,
    pub(super) rules: Rotating,
    pub(super) limits: crate::config::Limits,
    pub(super) dir: Option<PathBuf>,
    pub(super) wake: Notify,
    pub(super) reading: Reading,
    pub(super) health: Mutex<Vec<Health>>,
}

impl Desk {
    /// Opens the desk of a configuration. Its staff are written into the database, where they changed.
    pub fn open(config: &Config) -> Result<Self, Trouble> {
        let (store, master) = Store::open(&config.data.dir, &config.data.key_file)?;
        let desk = Self::with(store, &master, config, Some(config.data.dir.clone()));
        desk.staff_in_step(&config.staff)?;
        Ok(desk)
    }

    /// An empty desk in memory: every recipient is the desk, nobody is staff (`explain` without
    /// configuration).
    pub fn empty() -> Result<Self, Trouble> {
        let config = nobodys();
        let store = Store::in_memory()?;
        Ok(Self::with(store, &[0; 32], &config, None))
    }

    /// Where there is no folder, it is nobody's desk: every recipient belongs to it.
    pub(super) fn with(store: Store, master: &[u8; 32], config: &Config, dir: Option<PathBuf>) -> Self {
        let mut rules = rules(config, master, store.generation());
        if dir.is_none() {
            rules.own = Own { addresses: Vec::new(), everybody: true };
        }
        Self::over(store, rules, config, dir)
    }

    pub(super) fn over(store: Store, rules: Rules, config: &Config, dir: Option<PathBuf>) -> Self {
        Self(Arc::new(Inner {
            store,
            rules: Rotating::new(rules),
            limits: config.limits.clone(),
            dir,
            wake: Notify::new(),
            reading: Reading::default(),
            health: Mutex::new(Vec::new()),
        }))
    }

    pub(super) fn store(&self) -> &Store {
        &self.0.store
    }

    pub(crate) fn rules(&self) -> &Rules {
        self.0.rules.under(self.store().generation())
    }

    /// The settings that decide what an order means.
    pub fn rules_in_force(&self) -> &Rules {
        self.rules()
    }

    /// What an edge may take at most.
    pub fn limits(&self) -> &crate::config::Limits {
        &self.0.limits
    }

    /// Notified whenever a commit made letters.
    pub fn wake(&self) -> &Notify {
        &self.0.wake
    }

    /// To be called when letters were made: wakes the sender of this process and that of a daemon beside it.
    pub(super) fn letters_made(&self) {
        self.0.wake.notify_one();
        if let Some(dir) = &self.0.dir {
            poke(dir);
        }
    }

    /// The time, and fresh random bytes.
    pub(super) fn moment(&self) -> Moment {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).expect("the system gives random numbers");
        Moment::new(now(), seed)
    }
}

/// Puts a verified backup into the place of the database; the caller has locked the folder.
pub fn restore(config: &Config, file: &std::path::Path) -> Result<(), Trouble> {
    Ok(store::sqlite::backup::restore(file, &config.data.dir, &config.data.key_file)?)
}
