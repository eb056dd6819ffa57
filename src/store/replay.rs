//! Derived text made anew from kept mail: a cursor in the table `task`, moved in the transaction of each
//! batch.

use super::error::Result;
use super::message::{self, FileRow};
use super::sqlite::search;
use super::transaction::Tx;
use crate::desk::{Kind, Verified};
use crate::mail::{Attachment, Words};
use rusqlite::{Connection, OptionalExtension};

/// The name of this work in `task`.
const NAME: &str = "replay";

/// A message that a mail made, with what was derived from that mail.
pub struct Derived {
    pub message: i64,
    pub mail: i64,
    pub kind: Kind,
    pub verified: Verified,
    pub automatic: bool,
    pub subject: String,
    pub words: Words,
}

/// (messages done, messages in all) of a run that was begun and not finished.
pub fn begun(c: &Connection) -> Result<Option<(u32, u32)>> {
    let mut s = c.prepare_cached(
        "select (select count(*) from message where mail is not null and id <= t.cursor),
                (select count(*) from message where mail is not null and id <= t.last) from task t where t.name = ?",
    )?;
    Ok(s.query_row([NAME], |r| Ok((r.get(0)?, r.get(1)?))).optional()?)
}

/// Begins a run over every message that there is now, if none is under way.
pub fn begin(tx: &Tx<'_>) -> Result<()> {
    tx.c.execute(
        "insert or ignore into task (name, cursor, last) select ?, 0, coalesce(max(id), 0) from message",
        [NAME],
    )?;
    Ok(())
}

/// The next messages of the run; empty: there are none, and the run is over.
pub fn next(tx: &Tx<'_>, most: usize) -> Result<Vec<Derived>> {
    let mut s = tx.c.prepare_cached(
        "select m.id, m.mail, m.kind, m.verified, m.automatic, m.subject, m.text, m.quoted, m.signature
         from task t join message m on m.id > t.cursor and m.id <= t.last
         where t.name = ? and m.mail is not null order by m.id limit ?",
    )?;
    let rows = s.query_map((NAME, i64::try_from(most).unwrap_or(i64::MAX)), |r| {
        Ok(Derived {
            message: r.get(0)?,
            mail: r.get(1)?,
            kind: Kind::from_word(&r.get::<_, String>(2)?).unwrap_or(Kind::System),
            verified: Verified::from_word(&r.get::<_, String>(3)?),
            automatic: r.get(4)?,
            subject: r.get::<_, Option<String>>(5)?.unwrap_or_default(),
            words: Words { text: r.get(6)?, quoted: r.get(7)?, signature: r.get(8)? },
        })
    })?;
    let rows: Vec<Derived> = rows.collect::<std::result::Result<_, _>>()?;
    match rows.last() {
        Some(last) => {
            tx.c.prepare_cached("update task set cursor = ? where name = ?")?.execute((last.message, NAME))?
        }
        None => tx.c.execute("delete from task where name = ?", [NAME])?,
    };
    Ok(rows)
}

/// Puts new words into a message and into the search index.
pub fn set_words(tx: &Tx<'_>, row: &Derived, words: &Words) -> Result<()> {
    tx.c.prepare_cached("update message set text = ?, quoted = ?, signature = ? where id = ?")?.execute((
        &words.text,
        &words.quoted,
        &words.signature,
        row.message,
    ))?;
    search::remove(tx.c, row.message)?;
    tx.index(row.message, &row.subject, &words.text);
    Ok(())
}

/// Brings the rows of the files of a message in step. The nth keeps its number, so that links to it stay
/// right. Were they other?
pub fn set_files(tx: &Tx<'_>, message: i64, files: &[Attachment]) -> Result<bool> {
    let rows = message::files(tx.c, message)?;
    let size = |a: &Attachment| i64::try_from(a.size).unwrap_or(i64::MAX);
    let same = |(r, a): (&FileRow, &Attachment)| {
        (r.part, &r.filename, &r.media_type, r.size, &r.sha256[..])
            == (a.part, &a.filename, &a.media_type, size(a), &a.sha256[..])
    };
    if rows.len() == files.len() && rows.iter().zip(files).all(same) {
        return Ok(false);
    }
    for (at, a) in files.iter().enumerate() {
        tx.c.prepare_cached(
            "insert or replace into attachment (id, message, part, filename, media_type, size, sha256) values (?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute((rows.get(at).map(|r| r.id), message, a.part, &a.filename, &a.media_type, size(a), a.sha256.as_slice()))?;
    }
    for row in rows.iter().skip(files.len()) {
        tx.c.prepare_cached("delete from attachment where id = ?")?.execute([row.id])?;
    }
    Ok(true)
}
