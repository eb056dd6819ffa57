//! The handle of a desk: it opens the database, holds the rules, and gives out a smaller handle for each
//! purpose.

use super::clock::now;
use super::error::Trouble;
use super::poke::{daemon_listens, poke};
use super::reading::Reading;
use super::rotating::Rotating;
use super::rules::rules;
use super::values::Health;
use crate::config::{Config, nobodys};
use crate::desk::model::bounds::AHEAD_SECS;
use crate::desk::{Moment, Own, Rules};
use crate::store::{self, Store};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Instant;
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
    /// Tickets on which what time brings failed, and until when each is left alone; seconds since 1970.
    pub(super) aside: Mutex<HashMap<i64, i64>>,
    /// Kinds of work that time brings and on which the program failed the last time.
    pub(super) failing: Mutex<Vec<&'static str>>,
    /// When what is over was forgotten last, by the clock that only goes on and by the one of the wall.
    pub(super) forgot: Mutex<Option<(Instant, i64)>>,
}

impl Desk {
    /// Opens the desk of a configuration for something that acts, and makes it where there is none. Where no
    /// daemon runs, staff who are missing are added.
    pub fn open(config: &Config) -> Result<Self, Trouble> {
        let desk = Self::as_it_is(config)?;
        if !daemon_listens(&config.data.dir) {
            desk.add_missing_staff(&config.staff)?;
        }
        Ok(desk)
    }

    /// Opens the desk for its daemon, which holds the lock: the staff are those of the configuration then.
    pub fn open_in_step(config: &Config) -> Result<Self, Trouble> {
        let desk = Self::as_it_is(config)?;
        desk.staff_in_step(&config.staff)?;
        Ok(desk)
    }

    /// Opens the desk for something that only looks: nobody becomes staff or leaves, and no desk is made
    /// (T121). Where there is none, an empty one in memory stands in its place.
    pub fn look(config: &Config) -> Result<Self, Trouble> {
        if store::sqlite::open::is_there(&config.data.dir)? {
            return Self::as_it_is(config);
        }
        let store = Store::in_memory()?;
        let rules = rules(config, &[0; 32], store.generation());
        let desk = Self::over(store, rules, config, None);
        desk.staff_in_step(&config.staff)?;
        Ok(desk)
    }

    /// False: it is the empty desk in memory that stands for one which was never made.
    pub fn is_on_disk(&self) -> bool {
        self.0.dir.is_some()
    }

    fn as_it_is(config: &Config) -> Result<Self, Trouble> {
        let (store, master) = Store::open(&config.data.dir, &config.data.key_file)?;
        Ok(Self::with(store, &master, config, Some(config.data.dir.clone())))
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
        // One by a clock that was ahead was before now in any case; the hour's work sets it right.
        let restored_at = store.read(store::outbox::restored_at).ok().flatten();
        rules.restored_at = restored_at.map(|at| if at > now() + AHEAD_SECS { now() } else { at });
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
            aside: Mutex::default(),
            failing: Mutex::default(),
            forgot: Mutex::default(),
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

/// Puts a verified backup into the place of the database; the caller has locked the folder. What waited in it
/// to be sent may have left since the backup was made, so it waits for the operator (T114).
pub fn restore(config: &Config, file: &std::path::Path) -> Result<(), Trouble> {
    let note = |c: &store::Connection| store::outbox::note_restored(c, now());
    Ok(store::sqlite::backup::restore(file, &config.data.dir, &config.data.key_file, note)?)
}
