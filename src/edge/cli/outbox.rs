//! `maildesk outbox …` and `maildesk backup`.

use super::args::Outbox;
use super::exit::{Done, Exit, Failure};
use super::{json, out};
use crate::app::{Desk, Trouble};
use serde_json::Value;
use std::path::Path;

/// Carries out one of its commands.
pub fn run(desk: &Desk, verb: &Outbox) -> Done {
    match verb {
        Outbox::List { json: true } => {
            out::json(&Value::Array(desk.outbox().letters()?.iter().map(json::outbox).collect()))
        }
        Outbox::List { json: false } => {
            let rows = desk.outbox().letters()?.into_iter().map(|e| {
                let next = e.next_at.map(out::short_time).unwrap_or_default();
                vec![
                    e.id.to_string(),
                    e.kind.as_str().to_owned(),
                    e.to.clone(),
                    e.state.as_str().to_owned(),
                    json::reason(&e).to_owned(),
                    next,
                ]
            });
            out::table(
                &["id", "kind", "to", "state", "reason", "next"],
                rows.collect(),
                "nothing waits and nothing failed",
            )
        }
        Outbox::Retry { ids } => {
            require_in_outbox(desk, ids)?;
            let n = desk.outbox().retry(ids)?;
            out::line(format!("{n} to be sent now"))
        }
        Outbox::Cancel { ids, yes } => {
            require_in_outbox(desk, ids)?;
            out::sure(&format!("Never send {} letters?", ids.len()), *yes)?;
            let n = desk.outbox().cancel(ids)?;
            out::line(format!("{n} cancelled"))
        }
    }
}

/// Refuses an id that neither waits nor failed.
fn require_in_outbox(desk: &Desk, ids: &[i64]) -> Result<(), Failure> {
    match desk.outbox().not_waiting(ids)?.first() {
        Some(id) => Err(Failure::new(
            Exit::NoInput,
            format!("no letter {id} waits or failed; see maildesk outbox list"),
        )),
        None => Ok(()),
    }
}

/// Writes a backup beside the daemon; `file` must be new.
pub fn backup(desk: &Desk, file: &Path) -> Done {
    if !desk.is_on_disk() {
        return Err(Failure::new(Exit::NoInput, "there is no database yet; maildesk run makes it"));
    }
    desk.operator().backup(file).map_err(|e| match e {
        Trouble::Full(text) => Failure::new(Exit::CannotCreate, text),
        other => other.into(),
    })?;
    out::line(format!("{} is written and verified; the key is not in it", file.display()))
}
