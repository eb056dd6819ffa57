//! Which mail of which mailbox was taken in: (mailbox, UIDVALIDITY, UID) has exactly one outcome (RFC 9051
//! §2.3.1.1). And which mails ended the program (T34).

use super::error::Result;
use super::sql;
use super::transaction::Tx;
use crate::desk::model::Outcome;
use rusqlite::Connection;
use std::collections::HashMap;

/// What is remembered of an IMAP mailbox: (UIDVALIDITY, the next UID to ask for, when it was first connected
/// to, the first UID that was not there then; below 0: not when UIDVALIDITY changed, or UIDs went back; 0:
/// the same, and nobody noted which).
pub type CursorRow = (i64, u32, i64, i64);

/// What is remembered of a mailbox; `None`: it was never connected to.
pub fn cursor(c: &Connection, mailbox: &str) -> Result<Option<CursorRow>> {
    let text = "select uid_validity, next_uid, first_connect_at, history_below
         from mailbox_cursor where mailbox = ?1";
    sql::first(c, text, [mailbox], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)))
}

/// Begins a mailbox, or begins it anew after a change of UIDVALIDITY. What is awaited is awaited under the
/// new one: it is asked for anew, and what is held for it is held once.
pub fn set_cursor(tx: &Tx<'_>, mailbox: &str, row: CursorRow) -> Result<()> {
    let text = "insert into mailbox_cursor (mailbox, uid_validity, next_uid, base_uid, first_connect_at,
                history_below)
         values (?1, ?2, ?3, ?3, ?4, ?5)
         on conflict (mailbox) do update set uid_validity = excluded.uid_validity,
           next_uid = excluded.next_uid, base_uid = excluded.base_uid,
           first_connect_at = excluded.first_connect_at, history_below = excluded.history_below";
    sql::run(tx.c, text, (mailbox, row.0, row.1, row.2, row.3))?;
    let text = "insert into awaited (mailbox, uid_validity, uid, tries, next_at, mail)
         select mailbox, ?2, uid, 0, 0, mail from awaited where mailbox = ?1 and uid_validity <> ?2
         on conflict (mailbox, uid_validity, uid) do nothing";
    sql::run(tx.c, text, (mailbox, row.0))?;
    sql::run(tx.c, "delete from awaited where mailbox = ?1 and uid_validity <> ?2", (mailbox, row.0))?;
    Ok(())
}

/// One mail on an IMAP server (RFC 9051 §2.3.1.1).
#[derive(Debug, Clone, Copy)]
pub struct Uid<'a> {
    /// The mailbox, by its name in the configuration.
    pub mailbox: &'a str,
    /// UIDVALIDITY.
    pub validity: i64,
    /// UID.
    pub uid: u32,
}

/// What the server says of a mail beside its UID: (octets, INTERNALDATE in seconds since 1970). `None`: it
/// does not say.
pub type Said = (Option<i64>, Option<i64>);

/// Writes the outcome of one UID and moves the cursor past it. `outcome`: `None` for a mail that is left
/// outside, since it was there before. `settled`: nothing is to be flagged or moved on the server any more.
pub fn enter(
    tx: &Tx<'_>,
    at: Uid<'_>,
    said: Said,
    mail: Option<i64>,
    outcome: Option<Outcome>,
    settled: bool,
) -> Result<()> {
    put(tx, at, said, mail, outcome, settled)?;
    advance(tx, at.mailbox, at.validity, at.uid)
}

/// The same; the cursor stays.
pub fn put(
    tx: &Tx<'_>,
    at: Uid<'_>,
    said: Said,
    mail: Option<i64>,
    outcome: Option<Outcome>,
    settled: bool,
) -> Result<()> {
    let text = "insert into ledger (mailbox, uid_validity, uid, mail, outcome, settled, size, dated)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         on conflict (mailbox, uid_validity, uid) do update set mail = excluded.mail,
           outcome = excluded.outcome, settled = excluded.settled, size = excluded.size,
           dated = excluded.dated";
    let word = outcome.map_or("before", Outcome::as_str);
    sql::run(tx.c, text, (at.mailbox, at.validity, at.uid, mail, word, settled, said.0, said.1))?;
    Ok(())
}

