//! Held mail: kept and not acted on until somebody says what becomes of it. A row is open or ended, and never
//! deleted.

use super::error::Result;
use super::sql;
use super::ticket::live;
use super::transaction::Tx;
use crate::desk::model::listed::HeldRow;
use crate::desk::model::{Bounds, Cause, HeldEnd, Outcome, Verified};
use rusqlite::{Connection, Row};

/// What is written of a mail that is held.
pub struct NewHeld<'a> {
    /// Why, for what may follow.
    pub cause: Cause,
    /// The ticket that it would go to.
    pub ticket: Option<i64>,
    /// The staff member whom it concerns.
    pub person: Option<i64>,
    /// How its sender was proven.
    pub verified: Verified,
    /// Why, for people.
    pub reason: &'a str,
}

const OPEN: &str = "select h.id, m.from_address, m.subject, h.reason, h.ticket, h.received_at, h.mail,
        h.person, h.cause, h.verified, m.source
     from held h join mail m on m.id = h.mail where h.ended_at is null";

fn from_row(r: &Row<'_>) -> rusqlite::Result<HeldRow> {
    Ok(HeldRow {
        id: r.get(0)?,
        from: r.get(1)?,
        subject: r.get(2)?,
        reason: r.get(3)?,
        ticket: r.get(4)?,
        received_at: r.get(5)?,
        mail: r.get(6)?,
        person: r.get(7)?,
        cause: Cause::from_word(&r.get::<_, String>(8)?).unwrap_or(Cause::Other),
        verified: Verified::from_word(&r.get::<_, String>(9)?),
        source: r.get(10)?,
    })
}

/// All that is held, oldest first.
pub fn all(c: &Connection) -> Result<Vec<HeldRow>> {
    sql::all(c, &format!("{OPEN} order by h.id"), [], from_row)
}

/// One that is held; `None`: it ended, or there is none.
pub fn one(c: &Connection, id: i64) -> Result<Option<HeldRow>> {
    sql::first(c, &format!("{OPEN} and h.id = ?1"), [id], from_row)
}

/// What is held and concerns this staff member: mails in their name, and answers of theirs that something
/// newer crossed.
pub fn of_person(c: &Connection, person: i64) -> Result<Vec<HeldRow>> {
    sql::all(c, &format!("{OPEN} and h.person = ?1 order by h.id"), [person], from_row)
}

/// Mails that are (held, in quarantine), as they are counted.
pub fn counts(c: &Connection) -> Result<(i64, i64)> {
    let text = "select coalesce(sum(n) filter (where word = 'held'), 0),
           coalesce(sum(n) filter (where word <> 'held'), 0) from counter where what = 'held'";
    sql::one(c, text, [], |r| Ok((r.get(0)?, r.get(1)?)))
}

/// The reasons for which this mail was held and that somebody let go.
pub fn released_as(c: &Connection, mail: i64) -> Result<Vec<Cause>> {
    let text = "select cause from held where mail = ?1 and ended_how = ?2";
    let words: Vec<String> = sql::all(c, text, (mail, HeldEnd::Released.as_str()), |r| r.get(0))?;
    Ok(words.iter().filter_map(|w| Cause::from_word(w)).collect())
}

/// Answers of a staff member that something newer crossed: (row, the live ticket).
pub fn crossed_of(c: &Connection, person: i64) -> Result<Vec<(i64, i64)>> {
    // By its own index, `held_crossed`: whoever forges mails in their name fills the other one.
    let text = "select id, ticket from held
         where ended_at is null and person = ?1 and cause = 'crossed' and ticket is not null order by id";
    let rows: Vec<(i64, i64)> = sql::all(c, text, [person], |r| Ok((r.get(0)?, r.get(1)?)))?;
    rows.into_iter().map(|(id, ticket)| Ok((id, live(c, ticket)?))).collect()
}

/// Holds a mail.
pub fn hold(c: &Connection, mail: i64, new: &NewHeld<'_>, now: i64) -> Result<()> {
    let text = "insert into held (kind, mail, ticket, person, cause, verified, reason, received_at)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let (cause, verified) = (new.cause.as_str(), new.verified.as_str());
    let values = (new.cause.kind(), mail, new.ticket, new.person, cause, verified, new.reason, now);
    sql::run(c, text, values)?;
    Ok(())
}

