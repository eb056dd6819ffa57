//! Backup and restore: encrypted under the desk's own key, without it, and verified by opening (T82).

use super::key::Key;
use super::open::{connect, look_at_header, migrate, prepare_folder};
use crate::store::error::{Error, Result};
use rusqlite::backup::{Backup, StepResult};
use std::fs;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Pages that are copied at once.
const PAGES: i32 = 500;

/// Writes a whole copy while the desk runs, then opens and checks it. It is of the moment at which it begins,
/// and finishes however much comes in meanwhile.
pub fn backup(path: &Path, key: &Key, to: &Path) -> Result<()> {
    let taken = || Error::Full(format!("{} exists already; name a new file", to.display()));
    if to.exists() {
        return Err(taken());
    }
    let cannot = |e: std::io::Error| Error::Full(format!("cannot write {}: {e}", to.display()));
    let part = part_of(to)?;
    // A name that nobody else has: a file that is there already is never removed.
    fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(&part).map_err(cannot)?;
    let made = copy(path, &part, key).and_then(|()| verify(&part, key)).and_then(|()| {
        fs::File::open(&part).and_then(|f| f.sync_all()).map_err(cannot)?;
        if to.exists() { Err(taken()) } else { fs::rename(&part, to).map_err(cannot) }
    });
    if made.is_err() {
        let _ = fs::remove_file(&part);
    }
    made
}

/// Where a backup is written until it is whole: beside its place, under a name that is drawn.
fn part_of(to: &Path) -> Result<PathBuf> {
    let mut drawn = [0; 8];
    getrandom::fill(&mut drawn).map_err(|e| Error::Sql(format!("no random numbers from the system: {e}")))?;
    let mut name = to.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", data_encoding::HEXLOWER.encode(&drawn)));
    Ok(to.with_file_name(name))
}

fn copy(from: &Path, to: &Path, key: &Key) -> Result<()> {
    let source = connect(from, key, 2_000)?;
    let mut target = rusqlite::Connection::open(to)?;
    target.execute_batch(&format!(
        "PRAGMA cipher_log_level = NONE; PRAGMA key = \"x'{}'\"; PRAGMA cipher_page_size = 16384",
        key.raw_hex().as_str()
    ))?;
    // A transaction that reads keeps the moment. Without it every commit of somebody else begins the copy
    // anew, and beside a busy intake it never ends.
    source.execute_batch("BEGIN")?;
    source.query_row("select count(*) from sqlite_master", [], |r| r.get::<_, i64>(0))?;
    let backup = Backup::new(&source, &mut target)?;
    while backup.step(PAGES)? != StepResult::Done {}
    drop(backup);
    source.execute_batch("ROLLBACK")?;
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
    // What a restore left behind that was cut off would be replayed into this one.
    for left in ["desk.restoring", "desk.restoring-wal", "desk.restoring-shm", "desk.restoring-journal"] {
        let _ = fs::remove_file(dir.join(left));
    }
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

#[cfg(test)]
mod tests {
    use crate::store::transaction::Store;

    /// Somebody writes between all steps of a backup; it is whole, of its moment, and nobody's file is gone.
    #[test]
    fn a_backup_finishes_beside_writers_and_removes_nobodys_part() {
        let dir = tempfile::tempdir().expect("a folder");
        let (store, _) = Store::open(&dir.path().join("data"), &dir.path().join("key")).expect("a store");
        let add = |n: i64| {
            let row = format!(
                "insert into person (address, name, created_at)
                 values ('a{n}@b.example', hex(randomblob(9000)), 0)"
            );
            store.write(|tx| Ok(tx.conn().execute_batch(&row)?)).expect("a row");
        };
        (0..1_500).for_each(add);
        let (to, other) = (dir.path().join("desk.bak"), dir.path().join("desk.part"));
        std::fs::write(&other, "somebody else's").expect("a file");
        let written = std::sync::atomic::AtomicI64::new(0);
        std::thread::scope(|s| {
            let backup = s.spawn(|| store.backup(&to));
            for n in 2_000.. {
                if backup.is_finished() {
                    break;
                }
                add(n);
                written.store(n, std::sync::atomic::Ordering::Relaxed);
            }
            backup.join().expect("no panic").expect("a backup");
        });
        assert!(written.into_inner() > 0, "somebody wrote meanwhile");
        assert_eq!(std::fs::read_to_string(&other).expect("still there"), "somebody else's");
        let left: Vec<_> = std::fs::read_dir(dir.path()).expect("a folder").flatten().collect();
        assert_eq!(left.len(), 4, "data, key, the backup and that file: {left:?}");
        assert!(store.backup(&to).is_err(), "a file that is there is not written over");
    }

    /// What a restore left behind that was cut off has no part in the next one.
    #[test]
    fn a_restore_that_was_cut_off_leaves_nothing_to_the_next() {
        let dir = tempfile::tempdir().expect("a folder");
        let (data, key) = (dir.path().join("data"), dir.path().join("key"));
        let (store, _) = Store::open(&data, &key).expect("a store");
        let to = dir.path().join("desk.bak");
        store.backup(&to).expect("a backup");
        drop(store);
        for left in ["desk.restoring", "desk.restoring-wal", "desk.restoring-shm", "desk.restoring-journal"] {
            std::fs::write(data.join(left), "left behind").expect("a file");
        }
        super::restore(&to, &data, &key, |_| Ok(())).expect("restored");
        let left: Vec<_> = std::fs::read_dir(&data).expect("the folder").flatten().collect();
        assert!(left.iter().all(|f| !f.file_name().to_string_lossy().contains("restoring")), "{left:?}");
        Store::open(&data, &key).expect("a sound store");
    }
}
