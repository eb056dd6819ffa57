//! Held mail: kept and not acted on until somebody says what becomes of it. A row is open or ended, and never
//! deleted.

use super::error::Result;
use super::ticket::live;
use super::transaction::Tx;
use crate::desk::{Cause, Verified};
use rusqlite::{Connection, OptionalExtension, Row};

/// A link of a letter about held mail shows what was held before the letter and in so many seconds after it:
/// whatever comes later is told by the next letter, which is at most one in that time.
pub const LETTER_SECS: i64 = 3600;

/// An open row with the mail that it holds.
#[derive(Debug, Clone)]
pub struct HeldRow {
    pub id: i64,
    /// `held` or `quarantine`.
    pub kind: String,
    pub from: Option<String>,
    pub subject: String,
    pub reason: String,
    pub ticket: Option<i64>,
    pub received_at: i64,
    pub mail: i64,
    /// The staff member whom it concerns.
    pub person: Option<i64>,
    pub cause: Cause,
    /// How its sender was proven when it came.
    pub verified: Verified,
    /// `imap:support`: where it came from.
    pub source: String,
}

const OPEN: &str = "select h.id, h.kind, m.from_address, m.subject, h.reason, h.ticket, h.received_at, h.mail, h.person, h.cause,
        h.verified, m.source from held h join mail m on m.id = h.mail where h.ended_at is null";

fn to_row(r: &Row<'_>) -> rusqlite::Result<HeldRow> {
    Ok(HeldRow {
        id: r.get(0)?,
        kind: r.get(1)?,
        from: r.get(2)?,
        subject: r.get(3)?,
        reason: r.get(4)?,
        ticket: r.get(5)?,
        received_at: r.get(6)?,
        mail: r.get(7)?,
        person: r.get(8)?,
        cause: Cause::from_word(&r.get::<_, String>(9)?).unwrap_or(Cause::Other),
        verified: Verified::from_word(&r.get::<_, String>(10)?),
        source: r.get(11)?,
    })
}

/// All that is held.
pub fn all(c: &Connection) -> Result<Vec<HeldRow>> {
    let mut s = c.prepare_cached(&format!("{OPEN} order by h.id"))?;
    Ok(s.query_map([], to_row)?.collect::<std::result::Result<_, _>>()?)
}

pub fn one(c: &Connection, id: i64) -> Result<Option<HeldRow>> {
    let mut s = c.prepare_cached(&format!("{OPEN} and h.id = ?"))?;
    Ok(s.query_row([id], to_row).optional()?)
}

/// What is held and concerns this staff member: mails in his name, and answers of his that something newer
/// crossed.
pub fn of_person(c: &Connection, person: i64) -> Result<Vec<HeldRow>> {
    let mut s = c.prepare_cached(&format!("{OPEN} and h.person = ? order by h.id"))?;
    Ok(s.query_map([person], to_row)?.collect::<std::result::Result<_, _>>()?)
}

/// Mails that are (held, in quarantine).
pub fn counts(c: &Connection) -> Result<(i64, i64)> {
    let mut s = c.prepare_cached(
        "select count(*) filter (where kind = 'held'), count(*) filter (where kind <> 'held') from held where ended_at is null",
    )?;
    Ok(s.query_row([], |r| Ok((r.get(0)?, r.get(1)?)))?)
}

/// The reasons for which this mail was held and that somebody let go.
pub fn released_as(c: &Connection, mail: i64) -> Result<Vec<Cause>> {
    let mut s = c.prepare_cached("select cause from held where mail = ? and ended_how = 'released'")?;
    let words =
        s.query_map([mail], |r| r.get::<_, String>(0))?.collect::<std::result::Result<Vec<_>, _>>()?;
    Ok(words.iter().filter_map(|w| Cause::from_word(w)).collect())
}

/// Answers of a staff member that something newer crossed: (row, the live ticket).
pub fn crossed_of(c: &Connection, person: i64) -> Result<Vec<(i64, i64)>> {
    let mut s = c.prepare_cached(
        // By its own index: whoever forges mails in his name fills the other one.
        "select id, ticket from held indexed by held_crossed
         where ended_at is null and person = ? and cause = 'crossed' and ticket is not null order by id",
    )?;
    let rows: Vec<(i64, i64)> =
        s.query_map([person], |r| Ok((r.get(0)?, r.get(1)?)))?.collect::<std::result::Result<_, _>>()?;
    rows.into_iter().map(|(id, ticket)| Ok((id, live(c, ticket)?))).collect()
}

/// Ends a held mail; its outcome is what was made of it.
pub fn end(tx: &Tx<'_>, id: i64, how: &str, outcome: Option<(&str, Option<i64>)>, now: i64) -> Result<()> {
    let sql = "update held set ended_at = ?, ended_how = ? where id = ? and ended_at is null";
    tx.c.prepare_cached(sql)?.execute((now, how, id))?;
    if let Some((outcome, ticket)) = outcome {
        tx.c.execute(
            "update mail set outcome = ?, ticket = coalesce(?, ticket) where id = (select mail from held where id = ?)",
            (outcome, ticket, id),
        )?;
    }
    Ok(())
}

/// A link by which a staff member says what becomes of mails in his name. Kept as SHA-256 only (T62).
pub fn keep_link(c: &Connection, hash: &[u8; 32], person: i64, expires_at: i64, now: i64) -> Result<()> {
    c.prepare_cached("insert into held_link (hash, person, created_at, expires_at) values (?, ?, ?, ?)")?
        .execute((hash.as_slice(), person, now, expires_at))?;
    Ok(())
}

/// Whose live link it is, and what it shows: the person's mails that the decision table lets him confirm. A
/// link that has nothing to show any more is as dead as an expired one, or one of somebody who is no longer
/// staff.
pub fn link(c: &Connection, hash: &[u8; 32], now: i64) -> Result<Option<(i64, Vec<HeldRow>)>> {
    let mut s = c.prepare_cached(
        "select l.person, l.created_at from held_link l join staff s on s.person = l.person and s.removed_at is null
         where l.hash = ?1 and l.expires_at > ?2 and l.created_at <= ?2 + 120",
    )?;
    let found = s.query_row((hash.as_slice(), now), |r| Ok((r.get(0)?, r.get::<_, i64>(1)?))).optional()?;
    let Some((person, created_at)) = found else { return Ok(None) };
    let mut rows = of_person(c, person)?;
    rows.retain(|h| h.cause == Cause::Unproven && h.received_at < created_at + LETTER_SECS);
    Ok((!rows.is_empty()).then_some((person, rows)))
}

/// Staff in whose name mail is held that no living link of a letter shows, and who got no letter about held
/// mail in the last hour: each with the reason of the newest.
pub fn untold(c: &Connection, now: i64) -> Result<Vec<(i64, String)>> {
    let mut s = c.prepare_cached(
        // The list of kinds is that of the index `letter_told`.
        "select h.person, h.reason, max(h.id) from held h join staff s on s.person = h.person and s.removed_at is null
         where h.ended_at is null and h.person is not null and h.cause = 'unproven'
           and not exists (select 1 from held_link k where k.person = h.person and k.created_at >= h.received_at
                             and k.created_at <= ?1 + 120)
           and not exists (select 1 from letter l where l.kind in ('hold', 'result') and l.kind = 'hold' and l.person = h.person
                             and l.ticket is null and l.created_at > ?1 - ?2 and l.created_at <= ?1 + 120)
         group by h.person",
    )?;
    Ok(s.query_map((now, LETTER_SECS), |r| Ok((r.get(0)?, r.get(1)?)))?
        .collect::<std::result::Result<_, _>>()?)
}
