//! Probes: when each left, and what came back.

use super::error::Result;
use super::transaction::Tx;
use crate::desk::dmarc::Policy;
use crate::desk::probe::{Back, Kind, Probe, Seen, Signature, Stamp};
use crate::mail::MessageId;
use rusqlite::{Connection, Row};

/// Older ones are forgotten when a new one leaves; seconds.
const KEPT_SECS: i64 = 90 * 86_400;

/// A new probe; its number.
pub fn add(tx: &Tx<'_>, id: &MessageId, kind: Kind, to: &str, now: i64) -> Result<i64> {
    tx.c.execute("delete from probe where sent_at < ?", [now - KEPT_SECS])?;
    tx.c.execute(
        "insert into probe (id, kind, forward_path, sent_at, relay) values (?, ?, ?, ?, '')",
        (id.as_str(), kind.as_str(), to, now),
    )?;
    Ok(tx.c.last_insert_rowid())
}

/// What the relay answered, and whether that is the end of it.
pub fn answered(tx: &Tx<'_>, number: i64, relay: &str, refused: bool) -> Result<()> {
    tx.c.execute(
        "update probe set relay = ?, refused = ? where number = ?",
        (relay, refused.then_some(relay), number),
    )?;
    Ok(())
}

/// A report says that it will not come back.
pub fn refused(tx: &Tx<'_>, id: &MessageId, why: &str) -> Result<()> {
    tx.c.execute("update probe set refused = ? where id = ? and came_back_at is null", (why, id.as_str()))?;
    Ok(())
}

/// It came back; only the first time counts.
pub fn back(tx: &Tx<'_>, id: &MessageId, mailbox: Option<&str>, seen: &Seen, now: i64) -> Result<()> {
    tx.c.execute(
        "update probe set came_back_at = ?, mailbox = ?, id_kept = ?, stamp = ?, stamped_by = ?, signature = ?, policy = ?
         where id = ? and came_back_at is null",
        (
            now,
            mailbox,
            seen.id_kept,
            seen.stamp.as_str(),
            &seen.stamped_by,
            seen.signature.as_str(),
            seen.policy.as_str(),
            id.as_str(),
        ),
    )?;
    Ok(())
}

/// Some probes, in the order of their numbers.
pub fn some(c: &Connection, numbers: &[i64]) -> Result<Vec<Probe>> {
    let mut s = c.prepare_cached("select * from probe where number = ?")?;
    let mut out = Vec::with_capacity(numbers.len());
    for number in numbers {
        out.push(s.query_row([number], probe)?);
    }
    Ok(out)
}

/// The last one of each kind.
pub fn last(c: &Connection) -> Result<Vec<Probe>> {
    let mut s = c.prepare_cached(
        "select * from probe where number in (select max(number) from probe group by kind) order by number",
    )?;
    Ok(s.query_map([], probe)?.collect::<std::result::Result<_, _>>()?)
}

fn probe(r: &Row<'_>) -> rusqlite::Result<Probe> {
    let back = match r.get::<_, Option<i64>>("came_back_at")? {
        None => None,
        Some(at) => Some(Back {
            at,
            mailbox: r.get("mailbox")?,
            seen: Seen {
                id_kept: r.get("id_kept")?,
                stamp: Stamp::from_word(&r.get::<_, String>("stamp")?),
                stamped_by: r.get("stamped_by")?,
                signature: Signature::from_word(&r.get::<_, String>("signature")?),
                policy: Policy::from_word(&r.get::<_, String>("policy")?),
            },
        }),
    };
    Ok(Probe {
        kind: Kind::from_word(&r.get::<_, String>("kind")?).unwrap_or(Kind::Plain),
        to: r.get("forward_path")?,
        sent_at: r.get("sent_at")?,
        relay: r.get("relay")?,
        refused: r.get("refused")?,
        back,
    })
}
