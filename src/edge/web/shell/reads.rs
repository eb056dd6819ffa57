//! Files that are read for visitors (T116): one at a time, whoever goes away meanwhile. Who waits stands in a
//! line of persons, so that one who wants a hundred files delays others by one of them; a file that was read
//! serves everybody who waits for it.

use super::refusal::{self, Refusal};
use futures_util::FutureExt;
use std::collections::VecDeque;
use std::mem;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::oneshot;

/// Bytes of the files that stay open as a whole. One that is larger is open alone.
const OPEN_BYTES_MAX: u64 = 48 * 1024 * 1024;

/// What came of reading a file; `None`: it is gone.
pub type Read = Result<Option<Vec<u8>>, Refusal>;
/// Reads a file when its turn comes.
pub type Reading = Pin<Box<dyn Future<Output = Read> + Send>>;

/// A part of a file.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// Who wants it.
    pub person: i64,
    /// The number of the file.
    pub file: i64,
    /// Bytes of the whole file, as far as it is known.
    pub file_bytes: u64,
    /// Where the part begins.
    pub from: usize,
    /// Bytes of it at most.
    pub bytes: usize,
}

/// A part of a file, and how many bytes the whole has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Fewer than were wanted at the end of the file, and none behind it.
    pub bytes: Vec<u8>,
    /// Of the whole file.
    pub whole_bytes: usize,
}

/// What becomes of a wish; `None`: the file is gone.
type Told = Result<Option<Piece>, Refusal>;

/// All files that are open, and all who wait for one. Cheap to clone.
#[derive(Clone, Default)]
pub struct Reads(Arc<Mutex<Line>>);

#[derive(Default)]
struct Line {
    is_reading: bool,
    /// The persons who wait, by whose turn it is.
    turns: VecDeque<i64>,
    /// In the order in which they came.
    wishes: Vec<Wish>,
    /// Number and bytes of each file that is open; the one that was used last is the last.
    open: Vec<(i64, Vec<u8>)>,
}

struct Wish {
    wanted: Wanted,
    /// `None`: it is under way.
    reading: Option<Reading>,
    tell: oneshot::Sender<Told>,
}

impl Reads {
    /// A part of a file; it is read only where it is not open. `None`: the file is gone.
    pub async fn piece(&self, wanted: Wanted, reading: Reading) -> Told {
        let told = {
            let mut line = self.line();
            if let Some(piece) = line.cut(&wanted) {
                return Ok(Some(piece));
            }
            let (tell, told) = oneshot::channel();
            line.add(Wish { wanted, reading: Some(reading), tell });
            // A task of its own reads: what was begun is ended before the next begins, also where nobody
            // waits for it any more.
            if !mem::replace(&mut line.is_reading, true) {
                tokio::spawn(self.clone().work());
            }
            told
        };
        told.await.unwrap_or(Err(refusal::BROKEN))
    }

    /// Whether a file is open, so that a part of it costs nothing.
    pub fn is_open(&self, file: i64) -> bool {
        self.line().open.iter().any(|(id, _)| *id == file)
    }

    /// Nobody wants a file any more.
    pub fn close(&self) {
        self.line().open.clear();
    }

    async fn work(self) {
        while let Some((file, reading)) = self.next() {
            let read = AssertUnwindSafe(reading).catch_unwind().await;
            self.line().tell(file, read.unwrap_or(Err(refusal::BROKEN)));
        }
    }

    /// The next file. Others are closed first, so that there is room for it.
    fn next(&self) -> Option<(i64, Reading)> {
        let mut line = self.line();
        let next = line.next();
        line.is_reading = next.is_some();
        let (wanted, reading) = next?;
        line.make_room(wanted.file_bytes);
        Some((wanted.file, reading))
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.0.lock().expect("no panic while held")
    }
}

impl Line {
    fn add(&mut self, wish: Wish) {
        let person = wish.wanted.person;
        if !self.turns.contains(&person) {
            self.turns.push_back(person);
        }
        self.wishes.push(wish);
    }

