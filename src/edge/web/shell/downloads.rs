//! Files on their way to visitors (T116). Each is sent in pieces, and only the piece that a reader is at is
//! in memory; so what stands still costs little. `reads.rs` reads them.

use super::reads::{Piece, Reading, Reads, Wanted};
use super::refusal::{self, Refusal};
use crate::edge::http::Place;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// Bytes of the pieces of all downloads.
const BYTES_MAX: usize = 32 * 1024 * 1024;
/// Bytes up to which pieces grow; the others are for those who come later.
const GROWN_BYTES_MAX: usize = BYTES_MAX / 2;
/// Bytes of the pieces of all downloads of one person.
const PERSON_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Bytes of a piece for a slow reader.
const PIECE_BYTES_MIN: usize = 128 * 1024;
/// Bytes of a piece for a quick reader.
const PIECE_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Bytes of a piece for whose sake the whole file is read.
const READ_PIECE_BYTES: usize = 1024 * 1024;
/// Who takes a piece in this time gets a larger one next.
const QUICK: Duration = Duration::from_secs(1);
/// A download whose reader was slow for so long may have to go, if its room is needed.
const MAY_GO_AFTER: Duration = Duration::from_secs(5);

/// All downloads that are under way. Cheap to clone.
#[derive(Clone)]
pub struct Downloads(Arc<Inner>);

struct Inner {
    running: Mutex<Running>,
    reads: Reads,
}

#[derive(Default)]
struct Running {
    next: u64,
    rows: Vec<Row>,
}

struct Row {
    id: u64,
    person: i64,
    /// Of its piece.
    bytes: usize,
    place: Option<Arc<Place>>,
}

impl Downloads {
    /// None so far.
    pub fn new() -> Self {
        Self(Arc::new(Inner { running: Mutex::default(), reads: Reads::default() }))
    }

    /// A download of this person begins. Where there is no more room in all, the one whose reader has been
    /// slow longest goes, of the person who has most of them.
    pub fn begin(&self, person: i64, place: Option<Arc<Place>>, now: Instant) -> Result<Download, Refusal> {
        let mut running = self.running();
        if running.of(person) + PIECE_BYTES_MIN > PERSON_BYTES_MAX {
            return Err(refusal::TOO_MANY);
        }
        if running.all() + PIECE_BYTES_MIN > BYTES_MAX && !running.send_away(now) {
            return Err(refusal::BUSY);
        }
        let id = running.next;
        running.next += 1;
        running.rows.push(Row { id, person, bytes: PIECE_BYTES_MIN, place: place.clone() });
        Ok(Download { id, person, place, all: self.clone(), begun_at: now, piece_bytes: PIECE_BYTES_MIN })
    }

    fn running(&self) -> MutexGuard<'_, Running> {
        self.0.running.lock().expect("no panic while held")
    }
}

impl Running {
    fn all(&self) -> usize {
        self.rows.iter().map(|row| row.bytes).sum()
    }

    fn of(&self, person: i64) -> usize {
        self.rows.iter().filter(|row| row.person == person).map(|row| row.bytes).sum()
    }

    /// The bytes that the piece of a download may have from now on: as many as are wanted, or the fewest.
    fn resize(&mut self, id: u64, wanted: usize) -> usize {
        let Some(at) = self.rows.iter().position(|row| row.id == id) else { return PIECE_BYTES_MIN };
        let (person, had) = (self.rows[at].person, self.rows[at].bytes);
        let fits = self.all() - had + wanted <= GROWN_BYTES_MAX
            && self.of(person) - had + wanted <= PERSON_BYTES_MAX;
        self.rows[at].bytes = if fits { wanted } else { PIECE_BYTES_MIN };
        self.rows[at].bytes
    }

    fn send_away(&mut self, now: Instant) -> bool {
        let still = |row: &Row| row.place.as_ref().map_or(Duration::ZERO, |place| place.slow_for(now));
        let rows = self.rows.iter().enumerate().filter(|(_, row)| still(row) >= MAY_GO_AFTER);
        let first = rows.max_by_key(|(_, row)| (self.of(row.person), still(row))).map(|(at, _)| at);
        let Some(at) = first else { return false };
        if let Some(place) = self.rows.swap_remove(at).place {
            place.send_away();
        }
        true
    }
}

/// One download. Its room is free again when this is dropped.
pub struct Download {
    id: u64,
    person: i64,
    place: Option<Arc<Place>>,
    all: Downloads,
    /// When its newest piece was handed over.
    begun_at: Instant,
    piece_bytes: usize,
}

