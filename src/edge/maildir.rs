//! Mail in from a Maildir: the files of `new` and `cur`, known by their unique names; after the commit a mail
//! is moved to `cur` as seen.

use crate::app::{Desk, Position, Trouble};
use crate::config::{Limits, MailSource, MailboxConfig};
use crate::edge::dns::Names;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Mails of one transaction.
const BATCH_MAILS: usize = 100;
/// Of a mail beyond the limit so much is read: its header (T37).
const HEAD_BYTES: u64 = 256 << 10;

/// Why a Maildir could not be compared with the ledger.
#[derive(Debug, thiserror::Error)]
pub enum MaildirError {
    /// The folder, in words that name it.
    #[error("{0}")]
    Folder(String),
    /// Our own store cannot be read.
    #[error(transparent)]
    Desk(#[from] Trouble),
}

/// Takes in what is delivered until `shutdown` becomes true; a fault of the folder never ends it.
pub async fn run(
    mailbox: MailboxConfig,
    limits: Limits,
    desk: Desk,
    names: Arc<Names>,
    mut shutdown: watch::Receiver<bool>,
) {
    let MailSource::Maildir(folder) = mailbox.source else { return };
    let wait = Duration::from_secs(mailbox.poll_seconds.clamp(1, 5));
    while !*shutdown.borrow() {
        let (desk, names, name, folder) = (desk.clone(), names.clone(), mailbox.name.clone(), folder.clone());
        let most = limits.mail_bytes_max;
        let looked = tokio::task::spawn_blocking(move || {
            let part = format!("mailbox:{name}");
            match take_new(&desk, &names, &name, &folder, most) {
                Ok(()) => desk.condition().set(&part, true, "open, mail is taken in"),
                Err(why) => {
                    tracing::warn!(mailbox = name, "{why}");
                    desk.condition().set(&part, false, &why);
                }
            }
        });
        let _ = looked.await;
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            _ = shutdown.changed() => {}
        }
    }
}

/// The unique name of a file: what stands before its flags.
fn unique_name(name: &str) -> &str {
    name.split(":2,").next().unwrap_or(name)
}

/// Files of the Maildir that were not taken in, in the order of their names: (unique name, path).
pub fn not_taken(desk: &Desk, mailbox: &str, folder: &Path) -> Result<Vec<(String, PathBuf)>, MaildirError> {
    let mut files = Vec::new();
    for part in ["new", "cur"] {
        let dir = folder.join(part);
        let entries = std::fs::read_dir(&dir).map_err(|e| {
            MaildirError::Folder(format!("cannot read {}: {e}; is it a Maildir?", dir.display()))
        })?;
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if !name.starts_with('.') && entry.path().is_file() {
                files.push((unique_name(&name).to_owned(), entry.path()));
            }
        }
    }
    files.sort();
    let names: Vec<String> = files.iter().map(|(n, _)| n.clone()).collect();
    let known = desk.ledger().maildir_known(mailbox, &names)?;
    Ok(files.into_iter().zip(known).filter(|(_, known)| !known).map(|(f, _)| f).collect())
}

fn take_new(desk: &Desk, names: &Names, mailbox: &str, folder: &Path, bytes_max: u64) -> Result<(), String> {
    let new = not_taken(desk, mailbox, folder).map_err(|e| e.to_string())?;
    for batch in new.chunks(BATCH_MAILS) {
        let mut looked = Vec::new();
        for (name, path) in batch {
            // Another program may have moved the file meanwhile: the next look finds it at its new path.
            let Ok(raw) = read_file(path, bytes_max) else { continue };
            let position = Position::Maildir { mailbox: mailbox.to_owned(), name: name.clone() };
            looked.push(desk.intake().look(raw, position));
        }
        names.prove(desk, &mut looked).map_err(|e| format!("mail cannot be kept: {e}"))?;
        let taken = desk.intake().take(&looked).map_err(|e| format!("mail cannot be kept: {e}"))?;
        for t in taken {
            tracing::info!(mail.id = t.mail, ticket = t.ticket, "mail taken in: {}", t.outcome);
        }
        for (name, path) in batch {
            if path.parent().is_some_and(|p| p.ends_with("new")) {
                let _ = std::fs::rename(path, folder.join("cur").join(format!("{name}:2,S")));
            }
        }
    }
    Ok(())
}

/// All of a file, or its beginning where it is beyond the limit (T37).
fn read_file(path: &Path, bytes_max: u64) -> std::io::Result<Vec<u8>> {
    use std::io::Read;
    let file = std::fs::File::open(path)?;
    let size = file.metadata()?.len();
    let mut raw = Vec::new();
    let most = if size > bytes_max { HEAD_BYTES } else { bytes_max };
    file.take(most).read_to_end(&mut raw)?;
    Ok(raw)
}
