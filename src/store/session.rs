//! Magic links, sessions, and requests for links. Tokens are kept as SHA-256 only (T62).

use super::error::Result;
use super::sql;
use super::transaction::Tx;
use crate::desk::model::Bounds;
use crate::desk::model::form::SessionStart;
use rusqlite::Connection;

/// A new magic link of a person.
pub struct NewLink<'a> {
    /// SHA-256 of its token.
    pub hash: &'a [u8; 32],
    /// Whom it signs in.
    pub person: i64,
    /// The ticket that it leads to; `None`: the list.
    pub ticket: Option<i64>,
    /// Seconds since 1970.
    pub expires_at: i64,
}

/// Keeps a link; where its person has too many, the oldest goes (T60).
pub fn keep_link(c: &Connection, bounds: &Bounds, link: &NewLink<'_>, now: i64) -> Result<()> {
    let text = "insert into link (hash, person, ticket, created_at, expires_at) values (?1, ?2, ?3, ?4, ?5)";
    sql::run(c, text, (link.hash.as_slice(), link.person, link.ticket, now, link.expires_at))?;
    let text = "delete from link where person = ?1 and used_at is null and hash not in
           (select hash from link where person = ?1 and used_at is null
            order by created_at desc, expires_at desc limit ?2)";
    sql::run(c, text, (link.person, sql::count(bounds.links_per_person_max)))?;
    Ok(())
}

/// (person, ticket, address) of a live link; `None`: it is unknown, used or expired, which are all alike.
pub fn link(
    c: &Connection,
    bounds: &Bounds,
    hash: &[u8; 32],
    now: i64,
) -> Result<Option<(i64, Option<i64>, String)>> {
    let text = "select l.person, l.ticket, p.address from link l join person p on p.id = l.person
         where l.hash = ?1 and l.used_at is null and l.expires_at > ?2 and l.created_at <= ?3";
    let values = (hash.as_slice(), now, now + bounds.ahead_secs);
    sql::first(c, text, values, |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))
}

/// Uses a link up, which was found alive in this transaction (T60: one row changes, or nothing is kept).
pub fn use_link(tx: &Tx<'_>, hash: &[u8; 32], now: i64) -> Result<()> {
    let text = "update link set used_at = ?2 where hash = ?1 and used_at is null and expires_at > ?2";
    assert!(sql::run(tx.c, text, (hash.as_slice(), now))? == 1, "a link is used once");
    Ok(())
}

/// A session begins.
pub fn open_session(tx: &Tx<'_>, s: &SessionStart, person: i64, expires_at: i64, now: i64) -> Result<()> {
    let text = "insert into session (hash, person, form_token, ip, agent, created_at, expires_at)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let values = (s.hash.as_slice(), person, &s.form_token, &s.ip, &s.agent, now, expires_at);
    sql::run(tx.c, text, values).map(drop)
}

/// Who is signed in by a token: (person, name, address, form token); `None`: nobody.
/// A session that a clock began which was ahead would last for years, and is none (T93).
pub fn signed_in(
    c: &Connection,
    bounds: &Bounds,
    hash: &[u8; 32],
    now: i64,
) -> Result<Option<(i64, String, String, String)>> {
    let text = "select p.id, p.name, p.address, s.form_token from session s join person p on p.id = s.person
         where s.hash = ?1 and s.expires_at > ?2 and s.created_at <= ?3";
    let values = (hash.as_slice(), now, now + bounds.ahead_secs);
    sql::first(c, text, values, |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)))
}

/// Signs one session out.
pub fn close_session(tx: &Tx<'_>, hash: &[u8; 32]) -> Result<()> {
    sql::run(tx.c, "delete from session where hash = ?1", [hash.as_slice()])?;
    Ok(())
}

/// Ends the sessions of a person and every link to them.
pub fn close_sessions_of(tx: &Tx<'_>, person: i64) -> Result<()> {
    for text in [
        "delete from session where person = ?1",
        "delete from link where person = ?1",
        "delete from held_link where person = ?1",
    ] {
        sql::run(tx.c, text, [person])?;
    }
    Ok(())
}

/// Requests so far: in a quarter of an hour, in a day.
pub fn asked(c: &Connection, bounds: &Bounds, what: &str, now: i64) -> Result<(u32, u32)> {
    let text = "select count(*) filter (where at > ?2), count(*) from asked
         where what = ?1 and at > ?3 and at <= ?4";
    let soon = now + bounds.ahead_secs;
    sql::one(c, text, (what, now - bounds.quarter_secs, now - bounds.day_secs, soon), |r| {
        Ok((r.get(0)?, r.get(1)?))
    })
}

/// Counts a request.
pub fn ask(tx: &Tx<'_>, what: &str, now: i64) -> Result<()> {
    sql::run(tx.c, "insert into asked (what, at) values (?1, ?2)", (what, now)).map(drop)
}
