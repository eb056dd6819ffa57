//! `audit`: the mailboxes on the server against the ledger. `status`: how the daemon does.

use crate::app::{Desk, Health};
use crate::config::{Config, MailSource, MailboxConfig};
use crate::edge::cli::{Done, Exit, Failure, out};
use crate::edge::{imap, maildir};
use serde_json::{Value, json};

/// What was found in one mailbox.
struct Found {
    mailbox: String,
    mails: usize,
    missing: Vec<String>,
}

pub fn run(config: &Config, as_json: bool) -> Done {
    let desk = Desk::open(config)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut all = Vec::new();
    let mut unreachable = Vec::new();
    for mailbox in &config.mailboxes {
        match runtime.block_on(look(&desk, mailbox)) {
            Ok(found) => all.push(found),
            Err(why) => unreachable.push(format!("mailbox {}: {why}", mailbox.name)),
        }
    }
    if as_json {
        let rows = all.iter().map(|f| json!({"mailbox": f.mailbox, "mails": f.mails, "missing": f.missing}));
        out::json(&Value::Array(rows.collect()))?;
    } else {
        for f in &all {
            let what = match f.missing.len() {
                0 => "each has exactly one outcome".to_owned(),
                n => format!("{n} without an outcome: UID {}", f.missing.join(", ")),
            };
            out::line(format!("{}: {} mails since the first connect, {what}", f.mailbox, f.mails))?;
        }
    }
    if !unreachable.is_empty() {
        return Err(Failure::new(Exit::Unavailable, unreachable.join("\n")));
    }
    Ok(if all.iter().all(|f| f.missing.is_empty()) { Exit::Good } else { Exit::Negative })
}

async fn look(desk: &Desk, mailbox: &MailboxConfig) -> Result<Found, String> {
    let name = mailbox.name.clone();
    if let MailSource::Maildir(folder) = &mailbox.source {
        let missing: Vec<String> =
            maildir::unknown(desk, &name, folder)?.into_iter().map(|(n, _)| n).collect();
        return Ok(Found { mailbox: name, mails: missing.len(), missing });
    }
    let (validity, mut uids) = imap::uids(mailbox).await?;
    let base = desk.ledger_base(&name).map_err(|e| e.to_string())?;
    let missing = match base {
        Some((known, base)) if known == validity => {
            uids.retain(|u| *u >= base);
            desk.without_outcome(&name, validity, &uids).map_err(|e| e.to_string())?
        }
        // Never connected, or UIDVALIDITY changed and the daemon did not look yet.
        _ => uids.clone(),
    };
    Ok(Found { mailbox: name, mails: uids.len(), missing: missing.iter().map(u32::to_string).collect() })
}

/// Parts of the daemon as it wrote them down; exit 1 where one is not well, or no daemon runs.
pub fn status(config: &Config, as_json: bool) -> Done {
    let desk = Desk::open(config)?;
    let running = crate::lock::hold(&config.data.dir).is_err();
    let known = |h: &&Health| match h.part.strip_prefix("mailbox:") {
        Some(name) => config.mailboxes.iter().any(|m| m.name == name),
        None => h.part != "probe" || config.probe_minutes > 0,
    };
    let kept = desk.health_kept()?;
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
        detail: desk.breakers()?,
        at: crate::app::now(),
    });
    // Nothing is broken where something waits: the words are for people.
    let waits = desk.forgotten()?.map(|(part, word)| Health {
        part: part.into(),
        good: true,
        detail: word.into(),
        at: crate::app::now(),
    });
    parts.extend(waits);
    let good = parts.iter().all(|p| p.good);
    let counts = desk.counts()?;
    if as_json {
        let rows = parts
            .iter()
            .map(|p| json!({"part": p.part, "good": p.good, "detail": p.detail, "since": out::time(p.at)}));
        let numbers = counts.iter().map(|(what, word, n)| json!({"what": what, "word": word, "count": n}));
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
            let rows = counts.iter().map(|(what, word, n)| vec![what.clone(), word.clone(), n.to_string()]);
            out::table(&["what", "state", "count"], rows.collect(), "")?;
        }
    }
    Ok(if good { Exit::Good } else { Exit::Negative })
}
