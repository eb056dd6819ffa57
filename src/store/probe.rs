//! Probes: when each left, and what came back.

use super::error::Result;
use super::sql;
use super::transaction::Tx;
use crate::desk::model::probe::{Back, Kind, Probe, Returned, Seen, Signature, Stamp};
use crate::desk::model::{Bounds, Policy};
use crate::mail::MessageId;
use rusqlite::{Connection, Row};

/// Remembers a new probe and forgets old ones; its number.
pub fn add(tx: &Tx<'_>, bounds: &Bounds, id: &MessageId, kind: Kind, to: &str, now: i64) -> Result<i64> {
    sql::run(tx.c, "delete from probe where sent_at < ?1", [now - bounds.probes_kept_secs])?;
    let text = "insert into probe (id, kind, forward_path, sent_at, relay) values (?1, ?2, ?3, ?4, '')
         returning number";
    sql::one(tx.c, text, (id.as_str(), kind.as_str(), to, now), |r| r.get(0))
}

/// What the relay answered, and whether that is the end of it.
pub fn answered(tx: &Tx<'_>, number: i64, relay: &str, refused: bool) -> Result<()> {
    let text = "update probe set relay = ?1, refused = ?2 where number = ?3";
    sql::run(tx.c, text, (relay, refused.then_some(relay), number))?;
    Ok(())
}

/// What a mail that came says of a probe.
pub fn note(tx: &Tx<'_>, mailbox: Option<&str>, returned: &Returned, now: i64) -> Result<()> {
    match returned {
        Returned::Back(id, seen) => back(tx, id, mailbox, seen, now),
        Returned::Report(id, Some(why)) => refused(tx, id, why),
        Returned::Report(_, None) => Ok(()),
    }
}

/// A report says that it will not come back.
fn refused(tx: &Tx<'_>, id: &MessageId, why: &str) -> Result<()> {
    let text = "update probe set refused = ?1 where id = ?2 and came_back_at is null";
    sql::run(tx.c, text, (why, id.as_str()))?;
    Ok(())
}

/// It came back, by this mailbox; only the first time counts.
fn back(tx: &Tx<'_>, id: &MessageId, mailbox: Option<&str>, seen: &Seen, now: i64) -> Result<()> {
    let text = "update probe set came_back_at = ?1, mailbox = ?2, id_kept = ?3, stamp = ?4, stamped_by = ?5,
           signature = ?6, policy = ?7
         where id = ?8 and came_back_at is null";
    let (stamp, signature, policy) = (seen.stamp.as_str(), seen.signature.as_str(), seen.policy.as_str());
    let values = (now, mailbox, seen.id_kept, stamp, &seen.stamped_by, signature, policy, id.as_str());
    sql::run(tx.c, text, values)?;
    Ok(())
}

/// Some probes, in the order of these numbers, which [`add`] gave.
pub fn some(c: &Connection, numbers: &[i64]) -> Result<Vec<Probe>> {
    numbers
        .iter()
        .map(|number| sql::one(c, "select * from probe where number = ?1", [number], probe))
        .collect()
}

/// The last one of each kind, in the order in which they left.
pub fn last(c: &Connection) -> Result<Vec<Probe>> {
    let text = "select * from probe
         where number in (select max(number) from probe group by kind) order by number";
    sql::all(c, text, [], probe)
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