    /// The oldest wish of the person whose turn it is, who goes to the end of the line. Those whose
    /// connection is gone wish nothing any more.
    fn next(&mut self) -> Option<(Wanted, Reading)> {
        self.wishes.retain(|wish| !wish.tell.is_closed());
        loop {
            let person = self.turns.pop_front()?;
            let mut own = self.wishes.iter_mut().filter(|wish| wish.wanted.person == person);
            if let Some((wanted, reading)) = own.find_map(|wish| Some((wish.wanted, wish.reading.take()?))) {
                self.turns.push_back(person);
                return Some((wanted, reading));
            }
        }
    }

    fn make_room(&mut self, bytes: u64) {
        let open_bytes = |open: &[(i64, Vec<u8>)]| open.iter().map(|(_, b)| b.len() as u64).sum::<u64>();
        while !self.open.is_empty() && open_bytes(&self.open).saturating_add(bytes) > OPEN_BYTES_MAX {
            self.open.remove(0);
        }
    }

    fn cut(&mut self, wanted: &Wanted) -> Option<Piece> {
        let at = self.open.iter().position(|(id, _)| *id == wanted.file)?;
        let used = self.open.remove(at);
        let piece = cut(&used.1, wanted);
        self.open.push(used);
        Some(piece)
    }

    /// Everybody who waits for this file gets their part of it. It stays open where there was anybody.
    fn tell(&mut self, file: i64, read: Read) {
        let mut is_wanted = false;
        for wish in self.wishes.extract_if(.., |wish| wish.wanted.file == file) {
            let told = match &read {
                Ok(whole) => Ok(whole.as_ref().map(|whole| cut(whole, &wish.wanted))),
                Err(refusal) => Err(*refusal),
            };
            is_wanted |= wish.tell.send(told).is_ok();
        }
        if let (Ok(Some(whole)), true) = (read, is_wanted) {
            self.open.push((file, whole));
        }
    }
}

