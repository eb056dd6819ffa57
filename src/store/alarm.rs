//! What the operator is told once, and the letters that were kept back (T25, T26).

use super::error::Result;
use super::transaction::Tx;
use crate::desk::guard::Limit;
use rusqlite::Connection;

/// An alarm that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    pub id: i64,
    /// `breaker:desk`, `breaker:domain:evil.example`.
    pub what: String,
    /// For the operator.
    pub text: String,
    pub opened_at: i64,
    pub told: bool,
}

/// Opens an alarm, unless it is open.
pub fn raise(tx: &Tx<'_>, what: &str, text: &str, now: i64) -> Result<()> {
    tx.c.prepare_cached("insert or ignore into alarm (what, text, opened_at) values (?, ?, ?)")?
        .execute((what, text, now))?;
    Ok(())
}

pub fn open(c: &Connection) -> Result<Vec<Alarm>> {
    let mut s =
        c.prepare_cached("select id, what, text, opened_at, told_at is not null from alarm where closed_at is null order by id")?;
    let rows = s.query_map([], |r| {
        Ok(Alarm { id: r.get(0)?, what: r.get(1)?, text: r.get(2)?, opened_at: r.get(3)?, told: r.get(4)? })
    })?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
}

/// The operator was told.
pub fn told(tx: &Tx<'_>, id: i64, now: i64) -> Result<()> {
    tx.c.execute("update alarm set told_at = ? where id = ?", (now, id))?;
    Ok(())
}

pub fn close(tx: &Tx<'_>, id: i64, now: i64) -> Result<()> {
    tx.c.execute("update alarm set closed_at = ? where id = ?", (now, id))?;
    // The audit log keeps what was; this is for people who look today.
    tx.c.execute("delete from alarm where closed_at < ? - 30 * 86400", [now])?;
    Ok(())
}

/// Automatic letters in the hour since then, and no later (T93): to one domain, without those to proven
/// senders, or of the desk.
pub fn letters_since(c: &Connection, domain: Option<&str>, since: i64) -> Result<u32> {
    let sql = match domain {
        Some(_) => {
            "select count(*) from letter where automatic = 1 and created_at > ?1 and created_at <= ?1 + 3720 and domain = ?2"
        }
        None => {
            "select count(*) from letter where automatic = 1 and created_at > ?1 and created_at <= ?1 + 3720 and ?2 is null"
        }
    };
    Ok(c.prepare_cached(sql)?.query_row((since, domain), |r| r.get(0))?)
}

/// Counts a letter that the gate kept back.
pub fn kept_back(tx: &Tx<'_>, limit: Limit) -> Result<()> {
    tx.c.prepare_cached("insert into kept_back (limit_word, n) values (?, 1) on conflict (limit_word) do update set n = n + 1")?
        .execute([limit.as_str()])?;
    Ok(())
}
