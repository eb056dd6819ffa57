//! `audit`: compares the mailboxes on the server with the ledger: every mail has exactly one outcome.

use crate::app::{Desk, Trouble};
use crate::config::{Config, MailSource, MailboxConfig};
use crate::edge::cli::{Done, Exit, Failure, out};
use crate::edge::imap;
use crate::edge::maildir::{self, MaildirError};
use serde_json::{Value, json};

/// What was found in one mailbox.
struct Found {
    mailbox: String,
    mails: usize,
    /// The UIDs, or the names of files, that have no outcome.
    missing: Vec<String>,
}

/// Prints what is missing; 1 where something is, 69 where a server does not answer.
pub fn run(config: &Config, as_json: bool) -> Done {
    let desk = Desk::look(config)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut all = Vec::new();
    let mut unreachable = Vec::new();
    for mailbox in &config.mailboxes {
        match runtime.block_on(look(&desk, mailbox)) {
            Ok(found) => all.push(found),
            Err(Unseen::Server(why)) => unreachable.push(format!("mailbox {}: {why}", mailbox.name)),
            Err(Unseen::Desk(trouble)) => return Err(trouble.into()),
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

/// Why a mailbox could not be compared.
enum Unseen {
    /// Its server or its folder does not answer.
    Server(String),
    /// Our own store cannot be read: 74 or 75, as in every command.
    Desk(Trouble),
}

impl From<Trouble> for Unseen {
    fn from(trouble: Trouble) -> Self {
        Self::Desk(trouble)
    }
}

async fn look(desk: &Desk, mailbox: &MailboxConfig) -> Result<Found, Unseen> {
    let name = mailbox.name.clone();
    if let MailSource::Maildir(folder) = &mailbox.source {
        let missing = maildir::not_taken(desk, &name, folder).map_err(|e| match e {
            MaildirError::Folder(why) => Unseen::Server(why),
            MaildirError::Desk(trouble) => Unseen::Desk(trouble),
        })?;
        let missing: Vec<String> = missing.into_iter().map(|(name, _)| name).collect();
        return Ok(Found { mailbox: name, mails: missing.len(), missing });
    }
    let (validity, mut uids) = imap::uids(mailbox).await.map_err(Unseen::Server)?;
    let base = desk.ledger().base(&name)?;
    let missing = match base {
        Some((known, base)) if known == validity => {
            uids.retain(|u| *u >= base);
            desk.ledger().without_outcome(&name, validity, &uids)?
        }
        // The daemon never connected, or UIDVALIDITY changed and the daemon did not look yet.
        _ => uids.clone(),
    };
    Ok(Found { mailbox: name, mails: uids.len(), missing: missing.iter().map(u32::to_string).collect() })
}
