//! `status`: shows how the daemon does, as it wrote it down last.

use super::lock;
use crate::app::{Desk, Health};
use crate::config::Config;
use crate::edge::cli::{Done, Exit, out};
use serde_json::json;

/// Prints the parts of the daemon; 1 where one is disturbed, or where no daemon runs.
pub fn run(config: &Config, as_json: bool) -> Done {
    let desk = Desk::look(config)?;
    let running = lock::is_held(&config.data.dir);
    let known = |h: &&Health| match h.part.strip_prefix("mailbox:") {
        Some(name) => config.mailboxes.iter().any(|m| m.name == name),
        None => h.part != "probe" || config.probe_minutes > 0,
    };
    let kept = desk.condition().parts_kept()?;
    let mut parts = vec![Health {
        part: "daemon".into(),
        good: running,
        detail: if running { "runs" } else { "does not run; start it with maildesk run" }.into(),
        at: crate::app::now(),
    }];
    parts.extend(kept.iter().filter(known).cloned());
    parts.push(Health {
        part: "letters".into(),
        good: true,
        detail: desk.condition().breakers()?,
        at: crate::app::now(),
    });
    // What waits is no fault: people read it, and the exit code stays the same.
    let waits = desk.condition().forgotten()?.map(|(part, word)| Health {
        part: part.into(),
        good: true,
        detail: word.into(),
        at: crate::app::now(),
    });
    parts.extend(waits);
    let good = parts.iter().all(|p| p.good);
    let counts = desk.condition().counts()?;
    if as_json {
        let rows = parts
            .iter()
            .map(|p| json!({"part": p.part, "good": p.good, "detail": p.detail, "since": out::time(p.at)}));
        let numbers = counts
            .iter()
            .map(|(counted, n)| json!({"what": counted.subject(), "word": counted.word(), "count": n}));
        out::json(
            &json!({"good": good, "parts": rows.collect::<Vec<_>>(), "counts": numbers.collect::<Vec<_>>()}),
        )?;
    } else {
        let rows = parts
            .iter()
            .map(|p| vec![p.part.clone(), if p.good { "good" } else { "BAD" }.into(), p.detail.clone()]);
        out::table(&["part", "state", "detail"], rows.collect(), "")?;
        if !counts.is_empty() {
            out::line("")?;
            let rows = counts.iter().map(|(counted, n)| {
                vec![counted.subject().to_owned(), counted.word().to_owned(), n.to_string()]
            });
            out::table(&["what", "state", "count"], rows.collect(), "")?;
        }
    }
    Ok(if good { Exit::Good } else { Exit::Negative })
}
