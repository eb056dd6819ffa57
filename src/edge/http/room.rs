//! The connections of a port, and which of them makes room for another (T116).

use super::network::Network;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// What a connection waits for. The earlier ones go first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// For the head of a request.
    Head,
    /// For its body.
    Body,
    /// For its reader.
    Reader,
    /// For us, who get the next part of an answer that is under way: no time counts against its reader.
    Waits,
    /// For us: such a connection is never ended.
    Desk,
}

/// One connection.
pub struct Guest {
    /// Its number.
    pub id: u64,
    /// The network of the other end; `None`: it is a proxy.
    pub peer: Option<Network>,
    /// The network that it counts for; `None`: for no network.
    pub network: Option<Network>,
    /// What it waits for.
    pub phase: Phase,
    /// The begin of the phase; of a reader the last time that it had taken a portion.
    pub since: Instant,
    /// How long it was a reader before this phase without taking a portion: many small answers in turn hide
    /// nothing.
    pub slow: Duration,
    /// Bytes that it took since its last portion.
    pub taken_bytes: usize,
    /// Of the body that it sends.
    pub body_bytes: usize,
    /// Of its answer, as far as we keep them.
    pub answer_bytes: usize,
    /// Tells it to go.
    pub leave: Arc<Notify>,
}

impl Guest {
    /// For how long it has come no further in what it does.
    pub fn still(&self, now: Instant) -> Duration {
        let here = now.saturating_duration_since(self.since);
        if self.phase == Phase::Reader { self.slow + here } else { here }
    }

    /// From now on it waits for something else.
    pub fn turn(&mut self, phase: Phase, now: Instant) {
        if self.phase == Phase::Reader {
            self.slow = self.still(now);
        }
        (self.phase, self.since) = (phase, now);
    }

    /// It took so many bytes. Its time starts anew with each portion, and not with each byte.
    pub fn took(&mut self, bytes: usize, portion_bytes: usize, now: Instant) {
        self.taken_bytes = self.taken_bytes.saturating_add(bytes);
        if self.taken_bytes < portion_bytes {
            return;
        }
        (self.taken_bytes, self.slow) = (0, Duration::ZERO);
        if self.phase == Phase::Reader {
            self.since = now;
        }
    }
}

/// All connections.
#[derive(Default)]
pub struct Room {
    /// In no order.
    pub guests: Vec<Guest>,
    /// The number of the next one.
    pub next: u64,
}

impl Room {
    /// How many connections count for a network.
    pub fn of(&self, network: Option<Network>) -> usize {
        self.guests.iter().filter(|g| g.network == network).count()
    }

    fn many(&self) -> HashMap<Option<Network>, usize> {
        let mut many = HashMap::new();
        for guest in &self.guests {
            *many.entry(guest.network).or_default() += 1;
        }
        many
    }

    /// Ends one of those connections; `false`: none may be ended. The network with the most connections comes
    /// first, then those that tell us nothing, then who has stood still longest; a reader only if it was slow
    /// for so long.
    pub fn send_away(&mut self, now: Instant, slow: Duration, which: impl Fn(&Guest) -> bool) -> bool {
        let may_go = |g: &Guest| match g.phase {
            Phase::Head | Phase::Body => true,
            Phase::Reader => g.still(now) >= slow,
            Phase::Waits | Phase::Desk => false,
        };
        self.end_first(now, &self.many(), |g| may_go(g) && which(g))
    }

    /// Ends a connection of a network that has more than its share of so many, if it has more than this
    /// newcomer's network has; `false`: there is no such network. However steadily they read, a few networks
    /// keep no other out.
    pub fn send_away_beyond_share(&mut self, now: Instant, all: usize, newcomer: Option<Network>) -> bool {
        let many = self.many();
        let own = newcomer.and_then(|_| many.get(&newcomer)).copied().unwrap_or(0);
        let share = (all / (many.len() + 1)).max(own + 1);
        let may_go = |g: &Guest| {
            matches!(g.phase, Phase::Reader | Phase::Waits) && g.network.is_some() && many[&g.network] > share
        };
        self.end_first(now, &many, may_go)
    }

    fn end_first(
        &mut self,
        now: Instant,
        many: &HashMap<Option<Network>, usize>,
        may_go: impl Fn(&Guest) -> bool,
    ) -> bool {
        let going = self.guests.iter().enumerate().filter(|(_, g)| may_go(g));
        let first = going.min_by_key(|(_, g)| (Reverse(many[&g.network]), g.phase, Reverse(g.still(now))));
        let Some(at) = first.map(|(at, _)| at) else { return false };
        self.guests.swap_remove(at).leave.notify_one();
        true
    }
}
