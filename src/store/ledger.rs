//! Which mail of which mailbox was taken in: (mailbox, UIDVALIDITY, UID) has exactly one outcome (RFC 9051
//! §2.3.1.1), and so has a file of a Maildir. And which mails ended the program (T34).

use super::error::Result;
use super::sql;
use super::transaction::Tx;
use crate::desk::model::Outcome;
use rusqlite::Connection;
use std::collections::HashMap;

/// What is remembered of an IMAP mailbox: (UIDVALIDITY, the next UID to ask for, when it was first connected
/// to, the first UID that was not there then).
pub type CursorRow = (u32, u32, i64, u32);

/// What is remembered of a mailbox; `None`: it was never connected to.
pub fn cursor(c: &Connection, mailbox: &str) -> Result<Option<CursorRow>> {
    let text = "select uid_validity, next_uid, first_connect_at, history_below
         from mailbox_cursor where mailbox = ?1";
    sql::first(c, text, [mailbox], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)))
}

/// Begins a mailbox, or begins it anew after a change of UIDVALIDITY.
pub fn set_cursor(tx: &Tx<'_>, mailbox: &str, row: CursorRow) -> Result<()> {
    let text = "insert into mailbox_cursor (mailbox, uid_validity, next_uid, base_uid, first_connect_at,
                history_below)
         values (?1, ?2, ?3, ?3, ?4, ?5)
         on conflict (mailbox) do update set uid_validity = excluded.uid_validity,
           next_uid = excluded.next_uid, base_uid = excluded.base_uid,
           first_connect_at = excluded.first_connect_at, history_below = excluded.history_below";
    sql::run(tx.c, text, (mailbox, row.0, row.1, row.2, row.3))?;
    Ok(())
}

/// One mail on an IMAP server (RFC 9051 §2.3.1.1).
#[derive(Debug, Clone, Copy)]
pub struct Uid<'a> {
    /// The mailbox, by its name in the configuration.
    pub mailbox: &'a str,
    /// UIDVALIDITY.
    pub validity: u32,
    /// UID.
    pub uid: u32,
}

/// Writes the outcome of one UID and moves the cursor past it. `outcome`: `None` for a mail that is left
/// outside, since it was there before. `settled`: nothing is to be flagged or moved on the server any more.
pub fn enter(
    tx: &Tx<'_>,
    at: Uid<'_>,
    mail: Option<i64>,
    outcome: Option<Outcome>,
    settled: bool,
) -> Result<()> {
    let text = "insert into ledger (mailbox, uid_validity, uid, mail, outcome, settled)
         values (?1, ?2, ?3, ?4, ?5, ?6)
         on conflict (mailbox, uid_validity, uid) do update set mail = excluded.mail,
           outcome = excluded.outcome, settled = excluded.settled";
    let word = outcome.map_or("before", Outcome::as_str);
    sql::run(tx.c, text, (at.mailbox, at.validity, at.uid, mail, word, settled))?;
    advance(tx, at.mailbox, at.validity, at.uid)
}

/// Moves the cursor past `through`; never back.
pub fn advance(tx: &Tx<'_>, mailbox: &str, validity: u32, through: u32) -> Result<()> {
    let text = "update mailbox_cursor set next_uid = ?1
         where mailbox = ?2 and uid_validity = ?3 and next_uid < ?1";
    sql::run(tx.c, text, (through.saturating_add(1), mailbox, validity))?;
    Ok(())
}

/// UIDs that have an outcome and were not yet flagged or moved on the server (T86).
pub fn unsettled(c: &Connection, mailbox: &str, validity: u32) -> Result<Vec<u32>> {
    // Settled or not is compared here, and not only asked: so SQLite takes the index `ledger_open`.
    let text = "select uid from ledger where mailbox = ?1 and uid_validity = ?2 and settled = false
         order by uid";
    sql::all(c, text, (mailbox, validity), |r| r.get(0))
}

/// These UIDs were flagged or moved.
pub fn settle(tx: &Tx<'_>, mailbox: &str, validity: u32, uids: &[u32]) -> Result<()> {
    for uid in uids {
        let text = "update ledger set settled = true where mailbox = ?1 and uid_validity = ?2 and uid = ?3";
        sql::run(tx.c, text, (mailbox, validity, uid))?;
    }
    Ok(())
}

/// (UIDVALIDITY, first UID that counts); `None`: it was never connected to.
pub fn base(c: &Connection, mailbox: &str) -> Result<Option<(u32, u32)>> {
    let text = "select uid_validity, base_uid from mailbox_cursor where mailbox = ?1";
    sql::first(c, text, [mailbox], |r| Ok((r.get(0)?, r.get(1)?)))
}

/// Those of `uids` that have no outcome.
pub fn missing(c: &Connection, mailbox: &str, validity: u32, uids: &[u32]) -> Result<Vec<u32>> {
    let mut out = Vec::new();
    for uid in uids {
        let text = "select 1 from ledger where mailbox = ?1 and uid_validity = ?2 and uid = ?3";
        if !sql::exists(c, text, (mailbox, validity, uid))? {
            out.push(*uid);
        }
    }
    Ok(out)
}

/// For each name of a file: does it have an outcome?
pub fn maildir_known(c: &Connection, mailbox: &str, names: &[String]) -> Result<Vec<bool>> {
    let text = "select 1 from maildir_ledger where mailbox = ?1 and name = ?2";
    names.iter().map(|n| sql::exists(c, text, (mailbox, n))).collect()
}

/// Writes the outcome of a file of a Maildir, by its unique name without flags.
pub fn enter_maildir(
    tx: &Tx<'_>,
    mailbox: &str,
    name: &str,
    mail: Option<i64>,
    outcome: Outcome,
) -> Result<()> {
    let text = "insert into maildir_ledger (mailbox, name, mail, outcome) values (?1, ?2, ?3, ?4)
         on conflict (mailbox, name) do update set mail = excluded.mail, outcome = excluded.outcome";
    sql::run(tx.c, text, (mailbox, name, mail, outcome.as_str()))?;
    Ok(())
}

/// Counts an attempt at a mail that ended the program (T34); how many there are now. `mail`: a hash of its
/// place.
pub fn attempt(tx: &Tx<'_>, mail: &str) -> Result<u32> {
    let text = "insert into attempt (mail, times) values (?1, 1)
         on conflict (mail) do update set times = attempt.times + 1 returning times";
    sql::one(tx.c, text, [mail], |r| r.get(0))
}

/// How often each mail ended the program.
pub fn attempts(c: &Connection) -> Result<HashMap<String, u32>> {
    let rows = sql::all(c, "select mail, times from attempt", [], |r| Ok((r.get(0)?, r.get(1)?)))?;
    Ok(rows.into_iter().collect())
}
