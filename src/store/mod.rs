//! All SQL. One encrypted SQLite file (SQLCipher), one writer, many readers; values outside, rows inside.
//!
//! The file's salt is derived from the key, so that a wrong key and a damaged file can be told apart before
//! anything is read.

pub mod alarm;
pub mod apply;
pub mod backup;
pub mod due;
pub mod held;
pub mod key;
pub mod keys;
pub mod ledger;
pub mod list;
pub mod outbox;
pub mod probe;

pub mod participants;
pub mod query;
pub mod review;
mod rows;
pub mod search;
pub mod snapshot;
pub mod staff;
pub mod task;
pub mod web;

use key::Key;
pub use rusqlite::Connection;
use rusqlite::{ErrorCode, OptionalExtension};
use std::cell::RefCell;
use std::fs;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard};

mod embedded {
    refinery::embed_migrations!("migrations");
}

/// What the store could not do, and whether waiting may help.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Somebody else writes, or holds the folder.
    #[error("{0}")]
    Busy(String),
    /// The disk is full or cannot be written.
    #[error("{0}")]
    Full(String),
    /// The file is damaged.
    #[error("{0}")]
    Damaged(String),
    /// A wrong or missing key, a plaintext file, loose file modes.
    #[error("{0}")]
    Setup(String),
    #[error("{0}")]
    Sql(String),
}

pub type Result<T> = std::result::Result<T, Error>;

impl From<rusqlite::Error> for Error {
    fn from(e: rusqlite::Error) -> Self {
        let code = match &e {
            rusqlite::Error::SqliteFailure(f, _) => Some(f.code),
            _ => None,
        };
        match code {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Error::Busy("the database is busy with another writer; try again".into())
            }
            Some(ErrorCode::DiskFull) => {
                Error::Full("the disk is full; make room, the daemon goes on by itself".into())
            }
            Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen | ErrorCode::ReadOnly) => Error::Full(
                "the database cannot be written; look at the disk and at the rights of the data folder"
                    .into(),
            ),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Error::Damaged(
                "the database is damaged; restore a backup with `maildesk restore FILE`".into(),
            ),
            // No SQL value in the text: it could be a customer's.
            _ => Error::Sql(format!(
                "the database refused a statement ({})",
                code.map_or("misuse".into(), |c| format!("{c:?}"))
            )),
        }
    }
}

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
        prepare_folder(dir)?;
        let _opening = hold(&dir.join("desk.opening"))?;
        let path = dir.join("desk.db");
        let key = Key::read_or_make(key_file, exists_with_content(&path))?;
        look_at_header(&path, &key)?;
        let new = !exists_with_content(&path);
        if new {
            let made = fs::OpenOptions::new().create(true).append(true).mode(0o600).open(&path);
            made.map_err(|e| Error::Full(format!("cannot make {}: {e}", path.display())))?;
        }
        modes_are_tight(&path)?;
        let mut writer = connect(&path, &key, 10_000)?;
        migrate(&mut writer)?;
        let master = key.master();
        Ok((Self::around(writer, Some((path, key)))?, master))
    }

    /// An empty desk in memory, for `explain` without configuration and for tests.
    pub fn in_memory() -> Result<Self> {
        let mut c = Connection::open_in_memory()?;
        migrate(&mut c)?;
        Self::around(c, None)
    }

    fn around(writer: Connection, place: Option<(PathBuf, Key)>) -> Result<Self> {
        let generation = AtomicU32::new(keys::newest(&writer)?);
        Ok(Self { writer: Mutex::new(writer), readers: Mutex::new(Vec::new()), place, generation })
    }

    /// The generation of derived keys that is in force in the transaction under way, and outside of one: that
    /// was in the last. Nobody can begin another one while somebody writes, so what is sealed in a
    /// transaction is sealed by its own.
    pub fn generation(&self) -> u32 {
        self.generation.load(Ordering::Acquire)
    }

    fn look_at_generation(&self, c: &Connection) -> Result<()> {
        self.generation.fetch_max(keys::newest(c)?, Ordering::AcqRel);
        Ok(())
    }

    /// One transaction. All of it or nothing: an error rolls back.
    pub fn write<T>(&self, work: impl FnOnce(&Tx<'_>) -> Result<T>) -> Result<T> {
        self.transact(work, true)
    }

    /// A transaction that is rolled back at its end, whatever it did (`explain --in-order`).
    pub fn pretend<T>(&self, work: impl FnOnce(&Tx<'_>) -> Result<T>) -> Result<T> {
        self.transact(work, false)
    }

    fn transact<T>(&self, work: impl FnOnce(&Tx<'_>) -> Result<T>, keep: bool) -> Result<T> {
        let c = self.writer();
        c.execute_batch("BEGIN IMMEDIATE")?;
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
            None => connect(path, key, 2_000)?,
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
        use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
        let steps = std::sync::Arc::new(AtomicU64::new(0));
        let counted = steps.clone();
        self.writer().progress_handler(10, Some(move || counted.fetch_add(1, Relaxed) == u64::MAX))?;
        let out = self.transact(work, false);
        self.writer().progress_handler(0, None::<fn() -> bool>)?;
        Ok((out?, steps.load(Relaxed)))
    }

    /// Gives back what the log takes, when the disk is full.
    pub fn make_room(&self) {
        let _ = self.writer().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    }

    fn writer(&self) -> MutexGuard<'_, Connection> {
        // A panic inside a transaction rolled it back (see `Undo`): the connection is sound.
        self.writer.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Merges search segments in small steps and empties the log; when idle.
    pub fn tidy(&self) -> Result<()> {
        let c = self.writer();
        for _ in 0..4 {
            let before = c.total_changes();
            c.execute("insert into words (words, rank) values ('merge', 50)", [])?;
            if c.total_changes() - before < 2 {
                break;
            }
        }
        let _: i64 = c.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |r| r.get(0))?;
        Ok(())
    }

    /// Where the file lies and its key, for backups.
    pub(crate) fn place(&self) -> Option<&(PathBuf, Key)> {
        self.place.as_ref()
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
        let out = out.unwrap_or_else(|_| Err(Error::Sql("the program failed on this mail (a bug)".into())));
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
        let mut insert =
            self.c.prepare_cached("insert into words (rowid, subject, text) values (?, ?, ?)")?;
        for (id, subject, text) in self.words.borrow_mut().drain(..) {
            insert.execute((id, subject, text))?;
        }
        Ok(())
    }
}

/// The folder, mode 0700; made where it is missing.
fn prepare_folder(dir: &Path) -> Result<()> {
    if !dir.exists() {
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(dir);
        made.map_err(|e| Error::Full(format!("cannot make the data folder {}: {e}", dir.display())))?;
    }
    if !dir.is_dir() {
        return Err(Error::Setup(format!("{} is a file; [data] dir must be a folder", dir.display())));
    }
    Ok(())
}

/// Takes a lock file for the life of the answer, waiting for others that open the desk just now.
fn hold(path: &Path) -> Result<fs::File> {
    let file = fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path);
    let file =
        file.map_err(|e| Error::Full(format!("cannot write into the data folder: {}: {e}", path.display())))?;
    file.lock().map_err(|e| Error::Busy(format!("cannot lock {}: {e}", path.display())))?;
    Ok(file)
}

