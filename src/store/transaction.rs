//! One writer, many readers; a transaction is all or nothing.

use super::error::{Error, Result};
use super::generation;
use super::search;
use super::sqlite::key::Key;
use super::sqlite::{backup, open, scratch, tidy};
use rusqlite::Connection;
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard};

/// The open database of a desk.
pub struct Store {
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
    place: Option<(PathBuf, Key)>,
    /// The newest generation of derived keys that a transaction of this process has seen.
    generation: AtomicU32,
}

/// A transaction that writes. Words for the search index are kept until its end: FTS5 flushes at every
/// savepoint (PERFORMANCE, pitfall 1).
pub struct Tx<'a> {
    pub(crate) c: &'a Connection,
    words: RefCell<Vec<(i64, String, String)>>,
}

impl Store {
    /// Opens or makes `desk.db` in `dir`. A key is made only where there is no database yet.
    pub fn open(dir: &Path, key_file: &Path) -> Result<(Self, [u8; 32])> {
        let (writer, path, key) = open::file(dir, key_file)?;
        let master = key.master();
        Ok((Self::around(writer, Some((path, key)))?, master))
    }

    /// An empty desk in memory, for `explain` without configuration and for tests.
    pub fn in_memory() -> Result<Self> {
        Self::around(open::in_memory()?, None)
    }

    fn around(writer: Connection, place: Option<(PathBuf, Key)>) -> Result<Self> {
        let generation = AtomicU32::new(generation::newest(&writer)?);
        Ok(Self { writer: Mutex::new(writer), readers: Mutex::new(Vec::new()), place, generation })
    }

    /// The generation of derived keys that is in force in the transaction under way, and outside of one: that
    /// was in the last. Nobody can begin another one while somebody writes, so what is sealed in a
    /// transaction is sealed by its own.
    pub fn generation(&self) -> u32 {
        self.generation.load(Ordering::Acquire)
    }

    fn look_at_generation(&self, c: &Connection) -> Result<()> {
        self.generation.fetch_max(generation::newest(c)?, Ordering::AcqRel);
        Ok(())
    }

    /// One transaction. All of it or nothing: an error rolls back.
    pub fn write<T>(&self, work: impl FnOnce(&Tx<'_>) -> Result<T>) -> Result<T> {
        self.transact(work, true)
    }

    /// A transaction of which nothing stays, whatever it did (`explain --in-order`). It writes into a copy,
    /// so nobody waits for it.
    pub fn pretend<T>(&self, work: impl FnOnce(&Tx<'_>) -> Result<T>) -> Result<T> {
        match &self.place {
            Some((path, key)) => Self::around(scratch::copy_of(path, key)?, None)?.transact(work, false),
            None => self.transact(work, false),
        }
    }

    fn transact<T>(&self, work: impl FnOnce(&Tx<'_>) -> Result<T>, keep: bool) -> Result<T> {
        let c = self.writer();
        open::begin_to_write(&c)?;
        let tx = Tx { c: &c, words: RefCell::new(Vec::new()) };
        let undo = Undo(&c);
        self.look_at_generation(&c)?;
        let out = work(&tx)?;
        if keep {
            tx.index_words()?;
            c.execute_batch("COMMIT")?;
        } else {
            c.execute_batch("ROLLBACK")?;
        }
        std::mem::forget(undo);
        Ok(out)
    }

    /// A consistent look at the database.
    pub fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let Some((path, key)) = &self.place else { return work(&self.writer()) };
        let ready = self.readers.lock().expect("no panic while held").pop();
        let c = match ready {
            Some(c) => c,
            None => open::connect(path, key, 2_000)?,
        };
        c.execute_batch("BEGIN")?;
        let out = self.look_at_generation(&c).and_then(|()| work(&c));
        let _ = c.execute_batch("ROLLBACK");
        let mut readers = self.readers.lock().expect("no panic while held");
        if readers.len() < 3 {
            readers.push(c);
        }
        out
    }

    /// What work costs, in steps of ten instructions of SQLite's machine; it is rolled back.
    #[cfg(test)]
    pub(crate) fn counted<T>(&self, work: impl FnOnce(&Tx<'_>) -> Result<T>) -> Result<(T, u64)> {
        use super::sqlite::budget;
        use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
        let steps = std::sync::Arc::new(AtomicU64::new(0));
        let counted = steps.clone();
        self.writer().progress_handler(10, Some(move || counted.fetch_add(1, Relaxed) == u64::MAX))?;
        let out = self.transact(work, false);
        budget::install(&mut self.writer())?;
        Ok((out?, steps.load(Relaxed)))
    }

    /// Gives back what the log takes, when the disk is full.
    pub fn make_room(&self) {
        tidy::make_room(&self.writer());
    }

    fn writer(&self) -> MutexGuard<'_, Connection> {
        // A panic inside a transaction rolled it back (see `Undo`): the connection is sound.
        self.writer.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Merges search segments in small steps and empties the log; when idle.
    pub fn tidy(&self) -> Result<()> {
        tidy::tidy(&self.writer())
    }

    /// Writes a whole copy while the desk runs, then opens and checks it.
    pub fn backup(&self, to: &Path) -> Result<()> {
        let (path, key) = self.place.as_ref().expect("a desk in memory is never backed up");
        backup::backup(path, key, to)
    }
}

/// Rolls back when dropped, so that a panic leaves no transaction open.
struct Undo<'a>(&'a Connection);

impl Drop for Undo<'_> {
    fn drop(&mut self) {
        if !self.0.is_autocommit() {
            let _ = self.0.execute_batch("ROLLBACK");
        }
    }
}

impl Tx<'_> {
    /// For reads inside this transaction.
    pub fn conn(&self) -> &Connection {
        self.c
    }

    /// Runs one mail in a savepoint, so that a bad one undoes only itself.
    pub fn savepoint<T>(&self, work: impl FnOnce(&Self) -> Result<T>) -> Result<T> {
        let words = self.words.borrow().len();
        self.c.prepare_cached("SAVEPOINT mail")?.execute([])?;
        let out = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(self)));
        let out = out.unwrap_or_else(|_| Err(Error::Sql("the program failed on it (a bug)".into())));
        if out.is_err() {
            self.c.execute_batch("ROLLBACK TO mail")?;
            self.words.borrow_mut().truncate(words);
        }
        self.c.prepare_cached("RELEASE mail")?.execute([])?;
        out
    }

    pub(crate) fn index(&self, message: i64, subject: &str, text: &str) {
        self.words.borrow_mut().push((message, subject.to_owned(), text.to_owned()));
    }

    fn index_words(&self) -> Result<()> {
        for (message, subject, text) in self.words.borrow_mut().drain(..) {
            search::insert(self.c, message, &subject, &text)?;
        }
        Ok(())
    }
}
