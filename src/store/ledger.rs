//! Which mail of which mailbox was taken in: (mailbox, UIDVALIDITY, UID) has exactly one outcome (RFC 9051
//! §2.3.1.1).

use super::error::Result;
use super::transaction::Tx;
use rusqlite::{Connection, OptionalExtension};
use std::collections::HashMap;

/// (uid_validity, next_uid, first_connect_at, history_below)
pub type CursorRow = (u32, u32, i64, u32);

pub fn cursor(c: &Connection, mailbox: &str) -> Result<Option<CursorRow>> {
    let mut s =
        c.prepare_cached("select uid_validity, next_uid, first_connect_at, history_below from mailbox_cursor where mailbox = ?")?;
    Ok(s.query_row([mailbox], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?))).optional()?)
}

pub fn set_cursor(tx: &Tx<'_>, mailbox: &str, row: CursorRow) -> Result<()> {
    tx.c.execute(
        "insert or replace into mailbox_cursor (mailbox, uid_validity, next_uid, base_uid, first_connect_at, history_below)
         values (?1, ?2, ?3, ?3, ?4, ?5)",
        (mailbox, row.0, row.1, row.2, row.3),
    )?;
    Ok(())
}

/// Writes the outcome of one UID and moves the cursor past it.
pub fn enter(
    tx: &Tx<'_>,
    mailbox: &str,
    validity: u32,
    uid: u32,
    mail: Option<i64>,
    outcome: &str,
    settled: bool,
) -> Result<()> {
    tx.c.prepare_cached(
        "insert or replace into ledger (mailbox, uid_validity, uid, mail, outcome, settled) values (?, ?, ?, ?, ?, ?)",
    )?
    .execute((mailbox, validity, uid, mail, outcome, settled))?;
    advance(tx, mailbox, validity, uid)
}

/// Moves the cursor past `through`; never back.
pub fn advance(tx: &Tx<'_>, mailbox: &str, validity: u32, through: u32) -> Result<()> {
    tx.c.prepare_cached(
        "update mailbox_cursor set next_uid = max(next_uid, ?1) where mailbox = ?2 and uid_validity = ?3",
    )?
    .execute((through.saturating_add(1), mailbox, validity))?;
    Ok(())
}

pub fn unsettled(c: &Connection, mailbox: &str, validity: u32) -> Result<Vec<u32>> {
    let mut s = c.prepare_cached(
        "select uid from ledger where mailbox = ? and uid_validity = ? and settled = 0 order by uid",
    )?;
    Ok(s.query_map((mailbox, validity), |r| r.get(0))?.collect::<std::result::Result<_, _>>()?)
}

pub fn settle(tx: &Tx<'_>, mailbox: &str, validity: u32, uids: &[u32]) -> Result<()> {
    let mut s = tx
        .c
        .prepare_cached("update ledger set settled = 1 where mailbox = ? and uid_validity = ? and uid = ?")?;
    for uid in uids {
        s.execute((mailbox, validity, uid))?;
    }
    Ok(())
}

/// (uid_validity, first UID that counts)
pub fn base(c: &Connection, mailbox: &str) -> Result<Option<(u32, u32)>> {
    let mut s = c.prepare_cached("select uid_validity, base_uid from mailbox_cursor where mailbox = ?")?;
    Ok(s.query_row([mailbox], |r| Ok((r.get(0)?, r.get(1)?))).optional()?)
}

/// Those of `uids` that have no outcome.
pub fn missing(c: &Connection, mailbox: &str, validity: u32, uids: &[u32]) -> Result<Vec<u32>> {
    let mut s =
        c.prepare_cached("select 1 from ledger where mailbox = ? and uid_validity = ? and uid = ?")?;
    let mut out = Vec::new();
    for uid in uids {
        if !s.exists((mailbox, validity, uid))? {
            out.push(*uid);
        }
    }
    Ok(out)
}

/// Counts an attempt at a mail that ended the program (T34); how many there are now.
pub fn attempt(tx: &Tx<'_>, mail: &str) -> Result<u32> {
    let sql = "insert into attempt (mail, times) values (?, 1) on conflict do update set times = times + 1 returning times";
    Ok(tx.c.query_row(sql, [mail], |r| r.get(0))?)
}

pub fn attempts(c: &Connection) -> Result<HashMap<String, u32>> {
    let mut s = c.prepare_cached("select mail, times from attempt")?;
    Ok(s.query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?.collect::<std::result::Result<_, _>>()?)
}

pub fn maildir_known(c: &Connection, mailbox: &str, names: &[String]) -> Result<Vec<bool>> {
    let mut s = c.prepare_cached("select 1 from maildir_ledger where mailbox = ? and name = ?")?;
    names.iter().map(|n| Ok(s.exists((mailbox, n))?)).collect()
}

pub fn enter_maildir(tx: &Tx<'_>, mailbox: &str, name: &str, mail: Option<i64>, outcome: &str) -> Result<()> {
    tx.c.prepare_cached(
        "insert or replace into maildir_ledger (mailbox, name, mail, outcome) values (?, ?, ?, ?)",
    )?
    .execute((mailbox, name, mail, outcome))?;
    Ok(())
}
