//! Which files of a Maildir were taken in: (mailbox, name, content) has exactly one outcome.

use super::error::Result;
use super::sql;
use super::transaction::Tx;
use crate::desk::model::Outcome;
use rusqlite::Connection;

/// The row that says that a folder was looked at; no file can have this name.
const FOLDER: &str = "/";
/// It was there before the desk, and is left as it is.
pub const BEFORE: &str = "before";
/// It was there before the desk, and is to be taken in without a letter.
pub const HISTORY: &str = "history";

/// What is known under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRow {
    /// SHA-256 of size and bytes; empty: the file was not read.
    pub content: Vec<u8>,
    /// In octets; `None`: not noted.
    pub size: Option<i64>,
    /// In nanoseconds since 1970; `None`: not noted.
    pub modified_at: Option<i64>,
    /// [`BEFORE`], [`HISTORY`], or the outcome of the mail.
    pub outcome: String,
}

/// A file that was read.
#[derive(Debug, Clone, Copy)]
pub struct File<'a> {
    /// The Maildir, by its name in the configuration.
    pub mailbox: &'a str,
    /// Exact, without flags.
    pub name: &'a str,
    /// SHA-256 of size and bytes; empty: it was not read.
    pub content: &'a [u8],
    /// Octets, and nanoseconds since 1970; `None`: it was not read.
    pub said: Option<(i64, i64)>,
}

/// Was this Maildir looked at before, and everything noted that was there then?
pub fn is_begun(c: &Connection, mailbox: &str) -> Result<bool> {
    sql::exists(c, "select 1 from maildir_file where mailbox = ?1 and name = ?2", (mailbox, FOLDER))
}

/// Begins a Maildir at the first look. `before`: (name, octets, nanoseconds) of what is there. `outcome`:
/// what becomes of that, [`BEFORE`] or [`HISTORY`].
pub fn begin(tx: &Tx<'_>, mailbox: &str, before: &[(&str, i64, i64)], outcome: &str) -> Result<()> {
    let text = "insert into maildir_file (mailbox, name, content, size, modified_at, outcome)
         values (?1, ?2, x'', ?3, ?4, ?5) on conflict do nothing";
    sql::run(tx.c, text, (mailbox, FOLDER, None::<i64>, None::<i64>, BEFORE))?;
    for (name, size, modified_at) in before {
        sql::run(tx.c, text, (mailbox, name, size, modified_at, outcome))?;
    }
    Ok(())
}

/// What is known under this name.
pub fn rows(c: &Connection, mailbox: &str, name: &str) -> Result<Vec<FileRow>> {
    let text =
        "select content, size, modified_at, outcome from maildir_file where mailbox = ?1 and name = ?2";
    sql::all(c, text, (mailbox, name), |r| {
        Ok(FileRow { content: r.get(0)?, size: r.get(1)?, modified_at: r.get(2)?, outcome: r.get(3)? })
    })
}

/// Writes the outcome of a file. One that has an outcome keeps it.
pub fn enter(tx: &Tx<'_>, file: File<'_>, mail: Option<i64>, outcome: Outcome) -> Result<()> {
    let waits =
        "delete from maildir_file where mailbox = ?1 and name = ?2 and content = x'' and outcome = ?3";
    sql::run(tx.c, waits, (file.mailbox, file.name, HISTORY))?;
    let text = "insert into maildir_file (mailbox, name, content, size, modified_at, mail, outcome)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         on conflict (mailbox, name, content) do update set size = excluded.size,
           modified_at = excluded.modified_at";
    let (size, modified_at) = file.said.unzip();
    let values = (file.mailbox, file.name, file.content, size, modified_at, mail, outcome.as_str());
    sql::run(tx.c, text, values)?;
    Ok(())
}

/// A file that has its outcome was written anew with the same content.
pub fn renew(tx: &Tx<'_>, file: File<'_>) -> Result<()> {
    let text = "update maildir_file set size = ?4, modified_at = ?5
         where mailbox = ?1 and name = ?2 and content = ?3";
    let (size, modified_at) = file.said.unzip();
    sql::run(tx.c, text, (file.mailbox, file.name, file.content, size, modified_at))?;
    Ok(())
}

/// A file that has its outcome gets another name.
pub fn rename(tx: &Tx<'_>, file: File<'_>, to: &str) -> Result<()> {
    let text = "insert into maildir_file (mailbox, name, content, size, modified_at, mail, outcome)
         select mailbox, ?5, content, size, modified_at, mail, outcome from maildir_file
         where mailbox = ?1 and name = ?2 and size = ?3 and modified_at = ?4
         on conflict (mailbox, name, content) do nothing";
    let (size, modified_at) = file.said.unzip();
    sql::run(tx.c, text, (file.mailbox, file.name, size, modified_at, to))?;
    Ok(())
}
