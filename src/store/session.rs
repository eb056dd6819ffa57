//! Magic links, sessions, and requests for links. Tokens are kept as SHA-256 only (T62).

use super::error::Result;
use super::transaction::Tx;
use rusqlite::{Connection, OptionalExtension};

/// Live links of a person; the oldest goes when there are more (T60).
const LINKS_MAX: i64 = 5;

pub fn keep_link(
    c: &Connection,
    hash: &[u8; 32],
    person: i64,
    ticket: Option<i64>,
    expires_at: i64,
    now: i64,
) -> Result<()> {
    c.prepare_cached(
        "insert into link (hash, person, ticket, created_at, expires_at) values (?, ?, ?, ?, ?)",
    )?
    .execute((hash.as_slice(), person, ticket, now, expires_at))?;
    c.prepare_cached(
        "delete from link where person = ?1 and used_at is null and hash not in
         (select hash from link where person = ?1 and used_at is null order by created_at desc, expires_at desc limit ?2)",
    )?
    .execute((person, LINKS_MAX))?;
    Ok(())
}

/// (person, ticket, address) of a live link.
pub fn link(c: &Connection, hash: &[u8; 32], now: i64) -> Result<Option<(i64, Option<i64>, String)>> {
    let mut s = c.prepare_cached(
        "select l.person, l.ticket, p.address from link l join person p on p.id = l.person
         where l.hash = ? and l.used_at is null and l.expires_at > ? and l.created_at <= ? + 120",
    )?;
    Ok(s.query_row((hash.as_slice(), now, now), |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?))).optional()?)
}

/// T60: one UPDATE, one row.
pub fn use_link(tx: &Tx<'_>, hash: &[u8; 32], now: i64) -> Result<bool> {
    let sql = "update link set used_at = ?2 where hash = ?1 and used_at is null and expires_at > ?2";
    Ok(tx.c.prepare_cached(sql)?.execute((hash.as_slice(), now))? == 1)
}

/// A new session of a person.
pub struct NewSession<'a> {
    pub hash: &'a [u8; 32],
    pub person: i64,
    pub form_token: &'a str,
    pub ip: &'a str,
    pub agent: &'a str,
    pub expires_at: i64,
}

pub fn open_session(tx: &Tx<'_>, s: &NewSession<'_>, now: i64) -> Result<()> {
    tx.c.prepare_cached(
        "insert into session (hash, person, form_token, ip, agent, created_at, expires_at) values (?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute((s.hash.as_slice(), s.person, s.form_token, s.ip, s.agent, now, s.expires_at))?;
    Ok(())
}

/// (person, name, address, form token)
pub fn session(c: &Connection, hash: &[u8; 32], now: i64) -> Result<Option<(i64, String, String, String)>> {
    let mut s = c.prepare_cached(
        "select p.id, p.name, p.address, s.form_token from session s join person p on p.id = s.person where s.hash = ? and s.expires_at > ?",
    )?;
    Ok(s.query_row((hash.as_slice(), now), |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)))
        .optional()?)
}

pub fn close_session(tx: &Tx<'_>, hash: &[u8; 32]) -> Result<()> {
    tx.c.execute("delete from session where hash = ?", [hash.as_slice()])?;
    Ok(())
}

pub fn close_sessions_of(tx: &Tx<'_>, person: i64) -> Result<()> {
    tx.c.execute("delete from session where person = ?", [person])?;
    tx.c.execute("delete from link where person = ?", [person])?;
    tx.c.execute("delete from held_link where person = ?", [person])?;
    Ok(())
}

/// Counts a request and says how many there were before: in a quarter of an hour, in a day.
pub fn ask(tx: &Tx<'_>, what: &str, now: i64) -> Result<(u32, u32)> {
    let mut s = tx.c.prepare_cached(
        "select coalesce(sum(at > ?2 - 900), 0), count(*) from asked where what = ?1 and at > ?2 - 86400",
    )?;
    let counts = s.query_row((what, now), |r| Ok((r.get(0)?, r.get(1)?)))?;
    tx.c.prepare_cached("insert into asked (what, at) values (?, ?)")?.execute((what, now))?;
    Ok(counts)
}