fn cut(whole: &[u8], wanted: &Wanted) -> Piece {
    let from = wanted.from.min(whole.len());
    let end = from.saturating_add(wanted.bytes).min(whole.len());
    Piece { bytes: whole[from..end].to_vec(), whole_bytes: whole.len() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    fn wanted(person: i64, file: i64) -> Wanted {
        Wanted { person, file, file_bytes: 4, from: 1, bytes: 2 }
    }

    /// A disk that reads where a test lets it, on a thread that nobody can end.
    #[derive(Clone, Default)]
    struct Disk {
        begun: Arc<AtomicUsize>,
        under_way: Arc<AtomicUsize>,
        most: Arc<AtomicUsize>,
    }

    impl Disk {
        fn reads(&self, file: i64) -> (mpsc::Sender<()>, Reading) {
            let (go, may_go) = mpsc::channel();
            let disk = self.clone();
            let reading = async move {
                disk.begun.fetch_add(1, Ordering::SeqCst);
                let work = tokio::task::spawn_blocking(move || {
                    let now = disk.under_way.fetch_add(1, Ordering::SeqCst) + 1;
                    disk.most.fetch_max(now, Ordering::SeqCst);
                    let _ = may_go.recv();
                    disk.under_way.fetch_sub(1, Ordering::SeqCst);
                    vec![u8::try_from(file).expect("a small number"); 4]
                });
                Ok(Some(work.await.expect("no panic")))
            };
            (go, Box::pin(reading))
        }

        async fn has_begun(&self, many: usize) {
            while self.begun.load(Ordering::SeqCst) < many {
                tokio::task::yield_now().await;
            }
        }
    }

    #[tokio::test]
    async fn t116_who_goes_away_while_a_file_is_read_lets_no_second_read_begin() {
        let (reads, disk) = (Reads::default(), Disk::default());
        let (first_may_go, first) = disk.reads(1);
        let mut goes_away = Box::pin(reads.piece(wanted(1, 1), first));
        assert!((&mut goes_away).now_or_never().is_none());
        disk.has_begun(1).await;
        drop(goes_away);
        // They come back for another file, again and again.
        for file in 2..20 {
            let (_, reading) = disk.reads(file);
            assert!(reads.piece(wanted(1, file), reading).now_or_never().is_none());
            tokio::task::yield_now().await;
        }
        let (last_may_go, last) = disk.reads(20);
        let stays = tokio::spawn({
            let reads = reads.clone();
            async move { reads.piece(wanted(2, 20), last).await }
        });
        tokio::task::yield_now().await;
        assert_eq!(disk.begun.load(Ordering::SeqCst), 1, "the first is still under way");
        let _ = (first_may_go.send(()), last_may_go.send(()));
        let piece = stays.await.expect("no panic").expect("an answer").expect("a file");
        assert_eq!(piece, Piece { bytes: vec![20; 2], whole_bytes: 4 });
        assert_eq!(disk.begun.load(Ordering::SeqCst), 2, "nobody waited for the others");
        assert_eq!(disk.most.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn t116_one_read_serves_all_who_wait_for_the_file() {
        let (reads, disk) = (Reads::default(), Disk::default());
        let mut all = Vec::new();
        for n in 0..64 {
            let (go, reading) = disk.reads(n % 2);
            let _ = go.send(());
            let reads = reads.clone();
            all.push(tokio::spawn(async move { reads.piece(wanted(1, n % 2), reading).await }));
        }
        for (n, one) in (0..64).zip(all) {
            let piece = one.await.expect("no panic").expect("an answer").expect("a file");
            assert_eq!(piece.bytes, [n % 2; 2]);
        }
        assert_eq!(disk.begun.load(Ordering::SeqCst), 2);
    }

    fn line(wishes: &[(i64, i64)]) -> (Line, Vec<oneshot::Receiver<Told>>) {
        let mut line = Line::default();
        let told = wishes.iter().map(|(person, file)| {
            let (tell, told) = oneshot::channel();
            let reading: Reading = Box::pin(async { Ok(None) });
            line.add(Wish { wanted: wanted(*person, *file), reading: Some(reading), tell });
            told
        });
        let told = told.collect();
        (line, told)
    }

    #[test]
    fn t116_who_wants_many_files_delays_others_by_one() {
        let many: Vec<_> = (0..64).map(|file| (1, file)).chain([(2, 100), (3, 101)]).collect();
        let (mut line, _told) = line(&many);
        let mut next = || line.next().map(|(wanted, _)| (wanted.person, wanted.file));
        assert_eq!([next(), next(), next()], [Some((1, 0)), Some((2, 100)), Some((3, 101))]);
        assert_eq!([next(), next()], [Some((1, 1)), Some((1, 2))]);
    }

    #[test]
    fn small_files_stay_open_beside_each_other_and_large_ones_do_not() {
        let (mut all, _told) = line(&[(1, 1), (1, 2), (1, 3), (1, 4)]);
        let large = OPEN_BYTES_MAX / 2;
        let mut comes = |file: i64, bytes: u64| {
            all.make_room(bytes);
            all.tell(file, Ok(Some(vec![0; usize::try_from(bytes).expect("it fits")])));
            let _ = all.cut(&wanted(1, 1));
            all.open.iter().map(|(id, _)| *id).collect::<Vec<_>>()
        };
        assert_eq!(comes(1, 10), [1]);
        assert_eq!(comes(2, large), [2, 1]);
        assert_eq!(comes(3, large), [3, 1], "the one that was used last stays");
        assert_eq!(comes(4, OPEN_BYTES_MAX + 1), [4], "never two of them");
        assert!(comes(5, 10).is_empty(), "nobody waits for this one");
    }

    #[tokio::test]
    async fn a_read_that_breaks_is_told_and_the_next_one_works() {
        let reads = Reads::default();
        let breaks: Reading = Box::pin(async { panic!("as a broken store may") });
        assert_eq!(reads.piece(wanted(1, 1), breaks).await, Err(refusal::BROKEN));
        assert_eq!(reads.piece(wanted(1, 1), Box::pin(async { Ok(None) })).await, Ok(None));
        let works: Reading = Box::pin(async { Ok(Some(vec![7; 4])) });
        assert!(reads.piece(wanted(1, 1), works).await.is_ok_and(|piece| piece.is_some()));
        assert!(reads.is_open(1));
        reads.close();
        assert!(!reads.is_open(1));
    }
}
