//! The file of the desk: its folder, its modes, its key, its connections and its migrations.

use super::budget;
use super::key::Key;
use crate::store::crash_point::stop_at;
use crate::store::error::{Error, Result};
use refinery::Target;
use rusqlite::{Connection, OptionalExtension};
use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a connection waits for another one that writes.
pub const BUSY: Duration = Duration::from_secs(20);

/// Room that is kept for opening the database on a full disk: its shared memory and the head of its log.
const SPARE_BYTES: usize = 256 << 10;

mod embedded {
    refinery::embed_migrations!("migrations");
}

/// Opens or makes `desk.db` in `dir`: the writer, where the file lies, and its key. A key is made only where
/// there is no database yet.
pub fn file(dir: &Path, key_file: &Path) -> Result<(Connection, PathBuf, Key)> {
    prepare_folder(dir)?;
    let _opening = hold(&dir.join("desk.opening"))?;
    let path = dir.join("desk.db");
    let key = Key::read_or_make(key_file, exists_with_content(&path))?;
    look_at_header(&path, &key)?;
    if !exists_with_content(&path) {
        let made = fs::OpenOptions::new().create(true).append(true).mode(0o600).open(&path);
        made.map_err(|e| Error::Full(format!("cannot make {}: {e}", path.display())))?;
    }
    modes_are_tight(&path)?;
    let spare = dir.join("desk.spare");
    let mut writer = match connect(&path, &key, 10_000) {
        // On a full disk the room that was kept is just enough, so that pages and reading commands go on.
        Err(Error::Full(_)) if fs::remove_file(&spare).is_ok() => connect(&path, &key, 10_000)?,
        other => other?,
    };
    migrate(&mut writer, Target::Latest)?;
    keep_room(&spare);
    Ok((writer, path, key))
}

/// Where there is no room now, the next start tries again.
fn keep_room(spare: &Path) {
    let Ok(mut file) = fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(spare) else {
        return;
    };
    if file.write_all(&vec![b'.'; SPARE_BYTES]).and_then(|()| file.sync_all()).is_err() {
        let _ = fs::remove_file(spare);
    }
}

/// An empty database in memory.
pub fn in_memory() -> Result<Connection> {
    in_memory_of(Target::Latest)
}

/// An empty database in memory, as the program of some version makes it.
pub(in crate::store) fn in_memory_of(version: Target) -> Result<Connection> {
    let mut c = Connection::open_in_memory()?;
    budget::install(&mut c)?;
    migrate(&mut c, version)?;
    Ok(c)
}

/// Is there a database in this folder? Nothing is made.
pub fn is_there(dir: &Path) -> Result<bool> {
    match fs::metadata(dir.join("desk.db")) {
        Ok(found) => Ok(found.len() > 0),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(e) if e.kind() == std::io::ErrorKind::NotADirectory => Err(is_a_file(dir)),
        Err(e) => Err(Error::Full(format!("cannot look into the data folder {}: {e}", dir.display()))),
    }
}

fn is_a_file(dir: &Path) -> Error {
    Error::Setup(format!("{} is a file; [data] dir must be a folder", dir.display()))
}

/// The folder, mode 0700; made where it is missing.
pub fn prepare_folder(dir: &Path) -> Result<()> {
    if !dir.exists() {
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(dir);
        made.map_err(|e| Error::Full(format!("cannot make the data folder {}: {e}", dir.display())))?;
    }
    if !dir.is_dir() {
        return Err(is_a_file(dir));
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
pub fn look_at_header(path: &Path, key: &Key) -> Result<()> {
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
            "{} is a plaintext database; maildesk keeps an encrypted one only. \
             Move it away and restore a backup, or begin anew",
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
pub fn connect(path: &Path, key: &Key, cache: i64) -> Result<Connection> {
    let mut c = Connection::open(path)?;
    budget::install(&mut c)?;
    c.busy_timeout(BUSY)?;
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
        "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF;
         PRAGMA temp_store = MEMORY; PRAGMA cache_size = -{cache}; PRAGMA wal_autocheckpoint = 1000;
         PRAGMA journal_size_limit = 67108864"
    ))?;
    Ok(c)
}

/// Begins a transaction that writes. It waits for its turn here, and not at its first change, so that what it
/// reads before is still so when it writes.
pub fn begin_to_write(c: &Connection) -> Result<()> {
    Ok(c.execute_batch("BEGIN IMMEDIATE")?)
}

/// Brings a database up to date, or up to an older version.
pub(in crate::store) fn migrate(c: &mut Connection, version: Target) -> Result<()> {
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
    stop_at("in-migration");
    // Grouped: all migrations and their history rows in one transaction (refinery's default is not atomic).
    runner
        .set_grouped(true)
        .set_target(version)
        .run(c)
        .map_err(|e| Error::Sql(format!("the database could not be brought up to date: {e}")))?;
    Ok(())
}