/// Forgets the outcome of one UID.
pub fn forget(tx: &Tx<'_>, at: Uid<'_>) -> Result<()> {
    let text = "delete from ledger where mailbox = ?1 and uid_validity = ?2 and uid = ?3";
    sql::run(tx.c, text, (at.mailbox, at.validity, at.uid))?;
    Ok(())
}

/// What the server said of a UID that has an outcome; `None`: it has none.
pub fn said(c: &Connection, at: Uid<'_>) -> Result<Option<Said>> {
    let text = "select size, dated from ledger where mailbox = ?1 and uid_validity = ?2 and uid = ?3";
    sql::first(c, text, (at.mailbox, at.validity, at.uid), |r| Ok((r.get(0)?, r.get(1)?)))
}

/// Writes what the server says of a UID that has an outcome.
pub fn note_said(tx: &Tx<'_>, at: Uid<'_>, said: Said) -> Result<()> {
    let text = "update ledger set size = ?4, dated = ?5
         where mailbox = ?1 and uid_validity = ?2 and uid = ?3";
    sql::run(tx.c, text, (at.mailbox, at.validity, at.uid, said.0, said.1))?;
    Ok(())
}

/// Forgets the outcomes of this UID and of all above it, and looks for mail from there on: other mails have
/// these numbers now (T109). What is awaited is asked for anew.
pub fn rewind(tx: &Tx<'_>, from: Uid<'_>, below: i64) -> Result<()> {
    let place = (from.mailbox, from.validity, from.uid);
    let text = "delete from ledger where mailbox = ?1 and uid_validity = ?2 and uid >= ?3";
    sql::run(tx.c, text, place)?;
    let text = "update awaited set tries = 0, next_at = 0
         where mailbox = ?1 and uid_validity = ?2 and uid >= ?3";
    sql::run(tx.c, text, place)?;
    let text = "update mailbox_cursor set next_uid = ?3, history_below = ?4,
           base_uid = case when base_uid > ?3 then ?3 else base_uid end
         where mailbox = ?1 and uid_validity = ?2";
    sql::run(tx.c, text, (place.0, place.1, place.2, below))?;
    Ok(())
}

/// A mail that the server did not hand out so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AwaitedRow {
    /// UID.
    pub uid: u32,
    /// How often it was asked for alone.
    pub tries: u32,
    /// When it is asked for again; seconds since 1970.
    pub next_at: i64,
    /// It is held under this number; `None`: not yet.
    pub mail: Option<i64>,
}

/// All that is awaited from a mailbox; those that failed least come first.
pub fn awaited(c: &Connection, mailbox: &str, validity: i64) -> Result<Vec<AwaitedRow>> {
    let text = "select uid, tries, next_at, mail from awaited where mailbox = ?1 and uid_validity = ?2
         order by tries, uid";
    sql::all(c, text, (mailbox, validity), |r| {
        Ok(AwaitedRow { uid: r.get(0)?, tries: r.get(1)?, next_at: r.get(2)?, mail: r.get(3)? })
    })
}

/// Notes that a mail is awaited; one that is awaited already stays as it is.
pub fn await_mail(tx: &Tx<'_>, at: Uid<'_>) -> Result<()> {
    let text = "insert into awaited (mailbox, uid_validity, uid, tries, next_at) values (?1, ?2, ?3, 0, 0)
         on conflict (mailbox, uid_validity, uid) do nothing";
    sql::run(tx.c, text, (at.mailbox, at.validity, at.uid))?;
    Ok(())
}

/// One more try failed; the next one is not before `next_at`.
pub fn await_longer(tx: &Tx<'_>, at: Uid<'_>, next_at: i64) -> Result<()> {
    let text = "update awaited set tries = tries + 1, next_at = ?4
         where mailbox = ?1 and uid_validity = ?2 and uid = ?3";
    sql::run(tx.c, text, (at.mailbox, at.validity, at.uid, next_at))?;
    Ok(())
}

