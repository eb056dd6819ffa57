//! Derived text made anew from kept mail: a cursor in the table `task`, moved in the transaction of each
//! batch.

use super::error::Result;
use super::message::kind;
use super::search;
use super::sql;
use super::transaction::Tx;
use crate::desk::model::{Kind, Verified};
use crate::mail::Words;
use rusqlite::Connection;

/// The name of this work in `task`.
const NAME: &str = "replay";

/// A message that a mail made, with what was derived from that mail.
pub struct Derived {
    /// The message.
    pub message: i64,
    /// The mail that made it.
    pub mail: i64,
    /// Who says it.
    pub kind: Kind,
    /// How its sender was proven.
    pub verified: Verified,
    /// A machine wrote it.
    pub automatic: bool,
    /// The subject of the mail; empty where it had none.
    pub subject: String,
    /// What was derived until now.
    pub words: Words,
}

/// (messages done, messages in all) of a run that was begun and not finished.
pub fn begun(c: &Connection) -> Result<Option<(u32, u32)>> {
    let text = "select (select count(*) from message where mail is not null and id <= t.cursor),
                (select count(*) from message where mail is not null and id <= t.last)
         from task t where t.name = ?1";
    sql::first(c, text, [NAME], |r| Ok((r.get(0)?, r.get(1)?)))
}

/// Begins a run over every message that there is now, if none is under way.
pub fn begin(tx: &Tx<'_>) -> Result<()> {
    let text = "insert into task (name, cursor, last)
         values (?1, 0, (select coalesce(max(id), 0) from message)) on conflict do nothing";
    sql::run(tx.c, text, [NAME])?;
    Ok(())
}

/// The next messages of the run, at most so many; empty: there are none, and the run is over.
pub fn next(tx: &Tx<'_>, most: usize) -> Result<Vec<Derived>> {
    let text =
        "select m.id, m.mail, m.kind, m.verified, m.automatic, m.subject, m.text, m.quoted, m.signature
         from task t join message m on m.id > t.cursor and m.id <= t.last
         where t.name = ?1 and m.mail is not null order by m.id limit ?2";
    let rows = sql::all(tx.c, text, (NAME, sql::count(most)), |r| {
        Ok(Derived {
            message: r.get(0)?,
            mail: r.get(1)?,
            kind: kind(&r.get::<_, String>(2)?),
            verified: Verified::from_word(&r.get::<_, String>(3)?),
            automatic: r.get(4)?,
            subject: r.get::<_, Option<String>>(5)?.unwrap_or_default(),
            words: Words { text: r.get(6)?, quoted: r.get(7)?, signature: r.get(8)? },
        })
    })?;
    match rows.last() {
        Some(last) => sql::run(tx.c, "update task set cursor = ?1 where name = ?2", (last.message, NAME))?,
        None => sql::run(tx.c, "delete from task where name = ?1", [NAME])?,
    };
    Ok(rows)
}

/// Puts new words into a message and into the search index.
pub fn set_words(tx: &Tx<'_>, row: &Derived, words: &Words) -> Result<()> {
    let text = "update message set text = ?1, quoted = ?2, signature = ?3 where id = ?4";
    sql::run(tx.c, text, (&words.text, &words.quoted, &words.signature, row.message))?;
    search::remove(tx.c, row.message)?;
    tx.index(row.message, &row.subject, &words.text);
    Ok(())
}
