//! Files on their way to visitors (T116). Each is sent in pieces, and only the piece that a reader is at is
//! in memory; so what stands still costs little. One file at a time is open as a whole.

use super::refusal::{self, Refusal};
use crate::edge::http::Place;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// Bytes of the pieces of all downloads.
const BYTES_MAX: usize = 32 * 1024 * 1024;
/// Bytes of the pieces of all downloads of one person.
const PERSON_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Bytes of a piece for a slow reader.
const PIECE_BYTES_MIN: usize = 128 * 1024;
/// Bytes of a piece for a quick reader.
const PIECE_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Who takes a piece in this time gets a larger one next.
const QUICK: Duration = Duration::from_secs(1);
/// A download that took nothing for so long may have to go, if its room is needed.
const MAY_GO_AFTER: Duration = Duration::from_secs(5);

/// All downloads that are under way. Cheap to clone.
#[derive(Clone)]
pub struct Downloads(Arc<Inner>);

struct Inner {
    running: Mutex<Running>,
    reading: Semaphore,
    /// The file that was read last, by its number.
    open: Mutex<Option<(i64, Arc<Vec<u8>>)>>,
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
        let (running, open) = (Mutex::default(), Mutex::default());
        Self(Arc::new(Inner { running, reading: Semaphore::new(1), open }))
    }

    /// A download of this person begins. Where there is no more room in all, the one that has stood still
    /// longest goes, of the person who has most of them.
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
        running.rows.push(Row { id, person, bytes: PIECE_BYTES_MIN, place });
        Ok(Download { id, all: self.clone(), begun_at: now, piece_bytes: PIECE_BYTES_MIN })
    }

    fn running(&self) -> MutexGuard<'_, Running> {
        self.0.running.lock().expect("no panic while held")
    }

    fn open(&self) -> MutexGuard<'_, Option<(i64, Arc<Vec<u8>>)>> {
        self.0.open.lock().expect("no panic while held")
    }
}

impl Running {
    fn all(&self) -> usize {
        self.rows.iter().map(|row| row.bytes).sum()
    }

    fn of(&self, person: i64) -> usize {
        self.rows.iter().filter(|row| row.person == person).map(|row| row.bytes).sum()
    }

    fn send_away(&mut self, now: Instant) -> bool {
        let still = |row: &Row| row.place.as_ref().map_or(Duration::ZERO, |place| place.stands_still(now));
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
    all: Downloads,
    /// When its newest piece was handed over.
    begun_at: Instant,
    piece_bytes: usize,
}

impl Download {
    /// The next piece of the file of this number, and how many bytes the whole file has; `None`: the file is
    /// gone. It is read only if it is not the one that is open.
    pub async fn piece(
        &mut self,
        file: i64,
        from: usize,
        read: impl Future<Output = Result<Option<Vec<u8>>, Refusal>>,
    ) -> Result<Option<(Vec<u8>, usize)>, Refusal> {
        let whole = self.whole(file, read).await?;
        let end = from.saturating_add(self.piece_bytes);
        Ok(whole
            .map(|whole| (whole.get(from..end.min(whole.len())).unwrap_or_default().to_vec(), whole.len())))
    }

    /// A piece was taken: says how large the next one may be.
    pub fn took(&mut self, now: Instant) {
        let is_quick = now.saturating_duration_since(self.begun_at) < QUICK;
        self.begun_at = now;
        let mut running = self.all.running();
        let Some(at) = running.rows.iter().position(|row| row.id == self.id) else { return };
        let (person, had) = (running.rows[at].person, running.rows[at].bytes);
        let wanted = if is_quick { (had * 2).min(PIECE_BYTES_MAX) } else { PIECE_BYTES_MIN };
        let fits = running.all() - had + wanted <= BYTES_MAX
            && running.of(person) - had + wanted <= PERSON_BYTES_MAX;
        self.piece_bytes = if fits { wanted } else { PIECE_BYTES_MIN };
        running.rows[at].bytes = self.piece_bytes;
    }

    async fn whole(
        &self,
        file: i64,
        read: impl Future<Output = Result<Option<Vec<u8>>, Refusal>>,
    ) -> Result<Option<Arc<Vec<u8>>>, Refusal> {
        let _reading = self.all.0.reading.acquire().await.expect("it is never closed");
        let open = self.all.open().as_ref().filter(|(id, _)| *id == file).map(|(_, bytes)| bytes.clone());
        if open.is_some() {
            return Ok(open);
        }
        // The one before goes first, so that there are never two.
        *self.all.open() = None;
        let bytes = read.await?.map(Arc::new);
        *self.all.open() = bytes.clone().map(|bytes| (file, bytes));
        Ok(bytes)
    }
}

impl Drop for Download {
    fn drop(&mut self) {
        let mut running = self.all.running();
        running.rows.retain(|row| row.id != self.id);
        if running.rows.is_empty() {
            *self.all.open() = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
