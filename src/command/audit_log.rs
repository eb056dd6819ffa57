//! `audit --log`: shows the audit log, and proves that nobody changed it (T92).

use crate::app::{AuditRow, Chain, Desk};
use crate::config::Config;
use crate::edge::cli::{AuditArgs, Done, Exit, Failure, out};
use serde_json::{Value, json};

/// Prints the rows that the flags name; 1 where the chain of all rows does not hold.
pub fn run(config: &Config, args: &AuditArgs) -> Done {
    let desk = Desk::look(config)?;
    let mut rows = Vec::new();
    let chain = desk.operator().audit_log(|row| {
        if is_asked_for(args, row) {
            rows.push(row.clone());
        }
    })?;
    if args.json {
        let all = rows.iter().map(|r| {
            json!({"id": r.id, "at": out::time(r.at), "actor": r.actor, "action": r.action,
                   "object": r.object, "detail": r.detail})
        });
        out::json(&Value::Array(all.collect()))?;
    } else {
        let cells = rows
            .into_iter()
            .map(|r| vec![r.id.to_string(), out::short_time(r.at), r.actor, r.action, r.object, r.detail]);
        let head = ["id", "at", "actor", "action", "object", "detail"];
        out::table(&head, cells.collect(), "no row of the audit log is so")?;
    }
    match found(chain) {
        Ok(_) => Ok(Exit::Good),
        Err(fault) => Err(Failure::new(Exit::Negative, fault)),
    }
}

fn is_asked_for(args: &AuditArgs, row: &AuditRow) -> bool {
    let is = |wanted: &Option<String>, word: &str| wanted.as_ref().is_none_or(|w| w == word);
    args.since.is_none_or(|at| row.at >= at)
        && args.until.is_none_or(|at| row.at < at)
        && is(&args.actor, &row.actor)
        && is(&args.action, &row.action)
        && is(&args.object, &row.object)
}

/// Whether the chain holds, in words.
pub fn found(chain: Chain) -> Result<String, String> {
    match chain {
        Chain::Holds(rows) => Ok(format!("{rows} rows, the chain holds")),
        Chain::Broken(id) => {
            Err(format!("the audit log was changed: row {id}, or one before it, is not as it was written"))
        }
        Chain::Cut(rows) => Err(format!("the audit log was changed: its last {rows} rows are gone")),
    }
}
