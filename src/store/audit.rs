//! The audit log: a chain of rows in which none can be changed or left out unseen (T92).

use super::error::Result;
use super::transaction::Tx;
use crate::desk::Rules;
use rusqlite::OptionalExtension;

/// A row of the audit log, chained by HMAC to the one before (T92).
pub fn audit(tx: &Tx<'_>, rules: &Rules, row: (&str, &str, &str, &str), now: i64) -> Result<()> {
    let mut last = tx.c.prepare_cached("select chain from audit order by id desc limit 1")?;
    let before: Vec<u8> = last.query_row([], |r| r.get(0)).optional()?.unwrap_or_default();
    let (actor, action, object, detail) = row;
    let text = format!("{now}\0{actor}\0{action}\0{object}\0{detail}");
    let chain = rules.keys.audit(&before, text.as_bytes());
    tx.c.prepare_cached(
        "insert into audit (at, actor, action, object, detail, chain) values (?, ?, ?, ?, ?, ?)",
    )?
    .execute((now, actor, action, object, detail, chain.as_slice()))?;
    Ok(())
}