impl Download {
    /// The piece of a file that begins at `from`; `None`: the file is gone. `file`: its number, and its bytes
    /// as far as they are known. It is read only if it is not open; until then we are slow, not the reader.
    pub async fn piece(
        &mut self,
        file: (i64, u64),
        from: usize,
        reading: Reading,
    ) -> Result<Option<Piece>, Refusal> {
        if !self.all.0.reads.is_open(file.0) {
            self.piece_bytes = self.all.running().resize(self.id, self.piece_bytes.max(READ_PIECE_BYTES));
        }
        let (person, bytes) = (self.person, self.piece_bytes);
        let wanted = Wanted { person, file: file.0, file_bytes: file.1, from, bytes };
        if let Some(place) = &self.place {
            place.waits(Instant::now());
        }
        let piece = self.all.0.reads.piece(wanted, reading).await;
        self.begun_at = Instant::now();
        if let Some(place) = &self.place {
            place.reads(self.begun_at);
        }
        piece
    }

    /// A piece was taken: says how large the next one may be.
    pub fn took(&mut self, now: Instant) {
        let is_quick = now.saturating_duration_since(self.begun_at) < QUICK;
        let wanted = if is_quick { (self.piece_bytes * 2).min(PIECE_BYTES_MAX) } else { PIECE_BYTES_MIN };
        self.piece_bytes = self.all.running().resize(self.id, wanted);
    }
}

impl Drop for Download {
    fn drop(&mut self) {
        let mut running = self.all.running();
        running.rows.retain(|row| row.id != self.id);
        if running.rows.is_empty() {
            self.all.0.reads.close();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edge::http::{Crowd, Limits};
    use futures_util::FutureExt;
    use std::net::IpAddr;
    use tokio::sync::oneshot;

    #[test]
    fn t116_a_person_and_all_together_have_so_many_bytes_under_way() {
        let (downloads, now) = (Downloads::new(), Instant::now());
        let per_person = PERSON_BYTES_MAX / PIECE_BYTES_MIN;
        let mut all = Vec::new();
        for person in 1..=4 {
            for _ in 0..per_person {
                all.push(downloads.begin(person, None, now).expect("room"));
            }
            assert_eq!(downloads.begin(person, None, now).err(), Some(refusal::TOO_MANY));
        }
        assert_eq!(downloads.begin(5, None, now).err(), Some(refusal::BUSY), "nobody stands still");
        drop(all.pop());
        assert!(downloads.begin(5, None, now).is_ok());
    }

    #[test]
    fn t116_pieces_grow_for_quick_readers_while_there_is_room() {
        let (downloads, start) = (Downloads::new(), Instant::now());
        let mut quick: Vec<_> = (0..5).map(|_| downloads.begin(1, None, start).expect("room")).collect();
        for _ in 0..10 {
            quick.iter_mut().for_each(|download| download.took(start));
        }
        let held = downloads.running().of(1);
        assert!((6 * 1024 * 1024..=PERSON_BYTES_MAX).contains(&held), "{held}");
        quick[0].took(start + QUICK);
        assert_eq!(quick[0].piece_bytes, PIECE_BYTES_MIN, "who is slow holds little");
    }

    #[test]
    fn t116_pieces_that_grew_leave_room_for_newcomers() {
        let (downloads, start) = (Downloads::new(), Instant::now());
        let mut quick = Vec::new();
        for person in 1..=8 {
            quick.extend((0..8).map(|_| downloads.begin(person, None, start).expect("room")));
        }
        for _ in 0..10 {
            quick.iter_mut().for_each(|download| download.took(start));
        }
        assert!((BYTES_MAX / 4..=GROWN_BYTES_MAX).contains(&downloads.running().all()));
        for person in 10..20 {
            quick.push(downloads.begin(person, None, start).expect("room for those who come later"));
        }
    }

    #[tokio::test]
    async fn t116_our_own_time_counts_against_no_reader() {
        let crowd = Crowd::new(Limits { connections_max: 1, ..Limits::default() }, &[]);
        let start = Instant::now();
        let late = start + Duration::from_secs(3_600);
        let from = IpAddr::from([192, 0, 2, 1]);
        let place = crowd.enter(from, start).expect("room");
        place.asks(false, start);
        place.reads(start);
        let downloads = Downloads::new();
        let mut download = downloads.begin(1, Some(place.clone()), start).expect("room");
        let (done, is_done) = oneshot::channel();
        let reading: Reading = Box::pin(async { Ok(is_done.await.ok()) });
        let mut piece = Box::pin(download.piece((1, 4), 0, reading));
        assert!((&mut piece).now_or_never().is_none());
        assert_eq!(place.slow_for(late), Duration::ZERO, "we read");
        assert!(crowd.enter(from, late).is_none(), "it does not make room for our slowness");
        assert!(!downloads.running().send_away(late));
        let _ = done.send(vec![0; 4]);
        assert!(piece.await.is_ok_and(|piece| piece.is_some_and(|p| p.bytes.len() == 4)));
        assert!(download.piece_bytes >= READ_PIECE_BYTES, "what was read for is large");
        assert!(place.slow_for(late) > Duration::from_secs(3_000), "now it is the reader's turn");
        assert!(crowd.enter(from, late).is_some());
    }
}
