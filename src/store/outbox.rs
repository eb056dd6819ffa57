//! One row per letter and recipient: queued, claimed, sent, deferred, unknown, failed, cancelled (HOUSE, the
//! way out).

// An old path, for `app`.
use super::error::Result;
pub use super::letter::hit;
use super::transaction::Tx;
use rusqlite::{Connection, OptionalExtension, Row};

/// A letter to be sent now.
pub struct Due {
    pub id: i64,
    pub reverse_path: Option<String>,
    pub forward_path: String,
    pub bytes: Vec<u8>,
}

/// A letter as `outbox list` shows it.
#[derive(Debug, Clone)]
pub struct Entry {
    pub id: i64,
    pub kind: String,
    pub to: String,
    pub subject: String,
    pub state: String,
    pub reason: String,
    pub attempts: i64,
    pub next_at: Option<i64>,
    pub ticket: Option<i64>,
    pub created_at: i64,
}

/// One daemon a folder: at its start every lease of the one before is void.
pub fn void_leases(tx: &Tx<'_>, now: i64) -> Result<()> {
    tx.c.execute(
        "update letter set state = 'queued', next_at = ? where state = 'claimed' and state not in ('sent', 'cancelled')",
        [now],
    )?;
    Ok(())
}

/// Claims letters whose time has come.
pub fn claim(tx: &Tx<'_>, most: usize, now: i64) -> Result<Vec<Due>> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let mut s = tx.c.prepare_cached(
        "select l.id, l.reverse_path, l.forward_path, b.bytes from letter l join letter_bytes b on b.letter = l.id
         where l.next_at <= ? and l.state in ('queued', 'deferred', 'unknown') order by l.next_at, l.id limit ?",
    )?;
    let rows = s.query_map((now, most), |r| {
        Ok(Due { id: r.get(0)?, reverse_path: r.get(1)?, forward_path: r.get(2)?, bytes: r.get(3)? })
    })?;
    let due: Vec<Due> = rows.collect::<std::result::Result<_, _>>()?;
    let mut mark = tx.c.prepare_cached(
        "update letter set state = 'claimed', attempts = attempts + 1, next_at = null where id = ?",
    )?;
    for d in &due {
        mark.execute([d.id])?;
    }
    Ok(due)
}

pub fn next_due(c: &Connection) -> Result<Option<i64>> {
    Ok(c.prepare_cached("select min(next_at) from letter where next_at is not null")?
        .query_row([], |r| r.get(0))?)
}

/// (attempts, created_at, unknown before)
pub fn attempts(c: &Connection, id: i64) -> Result<Option<(i64, i64, bool)>> {
    let mut s = c.prepare_cached(
        "select attempts, created_at, reason like 'no answer after%' from letter where id = ?",
    )?;
    Ok(s.query_row([id], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?))).optional()?)
}

/// The end of a letter, or of this attempt.
pub fn settle(tx: &Tx<'_>, id: i64, state: &str, reason: &str, next_at: Option<i64>, now: i64) -> Result<()> {
    tx.c.prepare_cached("update letter set state = ?, reason = ?, next_at = ?, settled_at = ? where id = ?")?
        .execute((state, reason, next_at, now, id))?;
    if state == "sent" {
        // Attachments go; head and text stay with the ticket: 64 KiB hold both.
        tx.c.prepare_cached(
            "update letter_bytes set bytes = substr(bytes, 1, 65536) where letter = ? and length(bytes) > 65536",
        )?
        .execute([id])?;
    }
    Ok(())
}

/// What the relay called our letter (D15).
pub fn alias(tx: &Tx<'_>, letter: i64, id: &str) -> Result<()> {
    tx.c.prepare_cached("insert or ignore into known_id (id, letter) values (?, ?)")?
        .execute((id, letter))?;
    Ok(())
}

fn entry(r: &Row<'_>) -> rusqlite::Result<Entry> {
    Ok(Entry {
        id: r.get("id")?,
        kind: r.get("kind")?,
        to: r.get("forward_path")?,
        subject: r.get("subject")?,
        state: r.get("state")?,
        reason: r.get("reason")?,
        attempts: r.get("attempts")?,
        next_at: r.get("next_at")?,
        ticket: r.get("ticket")?,
        created_at: r.get("created_at")?,
    })
}

/// Mail that waits or failed.
pub fn list(c: &Connection) -> Result<Vec<Entry>> {
    let mut s =
        c.prepare_cached("select * from letter where state not in ('sent', 'cancelled') order by id")?;
    Ok(s.query_map([], entry)?.collect::<std::result::Result<_, _>>()?)
}

/// Makes letters due now: all that wait or failed, or those named. How many.
pub fn retry(tx: &Tx<'_>, ids: &[i64], now: i64) -> Result<usize> {
    let open = "state in ('queued', 'deferred', 'unknown', 'failed')";
    if ids.is_empty() {
        return Ok(tx
            .c
            .execute(&format!("update letter set state = 'queued', next_at = ? where {open}"), [now])?);
    }
    let mut n = 0;
    for id in ids {
        n += tx.c.execute(
            &format!("update letter set state = 'queued', next_at = ? where {open} and id = ?"),
            (now, id),
        )?;
    }
    Ok(n)
}

pub fn cancel(tx: &Tx<'_>, ids: &[i64], now: i64) -> Result<usize> {
    let mut n = 0;
    for id in ids {
        n += tx.c.execute(
            "update letter set state = 'cancelled', next_at = null, settled_at = ? where state in ('queued', 'deferred', 'unknown', 'failed') and id = ?",
            (now, id),
        )?;
    }
    Ok(n)
}

pub fn exists(c: &Connection, id: i64) -> Result<bool> {
    Ok(c.prepare_cached("select 1 from letter where id = ? and state not in ('sent', 'cancelled')")?
        .exists([id])?)
}