/// An awaited mail is held under this number, without its bytes.
pub fn await_held(tx: &Tx<'_>, at: Uid<'_>, mail: Option<i64>) -> Result<()> {
    let text = "update awaited set mail = ?4 where mailbox = ?1 and uid_validity = ?2 and uid = ?3";
    sql::run(tx.c, text, (at.mailbox, at.validity, at.uid, mail))?;
    Ok(())
}

/// Nothing is awaited under this UID any more; the number under which it was held.
pub fn await_no_more(tx: &Tx<'_>, at: Uid<'_>) -> Result<Option<i64>> {
    let place = (at.mailbox, at.validity, at.uid);
    let text = "select mail from awaited where mailbox = ?1 and uid_validity = ?2 and uid = ?3";
    let held: Option<Option<i64>> = sql::first(tx.c, text, place, |r| r.get(0))?;
    if held.is_some() {
        let text = "delete from awaited where mailbox = ?1 and uid_validity = ?2 and uid = ?3";
        sql::run(tx.c, text, place)?;
    }
    Ok(held.flatten())
}

/// Moves the cursor past `through`; never back.
pub fn advance(tx: &Tx<'_>, mailbox: &str, validity: i64, through: u32) -> Result<()> {
    let text = "update mailbox_cursor set next_uid = ?1
         where mailbox = ?2 and uid_validity = ?3 and next_uid < ?1";
    sql::run(tx.c, text, (through.saturating_add(1), mailbox, validity))?;
    Ok(())
}

/// UIDs that have an outcome and were not yet flagged or moved on the server (T86).
pub fn unsettled(c: &Connection, mailbox: &str, validity: i64) -> Result<Vec<u32>> {
    // Settled or not is compared here, and not only asked: so SQLite takes the index `ledger_open`.
    let text = "select uid from ledger where mailbox = ?1 and uid_validity = ?2 and settled = false
         order by uid";
    sql::all(c, text, (mailbox, validity), |r| r.get(0))
}

/// These UIDs were flagged or moved.
pub fn settle(tx: &Tx<'_>, mailbox: &str, validity: i64, uids: &[u32]) -> Result<()> {
    for uid in uids {
        let text = "update ledger set settled = true where mailbox = ?1 and uid_validity = ?2 and uid = ?3";
        sql::run(tx.c, text, (mailbox, validity, uid))?;
    }
    Ok(())
}

/// (UIDVALIDITY, first UID that counts); `None`: it was never connected to.
pub fn base(c: &Connection, mailbox: &str) -> Result<Option<(i64, u32)>> {
    let text = "select uid_validity, base_uid from mailbox_cursor where mailbox = ?1";
    sql::first(c, text, [mailbox], |r| Ok((r.get(0)?, r.get(1)?)))
}

/// Counts an attempt at a mail that ended the program (T34); how many there are now. `mail`: a hash of its
/// place.
pub fn attempt(tx: &Tx<'_>, mail: &str) -> Result<u32> {
    let text = "insert into attempt (mail, times) values (?1, 1)
         on conflict (mail) do update set times = attempt.times + 1 returning times";
    sql::one(tx.c, text, [mail], |r| r.get(0))
}

/// A mail was in hand beside others when the program ended (T34).
pub fn note_in_hand(tx: &Tx<'_>, mail: &str) -> Result<()> {
    sql::run(tx.c, "insert into attempt (mail, times) values (?1, 0) on conflict (mail) do nothing", [mail])?;
    Ok(())
}

/// A mail has its outcome: nothing is counted against it any more.
pub fn forget_attempts(tx: &Tx<'_>, mail: &str) -> Result<()> {
    sql::run(tx.c, "delete from attempt where mail = ?1", [mail])?;
    Ok(())
}

/// How often each mail ended the program.
pub fn attempts(c: &Connection) -> Result<HashMap<String, u32>> {
    let rows = sql::all(c, "select mail, times from attempt", [], |r| Ok((r.get(0)?, r.get(1)?)))?;
    Ok(rows.into_iter().collect())
}
