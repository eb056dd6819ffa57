//! A copy of the desk in which a dry run writes, so that nobody waits for it (T121).

use super::budget;
use super::key::Key;
use super::open::migrate;
use crate::store::error::{Error, Result};
use refinery::Target;
use rusqlite::Connection;
use std::fs;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Raw mails and letters that left are what makes a desk large, and no decision reads them. The search has an
/// index of its own, and is outside of transactions.
const LEFT_OUT: &str = "name not in ('kept', 'letter_bytes', 'counter') and name not like 'words%'
     and name not like 'sqlite_%' and name not like 'refinery_%'";

/// A copy of the desk in `path`, as it is at this moment, under the same key. Its file has no name any more,
/// so nothing of it is left behind, however the program ends.
pub fn copy_of(path: &Path, key: &Key) -> Result<Connection> {
    let mut drawn = [0; 8];
    getrandom::fill(&mut drawn).map_err(|e| Error::Sql(format!("no random numbers from the system: {e}")))?;
    let file = path.with_file_name(format!("desk.scratch.{}", data_encoding::HEXLOWER.encode(&drawn)));
    let cannot = |e: std::io::Error| Error::Full(format!("cannot write {}: {e}", file.display()));
    fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(&file).map_err(cannot)?;
    let made = opened(&file, key);
    fs::remove_file(&file).map_err(cannot)?;
    let mut c = made?;
    migrate(&mut c, Target::Latest)?;
    let (place, key) = (path.to_string_lossy(), format!("x'{}'", key.raw_hex().as_str()));
    c.execute("attach database ?1 as desk key ?2", (place.as_ref(), zeroize::Zeroizing::new(key).as_str()))?;
    let begun = c.unchecked_transaction()?;
    for table in tables(&begun)? {
        begun.execute_batch(&format!(
            "delete from main.\"{table}\"; insert into main.\"{table}\" select * from desk.\"{table}\""
        ))?;
    }
    // Held mail may be let go; and what was copied is counted already.
    begun.execute_batch(
        "insert into main.kept select k.mail, k.packed from desk.kept k
           where k.mail in (select mail from desk.held where ended_at is null);
         delete from main.counter; insert into main.counter select * from desk.counter",
    )?;
    begun.commit()?;
    c.execute_batch("detach database desk")?;
    Ok(c)
}

/// The key is set and the file is begun before it loses its name.
fn opened(file: &Path, key: &Key) -> Result<Connection> {
    let mut c = Connection::open(file)?;
    budget::install(&mut c)?;
    c.execute_batch(&format!(
        "PRAGMA cipher_log_level = NONE; PRAGMA cipher_default_page_size = 16384;
         PRAGMA key = \"x'{}'\"; PRAGMA cipher_page_size = 16384; PRAGMA journal_mode = MEMORY;
         PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; PRAGMA temp_store = MEMORY;
         create table first (x integer); drop table first",
        key.raw_hex().as_str()
    ))?;
    Ok(c)
}

fn tables(c: &Connection) -> Result<Vec<String>> {
    let text =
        format!("select name from desk.sqlite_master where type = 'table' and {LEFT_OUT} order by name");
    let mut statement = c.prepare(&text)?;
    let names = statement.query_map([], |r| r.get(0))?;
    Ok(names.collect::<rusqlite::Result<_>>()?)
}

#[cfg(test)]
mod tests {
    use crate::store::sql;
    use crate::store::transaction::Store;

    /// A dry run writes into its own copy: somebody else writes meanwhile, and nothing of either is lost.
    #[test]
    fn t121_a_dry_run_holds_no_write_lock() {
        let dir = tempfile::tempdir().expect("a folder");
        let open = || Store::open(&dir.path().join("data"), &dir.path().join("key")).expect("a store").0;
        let (store, other) = (open(), open());
        let person = |n: i64| {
            format!("insert into person (address, name, created_at) values ('a{n}@b.example', '', 0)")
        };
        let add = |store: &Store, n| {
            store.write(|tx| Ok(tx.conn().execute_batch(&person(n))?)).expect("nobody waits");
        };
        add(&store, 1);
        let names = |c: &rusqlite::Connection| {
            sql::all(c, "select address from person order by id", [], |r| r.get::<_, String>(0))
        };
        let seen = store.pretend(|tx| {
            tx.conn().execute_batch(&person(2))?;
            add(&other, 3);
            names(tx.conn())
        });
        assert_eq!(seen.expect("a dry run"), ["a1@b.example", "a2@b.example"]);
        assert_eq!(store.read(names).expect("persons"), ["a1@b.example", "a3@b.example"]);
        let files = std::fs::read_dir(dir.path().join("data")).expect("a folder").flatten();
        assert!(files.into_iter().all(|f| !f.file_name().to_string_lossy().contains("scratch")));
    }
}
