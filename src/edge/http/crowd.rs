//! Who is connected to a port, and who has to go where there is no more room (T116). Nobody is kept out by
//! those who stand still: a newcomer takes the place of whoever has stood still longest, first among those of
//! its own network.

use super::network::{Network, is_within};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// How much a port bears.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections at a time.
    pub connections_max: usize,
    /// Connections of one network at a time. Those of a proxy count for the networks behind it.
    pub connections_per_network_max: usize,
    /// Bytes of all bodies that are being sent to us.
    pub body_bytes_max: usize,
    /// Bytes of all answers that wait for their readers.
    pub answer_bytes_max: usize,
    /// A reader that takes nothing for so long may have to go, if its room is needed.
    pub may_go_after: Duration,
    /// A reader that takes nothing for so long has to go.
    pub goes_after: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: 512,
            connections_per_network_max: 64,
            body_bytes_max: 16 * 1024 * 1024,
            answer_bytes_max: 32 * 1024 * 1024,
            may_go_after: Duration::from_secs(5),
            goes_after: Duration::from_secs(30),
        }
    }
}

/// What a connection waits for. The earlier ones go first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    /// For the head of a request.
    Head,
    /// For its body.
    Body,
    /// For its reader.
    Reader,
    /// For us: such a connection is never ended.
    Desk,
}

struct Guest {
    id: u64,
    /// The network of the other end; `None`: it is a proxy.
    peer: Option<Network>,
    /// The network that it counts for; `None`: for no network.
    network: Option<Network>,
    phase: Phase,
    /// The begin of the phase; of a reader the last time that it took something.
    since: Instant,
    body_bytes: usize,
    answer_bytes: usize,
    leave: Arc<Notify>,
}

#[derive(Default)]
struct Room {
    guests: Vec<Guest>,
    next: u64,
}

/// All connections of a port. Cheap to clone.
#[derive(Clone)]
pub struct Crowd {
    limits: Arc<Limits>,
    proxies: Arc<[(IpAddr, u8)]>,
    room: Arc<Mutex<Room>>,
}

/// The place of one connection; it is free again when this is dropped.
pub struct Place {
    id: u64,
    crowd: Crowd,
    leave: Arc<Notify>,
    /// Its answer was handed over; bytes of it may still wait on the way out.
    is_answered: AtomicBool,
    is_ambiguous: AtomicBool,
}

impl Crowd {
    /// An empty room. `proxies`: (address, bits) of those whose connections are other people's.
    pub fn new(limits: Limits, proxies: &[(IpAddr, u8)]) -> Self {
        Self { limits: Arc::new(limits), proxies: proxies.into(), room: Arc::default() }
    }

    /// A place for a connection from this address; `None`: all others are at work.
    pub fn enter(&self, from: IpAddr, now: Instant) -> Option<Arc<Place>> {
        let from = from.to_canonical();
        let network = (!is_within(from, &self.proxies)).then(|| Network::of(from));
        let mut room = self.room();
        if network.is_some()
            && room.of(network) >= self.limits.connections_per_network_max
            && !room.send_away(self.before(now), |g| g.network == network)
        {
            return None;
        }
        if room.guests.len() >= self.limits.connections_max && !room.send_away(self.before(now), |_| true) {
            return None;
        }
        let (id, leave) = (room.next, Arc::new(Notify::new()));
        room.next += 1;
        room.guests.push(Guest {
            id,
            peer: network,
            network,
            phase: Phase::Head,
            since: now,
            body_bytes: 0,
            answer_bytes: 0,
            leave: leave.clone(),
        });
        let (is_answered, is_ambiguous) = (AtomicBool::new(false), AtomicBool::new(false));
        Some(Arc::new(Place { id, crowd: self.clone(), leave, is_answered, is_ambiguous }))
    }

    /// Readers that took nothing since then may go.
    fn before(&self, now: Instant) -> Option<Instant> {
        now.checked_sub(self.limits.may_go_after)
    }

    fn room(&self) -> MutexGuard<'_, Room> {
        self.room.lock().expect("no panic while held")
    }
}

impl Room {
    fn of(&self, network: Option<Network>) -> usize {
        self.guests.iter().filter(|g| g.network == network).count()
    }