fn exists_with_content(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|m| m.len() > 0)
}

/// T80: a plaintext file, or one under another key, is refused before anything is opened.
pub(crate) fn look_at_header(path: &Path, key: &Key) -> Result<()> {
    use std::io::Read;
    let Ok(mut file) = fs::File::open(path) else { return Ok(()) };
    let mut head = [0; 16];
    if file.read_exact(&mut head).is_err() {
        return match exists_with_content(path) {
            true => Err(Error::Damaged(format!(
                "{} is damaged: it is shorter than its own head; restore a backup",
                path.display()
            ))),
            false => Ok(()),
        };
    }
    if &head == b"SQLite format 3\0" {
        return Err(Error::Setup(format!(
            "{} is a plaintext database; maildesk keeps an encrypted one only. Move it away and restore a backup, or begin anew",
            path.display()
        )));
    }
    if head != key.salt() {
        return Err(Error::Setup(format!(
            "{} was made with another key; put the right key file in place ([data] key_file)",
            path.display()
        )));
    }
    Ok(())
}

fn modes_are_tight(path: &Path) -> Result<()> {
    let mode = fs::metadata(path).map_or(0, |m| m.permissions().mode());
    match mode & 0o077 {
        0 => Ok(()),
        _ => Err(Error::Setup(format!("{} can be read by others; chmod 600 {0}", path.display()))),
    }
}

/// A keyed connection. `cache` in KiB (CRATES: at most 24 MiB over all of them).
pub(crate) fn connect(path: &Path, key: &Key, cache: i64) -> Result<Connection> {
    let c = Connection::open(path)?;
    c.busy_timeout(std::time::Duration::from_secs(20))?;
    c.set_prepared_statement_cache_capacity(128);
    // The key comes first: any statement before it finds "no database". A wrong key would log to standard
    // error.
    c.execute_batch(&format!(
        "PRAGMA cipher_log_level = NONE; PRAGMA key = \"x'{}'\"; PRAGMA cipher_page_size = 16384",
        key.raw_hex().as_str()
    ))?;
    let cipher: Option<String> = c.query_row("PRAGMA cipher_version", [], |r| r.get(0)).optional()?;
    if cipher.is_none() {
        return Err(Error::Setup(
            "this program was built without encryption (SQLCipher); build it anew".into(),
        ));
    }
    c.query_row("select count(*) from sqlite_master", [], |r| r.get::<_, i64>(0))?;
    c.execute_batch(&format!(
        "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
         PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -{cache};
         PRAGMA wal_autocheckpoint = 1000; PRAGMA journal_size_limit = 67108864"
    ))?;
    Ok(c)
}

fn migrate(c: &mut Connection) -> Result<()> {
    let runner = embedded::migrations::runner();
    let newest = runner.get_migrations().iter().map(refinery::Migration::version).max().unwrap_or(0);
    let have: i64 =
        c.query_row("select max(version) from refinery_schema_history", [], |r| r.get(0)).unwrap_or(0);
    if have == i64::from(newest) {
        return Ok(());
    }
    if have > i64::from(newest) {
        return Err(Error::Setup("this database was made by a newer maildesk; update the program".into()));
    }
    crate::stop_at("in-migration");
    // Grouped: all migrations and their history rows in one transaction (refinery's default is not atomic).
    runner
        .set_grouped(true)
        .run(c)
        .map_err(|e| Error::Sql(format!("the database could not be brought up to date: {e}")))?;
    Ok(())
}