/// Ends a held mail; its outcome is what was made of it.
pub fn end(
    tx: &Tx<'_>,
    id: i64,
    how: HeldEnd,
    outcome: Option<(Outcome, Option<i64>)>,
    now: i64,
) -> Result<()> {
    let text = "update held set ended_at = ?1, ended_how = ?2 where id = ?3 and ended_at is null";
    sql::run(tx.c, text, (now, how.as_str(), id))?;
    if let Some((outcome, ticket)) = outcome {
        let text = "update mail set outcome = ?1, ticket = coalesce(?2, ticket)
             where id = (select mail from held where id = ?3)";
        sql::run(tx.c, text, (outcome.as_str(), ticket, id))?;
    }
    Ok(())
}

/// Ends the hold of a mail that had no bytes: now they came, and with them a mail of its own (T110).
pub fn end_placeholder(tx: &Tx<'_>, mail: i64, now: i64) -> Result<()> {
    let text = "update held set ended_at = ?1, ended_how = ?2 where mail = ?3 and ended_at is null";
    sql::run(tx.c, text, (now, HeldEnd::Superseded.as_str(), mail))?;
    Ok(())
}

/// A link by which a staff member says what becomes of mails in their name. Kept as SHA-256 only (T62).
pub fn keep_link(c: &Connection, hash: &[u8; 32], person: i64, expires_at: i64, now: i64) -> Result<()> {
    let text = "insert into held_link (hash, person, created_at, expires_at) values (?1, ?2, ?3, ?4)";
    sql::run(c, text, (hash.as_slice(), person, now, expires_at))?;
    Ok(())
}

/// Whose live link it is, and what it shows: the person's mails that the decision table lets them confirm. A
/// link that has nothing to show any more is as dead as an expired one, or one of somebody who is no longer
/// staff.
pub fn link(
    c: &Connection,
    bounds: &Bounds,
    hash: &[u8; 32],
    now: i64,
) -> Result<Option<(i64, Vec<HeldRow>)>> {
    let text = "select l.person, l.created_at
         from held_link l join staff s on s.person = l.person and s.removed_at is null
         where l.hash = ?1 and l.expires_at > ?2 and l.created_at <= ?3";
    let found = sql::first(c, text, (hash.as_slice(), now, now + bounds.ahead_secs), |r| {
        Ok((r.get(0)?, r.get::<_, i64>(1)?))
    })?;
    let Some((person, created_at)) = found else { return Ok(None) };
    let mut rows = of_person(c, person)?;
    rows.retain(|h| h.cause == Cause::Unproven && h.received_at < created_at + bounds.hold_letter_secs);
    Ok((!rows.is_empty()).then_some((person, rows)))
}

/// Staff in whose name mail is held that no living link of a letter shows, and who got no letter about held
/// mail in the last hour: each with the reason of the newest.
pub fn untold(c: &Connection, bounds: &Bounds, now: i64) -> Result<Vec<(i64, String)>> {
    // Of each of the staff only the newest is looked at, by `held_crossed`: a link that shows it shows all
    // before it. The list of kinds is that of the index `letter_told`.
    let text = "select h.person, h.reason from (
           select (select max(q.id) from held q
             where q.ended_at is null and q.person = s.person and q.cause = 'unproven') as id
           from staff s where s.removed_at is null) as newest join held h on h.id = newest.id
         where not exists (select 1 from held_link k where k.person = h.person
             and k.created_at >= h.received_at and k.created_at <= ?2)
           and not exists (select 1 from letter l where l.kind in ('hold', 'result') and l.kind = 'hold'
             and l.person = h.person and l.ticket is null and l.created_at > ?1 and l.created_at <= ?2)
         order by h.person";
    sql::all(c, text, (now - bounds.hold_letter_secs, now + bounds.ahead_secs), |r| {
        Ok((r.get(0)?, r.get(1)?))
    })
}
