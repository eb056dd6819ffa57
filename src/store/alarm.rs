//! What the operator is told once, and the letters that were kept back (T25, T26).

use super::error::Result;
use super::sql;
use super::transaction::Tx;
use crate::desk::model::{Bounds, Breaker, Limit};
use rusqlite::Connection;

/// An alarm that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// Its number.
    pub id: i64,
    /// What opened; `None`: its name is none of ours.
    pub breaker: Option<Breaker>,
    /// For the operator.
    pub text: String,
    /// Seconds since 1970.
    pub opened_at: i64,
    /// Was the operator told?
    pub told: bool,
}

/// Opens an alarm, unless it is open.
pub fn raise(tx: &Tx<'_>, breaker: &Breaker, words: &str, now: i64) -> Result<()> {
    let text = "insert into alarm (what, text, opened_at) values (?1, ?2, ?3) on conflict do nothing";
    sql::run(tx.c, text, (breaker.to_string(), words, now))?;
    Ok(())
}

/// Alarms that are open, oldest first.
pub fn open(c: &Connection) -> Result<Vec<Alarm>> {
    let text = "select id, what, text, opened_at, told_at is not null from alarm
         where closed_at is null order by id";
    sql::all(c, text, [], |r| {
        let breaker = Breaker::from_word(&r.get::<_, String>(1)?);
        Ok(Alarm { id: r.get(0)?, breaker, text: r.get(2)?, opened_at: r.get(3)?, told: r.get(4)? })
    })
}

/// The operator was told.
pub fn told(tx: &Tx<'_>, id: i64, now: i64) -> Result<()> {
    sql::run(tx.c, "update alarm set told_at = ?1 where id = ?2", (now, id))?;
    Ok(())
}

/// What it told of is over.
pub fn close(tx: &Tx<'_>, bounds: &Bounds, id: i64, now: i64) -> Result<()> {
    sql::run(tx.c, "update alarm set closed_at = ?1 where id = ?2", (now, id))?;
    sql::run(tx.c, "delete from alarm where closed_at < ?1", [now - bounds.alarms_kept_secs])?;
    Ok(())
}

/// Automatic letters of the last hour, and none that a wrong clock wrote ahead of time (T93): to one domain,
/// without those to proven senders, or of the desk.
pub fn letters_of_hour(c: &Connection, bounds: &Bounds, domain: Option<&str>, now: i64) -> Result<u32> {
    let (since, until) = (now - bounds.hour_secs, now + bounds.ahead_secs);
    let all = "select count(*) from letter where automatic and created_at > ?1 and created_at <= ?2";
    match domain {
        Some(domain) => sql::one(c, &format!("{all} and domain = ?3"), (since, until, domain), |r| r.get(0)),
        None => sql::one(c, all, (since, until), |r| r.get(0)),
    }
}

/// Counts a letter that the gate kept back.
pub fn kept_back(tx: &Tx<'_>, limit: Limit) -> Result<()> {
    let text = "insert into kept_back (limit_word, n) values (?1, 1)
         on conflict (limit_word) do update set n = kept_back.n + 1";
    sql::run(tx.c, text, [limit.as_str()])?;
    Ok(())
}
