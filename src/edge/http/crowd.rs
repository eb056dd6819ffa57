//! Who is connected to a port, and who has to go where there is no more room (T116). Nobody is kept out by
//! those who stand still: a newcomer takes the place of whoever has stood still longest, first among those of
//! its own network. A reader stands still while it takes less than a portion; while it waits for us, no time
//! counts against it.

use super::network::{Network, is_within};
use super::room::{Guest, Phase, Room};
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
    /// The same for those of one network.
    pub answer_bytes_per_network_max: usize,
    /// An answer of so many bytes is always let in: there are no more of them than connections.
    pub small_answer_bytes: usize,
    /// A reader has taken something when it has taken so many bytes; any less hides nothing.
    pub portion_bytes: usize,
    /// A reader that takes no portion in this time may have to go, if its room is needed.
    pub may_go_after: Duration,
    /// A reader that takes no portion in this time has to go; whoever takes one stays until the answer ends.
    pub goes_after: Duration,
    /// A connection that is older ends with its answer.
    pub ends_after: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: 512,
            connections_per_network_max: 64,
            body_bytes_max: 16 * 1024 * 1024,
            answer_bytes_max: 32 * 1024 * 1024,
            answer_bytes_per_network_max: 8 * 1024 * 1024,
            small_answer_bytes: 64 * 1024,
            portion_bytes: 16 * 1024,
            may_go_after: Duration::from_secs(5),
            goes_after: Duration::from_secs(30),
            ends_after: Duration::from_secs(900),
        }
    }
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
        let (mut room, limits) = (self.room(), &self.limits);
        if network.is_some()
            && room.of(network) >= limits.connections_per_network_max
            && !room.send_away(now, limits.may_go_after, |g| g.network == network)
        {
            return None;
        }
        if room.guests.len() >= limits.connections_max
            && !room.send_away(now, limits.may_go_after, |_| true)
            && !room.send_away_beyond_share(now, limits.connections_max, network)
        {
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
            slow: Duration::ZERO,
            taken_bytes: 0,
            body_bytes: 0,
            answer_bytes: 0,
            leave: leave.clone(),
        });
        let (is_answered, is_ambiguous) = (AtomicBool::new(false), AtomicBool::new(false));
        Some(Arc::new(Place { id, crowd: self.clone(), leave, is_answered, is_ambiguous }))
    }

    fn room(&self) -> MutexGuard<'_, Room> {
        self.room.lock().expect("no panic while held")
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
        self.change(|g| g.turn(phase, now));
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
            || room.send_away(now, limits.may_go_after, |g| g.network == network && g.id != self.id)
    }

    /// More bytes of a body came. Where there are too many in all, the slowest body goes.
    pub fn holds_body(&self, bytes: usize, now: Instant) {
        self.change(|g| g.body_bytes += bytes);
        let mut room = self.crowd.room();
        let all = |room: &Room| room.guests.iter().map(|g| g.body_bytes).sum::<usize>();
        while all(&room) > self.crowd.limits.body_bytes_max
            && room.send_away(now, Duration::MAX, |g| g.phase == Phase::Body && g.body_bytes > 0)
        {}
    }

    /// So many bytes of the answer wait for their reader. Where there are too many in all, or of its network,
    /// the reader goes that was slow for longest; `false`: no reader was, and there is no room for this one.
    pub fn holds_answer(&self, bytes: usize, now: Instant) -> bool {
        let (mut room, limits) = (self.crowd.room(), &self.crowd.limits);
        let network = room.guests.iter().find(|g| g.id == self.id).and_then(|g| g.network);
        let mut makes_room = |bytes_max: usize, which: &dyn Fn(&Guest) -> bool| loop {
            let other = |g: &Guest| g.id != self.id && g.answer_bytes > 0 && which(g);
            let held: usize = room.guests.iter().filter(|g| other(g)).map(|g| g.answer_bytes).sum();
            if held.saturating_add(bytes) <= bytes_max {
                break true;
            }
            if !room.send_away(now, limits.may_go_after, other) {
                break false;
            }
        };
        let fits = (network.is_none()
            || makes_room(limits.answer_bytes_per_network_max, &|g| g.network == network))
            && makes_room(limits.answer_bytes_max, &|_| true);
        let is_let_in = fits || bytes <= limits.small_answer_bytes;
        if let Some(own) = room.guests.iter_mut().find(|g| g.id == self.id) {
            own.answer_bytes = if is_let_in { bytes } else { 0 };
        }
        is_let_in
    }

    /// The desk has answered.
    pub fn reads(&self, now: Instant) {
        self.change(|g| g.body_bytes = 0);
        self.turn(Phase::Reader, now);
    }

    /// The reader waits for us: the next part of its answer is not there yet.
    pub fn waits(&self, now: Instant) {
        self.turn(Phase::Waits, now);
    }

    /// The reader took so many bytes.
    pub fn took(&self, bytes: usize, now: Instant) {
        self.change(|g| g.took(bytes, self.crowd.limits.portion_bytes, now));
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

    /// For how long its reader has taken no portion; zero for all who are no readers.
    pub fn slow_for(&self, now: Instant) -> Duration {
        let room = self.crowd.room();
        let reader = room.guests.iter().find(|g| g.id == self.id && g.phase == Phase::Reader);
        reader.map_or(Duration::ZERO, |g| g.still(now))
    }

    /// For how long it has been quiet between two requests; zero while it is not.
    pub fn quiet_for(&self, now: Instant) -> Duration {
        let room = self.crowd.room();
        let quiet = room.guests.iter().find(|g| g.id == self.id && g.phase == Phase::Head);
        quiet.map_or(Duration::ZERO, |g| g.still(now))
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
