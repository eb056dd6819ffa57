//! Who was suggested for a ticket, and who left one (T06).

use super::error::Result;
use super::transaction::Tx;
use crate::desk::participants::SUGGESTIONS_MAX;
use rusqlite::Connection;

/// Remembers that a person wrote to an address; beyond the limit of a ticket and person nothing is.
pub fn suggest(c: &Connection, ticket: i64, person: i64, address: &str, now: i64) -> Result<()> {
    let most = i64::try_from(SUGGESTIONS_MAX).unwrap_or(i64::MAX);
    c.prepare_cached(
        "insert or ignore into suggestion (ticket, person, address, created_at) select ?1, ?2, ?3, ?4
         where (select count(*) from suggestion where ticket = ?1 and person = ?2) < ?5",
    )?
    .execute((ticket, person, address, now, most))?;
    Ok(())
}

/// The addresses that a person is asked about.
pub fn suggestions(c: &Connection, ticket: i64, person: i64) -> Result<Vec<String>> {
    let mut s = c.prepare_cached(
        "select address from suggestion where ticket = ? and person = ? order by created_at, address",
    )?;
    Ok(s.query_map((ticket, person), |r| r.get(0))?.collect::<std::result::Result<_, _>>()?)
}

/// The question was answered. False: it was not asked.
pub fn forget_suggestion(tx: &Tx<'_>, ticket: i64, person: i64, address: &str) -> Result<bool> {
    let sql = "delete from suggestion where ticket = ? and person = ? and address = ?";
    Ok(tx.c.prepare_cached(sql)?.execute((ticket, person, address))? == 1)
}

/// A new participant; nobody needs to be asked about him any more.
pub fn join(c: &Connection, ticket: i64, person: i64, since: i64) -> Result<()> {
    c.prepare_cached("insert or ignore into participant (ticket, person, since) values (?, ?, ?)")?
        .execute((ticket, person, since))?;
    c.prepare_cached(
        "delete from suggestion where ticket = ? and address = (select address from person where id = ?)",
    )?
    .execute((ticket, person))?;
    Ok(())
}

/// He is out of the ticket and of those that went into it, and letters to him that have not left do not
/// leave.
pub fn leave(c: &Connection, ticket: i64, person: i64, now: i64) -> Result<()> {
    let parts = "with recursive part (id) as
                 (select ?1 union select t.id from ticket t join part p on t.merged_into = p.id where t.merged_into is not null)";
    for sql in [
        "delete from participant where person = ?2 and ticket in (select id from part)",
        "delete from suggestion where person = ?2 and ticket in (select id from part)",
    ] {
        c.prepare_cached(&format!("{parts} {sql}"))?.execute((ticket, person))?;
    }
    c.prepare_cached(&format!(
        "{parts} update letter set state = 'cancelled', next_at = null, settled_at = ?3, reason = 'its reader left the ticket'
         where person = ?2 and ticket in (select id from part) and state in ('queued', 'deferred', 'unknown')"
    ))?
    .execute((ticket, person, now))?;
    Ok(())
}
