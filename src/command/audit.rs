//! `audit`: compares the mailboxes on the server with the ledger: every mail has exactly one outcome.

use crate::app::{Desk, Trouble};
use crate::config::{Config, MailSource, MailboxConfig};
use crate::edge::cli::{Done, Exit, Failure, out};
use crate::edge::imap;
use crate::edge::maildir::untaken::{Beside, MaildirError};
use serde_json::{Value, json};

/// What was found in one mailbox.
struct Found {
    mailbox: String,
    mails: usize,
    /// The UIDs, or the names of files, that have no outcome.
    missing: Vec<String>,
    /// So many of them have the UID of a mail that had its outcome (T109).
    changed: usize,
    /// The server gives out UIDs that it gave out before.
    went_back: bool,
}

/// Prints what is missing; 1 where something is, 69 where a server does not answer.
pub fn run(config: &Config, as_json: bool) -> Done {
    let desk = Desk::look(config)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut all = Vec::new();
    let mut unreachable = Vec::new();
    for mailbox in &config.mailboxes {
        match runtime.block_on(look(&desk, mailbox, config.limits.mail_bytes_max)) {
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
            if f.changed > 0 || f.went_back {
                out::line(format!(
                    "{}: its UIDs went back, as after a restore; {} of them are other mails than \
                     those that were taken in. The daemon compares them at its next connection",
                    f.mailbox, f.changed
                ))?;
            }
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

async fn look(desk: &Desk, mailbox: &MailboxConfig, bytes_max: u64) -> Result<Found, Unseen> {
    let name = mailbox.name.clone();
    if let MailSource::Maildir { folder, .. } = &mailbox.source {
        let beside = Beside { desk, mailbox: &name, folder, bytes_max };
        let missing = beside.not_taken().map_err(|e| match e {
            MaildirError::Folder(why) => Unseen::Server(why),
            MaildirError::Desk(trouble) => Unseen::Desk(trouble),
        })?;
        let missing: Vec<String> = missing.into_iter().map(|(name, _)| name).collect();
        let mails = missing.len();
        return Ok(Found { mailbox: name, mails, missing, changed: 0, went_back: false });
    }
    let folder = imap::folder(mailbox).await.map_err(Unseen::Server)?;
    let (validity, mut mails) = (folder.uid_validity, folder.mails);
    let (missing, changed) = match desk.ledger().base(&name)? {
        Some((known, base)) if known == validity => {
            mails.retain(|(uid, _)| *uid >= base);
            let compared = desk.ledger().compare(&name, validity, &mails)?;
            (compared.without_outcome, [compared.changed, compared.resized].concat())
        }
        // The daemon never connected, or UIDVALIDITY changed and the daemon did not look yet.
        _ => (mails.iter().map(|(uid, _)| *uid).collect(), Vec::new()),
    };
    let next = desk.ledger().cursor(&name)?.filter(|c| c.uid_validity == validity).map(|c| c.next_uid);
    let went_back = matches!((folder.uid_next, next), (Some(theirs), Some(ours)) if theirs < ours);
    let mut missing = [missing, changed.clone()].concat();
    missing.sort_unstable();
    let missing = missing.iter().map(u32::to_string).collect();
    Ok(Found { mailbox: name, mails: mails.len(), missing, changed: changed.len(), went_back })
}