    /// Ends one of those connections; `false`: none may be ended. The network with the most connections comes
    /// first, then those that tell us nothing, then who has stood still longest.
    fn send_away(&mut self, readers_since: Option<Instant>, which: impl Fn(&Guest) -> bool) -> bool {
        let mut many: HashMap<Option<Network>, usize> = HashMap::new();
        for guest in &self.guests {
            *many.entry(guest.network).or_default() += 1;
        }
        let may_go = |g: &Guest| match g.phase {
            Phase::Head | Phase::Body => true,
            Phase::Reader => readers_since.is_some_and(|since| g.since <= since),
            Phase::Desk => false,
        };
        let going = self.guests.iter().enumerate().filter(|(_, g)| may_go(g) && which(g));
        let first = going.min_by_key(|(_, g)| (usize::MAX - many[&g.network], g.phase, g.since));
        let Some(at) = first.map(|(at, _)| at) else { return false };
        let gone = self.guests.swap_remove(at);
        gone.leave.notify_one();
        true
    }
}

impl Place {
    fn change(&self, change: impl FnOnce(&mut Guest)) {
        let mut room = self.crowd.room();
        if let Some(guest) = room.guests.iter_mut().find(|g| g.id == self.id) {
            change(guest);
        }
    }

    fn turn(&self, phase: Phase, now: Instant) {
        self.change(|g| (g.phase, g.since) = (phase, now));
    }

    /// Waits until the connection has to go.
    pub async fn sent_away(&self) {
        self.leave.notified().await;
    }

    /// Ends the connection.
    pub fn send_away(&self) {
        self.crowd.room().guests.retain(|g| g.id != self.id);
        self.leave.notify_one();
    }

    /// A head came; with `has_body` its body is waited for.
    pub fn asks(&self, has_body: bool, now: Instant) {
        self.is_answered.store(false, Ordering::Relaxed);
        self.turn(if has_body { Phase::Body } else { Phase::Desk }, now);
    }

    /// The whole request is here.
    pub fn is_asked(&self, now: Instant) {
        self.turn(Phase::Desk, now);
    }

    /// The request comes from this network, by a proxy or directly; `false`: that network has no more room.
    pub fn counts_for(&self, ip: IpAddr, now: Instant) -> bool {
        let network = Some(Network::of(ip));
        self.change(|g| g.network = network);
        let mut room = self.crowd.room();
        let limits = &self.crowd.limits;
        room.of(network) <= limits.connections_per_network_max
            || room.send_away(self.crowd.before(now), |g| g.network == network && g.id != self.id)
    }

    /// More bytes of a body came. Where there are too many in all, the slowest body goes.
    pub fn holds_body(&self, bytes: usize) {
        self.change(|g| g.body_bytes += bytes);
        let mut room = self.crowd.room();
        let all = |room: &Room| room.guests.iter().map(|g| g.body_bytes).sum::<usize>();
        while all(&room) > self.crowd.limits.body_bytes_max
            && room.send_away(None, |g| g.phase == Phase::Body && g.body_bytes > 0)
        {}
    }

    /// So many bytes of the answer wait for their reader. Where there are too many in all, the reader goes
    /// that has stood still longest.
    pub fn holds_answer(&self, bytes: usize, now: Instant) {
        self.change(|g| g.answer_bytes = bytes);
        let mut room = self.crowd.room();
        let all = |room: &Room| room.guests.iter().map(|g| g.answer_bytes).sum::<usize>();
        while all(&room) > self.crowd.limits.answer_bytes_max
            && room.send_away(self.crowd.before(now), |g| g.answer_bytes > 0)
        {}
    }

    /// The desk has answered.
    pub fn reads(&self, now: Instant) {
        self.change(|g| g.body_bytes = 0);
        self.turn(Phase::Reader, now);
    }

    /// The reader took something.
    pub fn took(&self, now: Instant) {
        self.change(|g| {
            if g.phase == Phase::Reader {
                g.since = now;
            }
        });
    }

    /// The answer was handed over whole.
    pub fn is_answered(&self) {
        self.is_answered.store(true, Ordering::Relaxed);
    }

    /// Everything that was to be written is written.
    pub fn is_flushed(&self, now: Instant) {
        if self.is_answered.swap(false, Ordering::Relaxed) {
            self.turn(Phase::Head, now);
            self.change(|g| (g.network, g.answer_bytes) = (g.peer, 0));
        }
    }

    /// For how long its reader has taken nothing; zero for all who are no readers.
    pub fn stands_still(&self, now: Instant) -> Duration {
        let room = self.crowd.room();
        let reader = room.guests.iter().find(|g| g.id == self.id && g.phase == Phase::Reader);
        reader.map_or(Duration::ZERO, |g| now.saturating_duration_since(g.since))
    }

    /// What it sent could be read in two ways (T77).
    pub fn distrust(&self) {
        self.is_ambiguous.store(true, Ordering::Relaxed);
    }

    /// Whether anything of what it sent could be read in two ways.
    pub fn is_ambiguous(&self) -> bool {
        self.is_ambiguous.load(Ordering::Relaxed)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.crowd.room().guests.retain(|g| g.id != self.id);
    }
}
