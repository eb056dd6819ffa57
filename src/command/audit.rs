//! `audit`: compares the mailboxes on the server with the ledger: every mail has exactly one outcome.

use crate::app::Desk;
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
