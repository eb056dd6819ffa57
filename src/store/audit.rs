//! The audit log: a chain of rows in which none can be changed or left out unseen (T92).

use super::error::Result;
use super::sql;
use super::transaction::Tx;
use crate::desk::rules::Rules;

/// A row of the audit log, chained by HMAC to the one before. `row`: actor, action, object, detail.
pub fn append(tx: &Tx<'_>, rules: &Rules, row: (&str, &str, &str, &str), now: i64) -> Result<()> {
    let last = "select chain from audit order by id desc limit 1";
    let before: Vec<u8> = sql::first(tx.c, last, [], |r| r.get(0))?.unwrap_or_default();
    let (actor, action, object, detail) = row;
    let words = format!("{now}\0{actor}\0{action}\0{object}\0{detail}");
    let chain = rules.keys.audit(&before, words.as_bytes());
    let text = "insert into audit (at, actor, action, object, detail, chain) values (?1, ?2, ?3, ?4, ?5, ?6)";
    sql::run(tx.c, text, (now, actor, action, object, detail, chain.as_slice()))?;
    Ok(())
}
