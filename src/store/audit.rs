//! The audit log: a chain of rows in which none can be changed or left out unseen (T92).

use super::error::Result;
use super::sql;
use super::transaction::Tx;
use crate::desk::model::listed::AuditRow;
use crate::desk::rules::Rules;
use rusqlite::Connection;

/// A row of the audit log, chained by HMAC to the one before. `row`: actor, action, object, detail.
pub fn append(tx: &Tx<'_>, rules: &Rules, row: (&str, &str, &str, &str), now: i64) -> Result<()> {
    let last = "select chain from audit order by id desc limit 1";
    let before: Vec<u8> = sql::first(tx.c, last, [], |r| r.get(0))?.unwrap_or_default();
    let (actor, action, object, detail) = row;
    let chain = rules.keys.audit(&before, words(now, actor, action, object, detail).as_bytes());
    let text = "insert into audit (at, actor, action, object, detail, chain) values (?1, ?2, ?3, ?4, ?5, ?6)";
    sql::run(tx.c, text, (now, actor, action, object, detail, chain.as_slice()))?;
    Ok(())
}

fn words(at: i64, actor: &str, action: &str, object: &str, detail: &str) -> String {
    format!("{at}\0{actor}\0{action}\0{object}\0{detail}")
}

/// Hands on every row, oldest first, with whether the chain holds there. How many rows are missing at the
/// end: so many were written and are not there.
pub fn read(c: &Connection, rules: &Rules, mut each: impl FnMut(AuditRow, bool)) -> Result<i64> {
    let (mut before, mut rows): (Vec<u8>, i64) = (Vec::new(), 0);
    let text = "select id, at, actor, action, object, detail, chain from audit order by id";
    sql::each(c, text, [], |r| {
        let row = AuditRow {
            id: r.get(0)?,
            at: r.get(1)?,
            actor: r.get(2)?,
            action: r.get(3)?,
            object: r.get(4)?,
            detail: r.get(5)?,
        };
        let chain: Vec<u8> = r.get(6)?;
        let words = words(row.at, &row.actor, &row.action, &row.object, &row.detail);
        let holds = rules.keys.audit(&before, words.as_bytes()).as_slice() == chain.as_slice();
        (before, rows) = (chain, rows + 1);
        each(row, holds);
        Ok(())
    })?;
    let text = "select n from counter where what = 'audit' and word = 'rows'";
    let written = sql::first(c, text, [], |r| r.get::<_, i64>(0))?.unwrap_or(0);
    Ok((written - rows).max(0))
}
