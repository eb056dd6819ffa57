//! Backup and restore: encrypted under the desk's own key, without it, and verified by opening (T82).

use super::key::Key;
use super::open::{connect, look_at_header, migrate, prepare_folder};
use crate::store::error::{Error, Result};
use std::fs;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Writes a whole copy while the desk runs, then opens and checks it.
pub fn backup(path: &Path, key: &Key, to: &Path) -> Result<()> {
    if to.exists() {
        return Err(Error::Full(format!("{} exists already; name a new file", to.display())));
    }
    let part = to.with_extension("part");
    let cannot = |e: std::io::Error| Error::Full(format!("cannot write {}: {e}", to.display()));
    let _ = fs::remove_file(&part);
    fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(&part).map_err(cannot)?;
    let made = copy(path, &part, key).and_then(|()| verify(&part, key));
    if let Err(e) = made {
        let _ = fs::remove_file(&part);
        return Err(e);
    }
    fs::File::open(&part).and_then(|f| f.sync_all()).map_err(cannot)?;
    fs::rename(&part, to).map_err(cannot)
}

fn copy(from: &Path, to: &Path, key: &Key) -> Result<()> {
    let source = connect(from, key, 2_000)?;
    let mut target = rusqlite::Connection::open(to)?;
    target.execute_batch(&format!(
        "PRAGMA cipher_log_level = NONE; PRAGMA key = \"x'{}'\"; PRAGMA cipher_page_size = 16384",
        key.raw_hex().as_str()
    ))?;
    let backup = rusqlite::backup::Backup::new(&source, &mut target)?;
    backup.run_to_completion(500, std::time::Duration::ZERO, None)?;
    drop(backup);
    target.execute_batch("PRAGMA journal_mode = DELETE")?;
    Ok(())
}

/// Opens a copy with the key and checks every page and index.
pub fn verify(file: &Path, key: &Key) -> Result<()> {
    look_at_header(file, key)?;
    let broken = |what: &str| Error::Damaged(format!("{} is damaged: {what}", file.display()));
    let c = rusqlite::Connection::open_with_flags(file, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    c.execute_batch(&format!(
        "PRAGMA cipher_log_level = NONE; PRAGMA key = \"x'{}'\"; PRAGMA cipher_page_size = 16384",
        key.raw_hex().as_str()
    ))?;
    let faults = c
        .prepare("PRAGMA cipher_integrity_check")
        .and_then(|mut s| {
            s.query_map([], |r| r.get::<_, String>(0))?.collect::<std::result::Result<Vec<_>, _>>()
        })
        .map_err(|_| broken("it cannot be read"))?;
    if let Some(fault) = faults.first() {
        return Err(broken(fault));
    }
    let sound: String = c
        .query_row("PRAGMA integrity_check(1)", [], |r| r.get(0))
        .map_err(|_| broken("it cannot be read"))?;
    if sound != "ok" {
        return Err(broken(&sound));
    }
    Ok(())
}

/// Puts a verified backup into the place of the database; the caller holds the folder. `note` writes into it
/// that it was restored, before it stands there.
pub fn restore(
    file: &Path,
    dir: &Path,
    key_file: &Path,
    note: impl FnOnce(&rusqlite::Connection) -> Result<()>,
) -> Result<()> {
    prepare_folder(dir)?;
    let key = Key::read(key_file)?;
    verify(file, &key)?;
    let cannot = |e: std::io::Error| Error::Full(format!("cannot write into {}: {e}", dir.display()));
    let part = dir.join("desk.restoring");
    let _ = fs::remove_file(&part);
    let mut target =
        fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(&part).map_err(cannot)?;
    let mut source = fs::File::open(file).map_err(cannot)?;
    std::io::copy(&mut source, &mut target).and_then(|_| target.sync_all()).map_err(cannot)?;
    drop(target);
    let mut c = connect(&part, &key, 2_000)?;
    migrate(&mut c, refinery::Target::Latest)?;
    note(&c)?;
    c.execute_batch("PRAGMA journal_mode = DELETE")?;
    drop(c);
    fs::File::open(&part).and_then(|f| f.sync_all()).map_err(cannot)?;
    for old in ["desk.db-wal", "desk.db-shm"] {
        let _ = fs::remove_file(dir.join(old));
    }
    fs::rename(&part, dir.join("desk.db")).map_err(cannot)
}
