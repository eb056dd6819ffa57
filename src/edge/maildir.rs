//! Mail in from a Maildir: `new` and `cur`, by unique name; after the commit a mail is moved to `cur` as
//! seen.

use crate::app::{Desk, Position};
use crate::config::{Limits, MailSource, MailboxConfig};
use crate::edge::dns::Names;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

const BATCH: usize = 100;

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
            match look(&desk, &names, &name, &folder, most) {
                Ok(()) => desk.set_health(&part, true, "open, mail is taken in"),
                Err(why) => {
                    tracing::warn!(mailbox = name, "{why}");
                    desk.set_health(&part, false, &why);
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

/// The unique name: what stands before the flags.
fn unique(name: &str) -> &str {
    name.split(":2,").next().unwrap_or(name)
}

/// Files of the Maildir that were not taken in, oldest name first: (unique name, path).
pub fn unknown(desk: &Desk, mailbox: &str, folder: &Path) -> Result<Vec<(String, PathBuf)>, String> {
    let mut files = Vec::new();
    for part in ["new", "cur"] {
        let dir = folder.join(part);
        let entries = std::fs::read_dir(&dir)
            .map_err(|e| format!("cannot read {}: {e}; is it a Maildir?", dir.display()))?;
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if !name.starts_with('.') && entry.path().is_file() {
                files.push((unique(&name).to_owned(), entry.path()));
            }
        }
    }
    files.sort();
    let names: Vec<String> = files.iter().map(|(n, _)| n.clone()).collect();
    let known = desk.maildir_known(mailbox, &names).map_err(|e| e.to_string())?;
    Ok(files.into_iter().zip(known).filter(|(_, known)| !known).map(|(f, _)| f).collect())
}

fn look(desk: &Desk, names: &Names, mailbox: &str, folder: &Path, bytes_max: u64) -> Result<(), String> {
    let new = unknown(desk, mailbox, folder)?;
    for batch in new.chunks(BATCH) {
        let mut looked = Vec::new();
        for (name, path) in batch {
            // Another program may have moved it on: it is found by its new path next time.
            let Ok(raw) = read(path, bytes_max) else { continue };
            looked
                .push(desk.look(raw, Position::Maildir { mailbox: mailbox.to_owned(), name: name.clone() }));
        }
        names.prove(desk, &mut looked).map_err(|e| format!("mail cannot be kept: {e}"))?;
        let taken = desk.take(&looked).map_err(|e| format!("mail cannot be kept: {e}"))?;
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

/// All of a file, or its head where it is beyond the limit (T37).
fn read(path: &Path, bytes_max: u64) -> std::io::Result<Vec<u8>> {
    use std::io::Read;
    let file = std::fs::File::open(path)?;
    let size = file.metadata()?.len();
    let mut raw = Vec::new();
    let most = if size > bytes_max { 256 << 10 } else { bytes_max };
    file.take(most).read_to_end(&mut raw)?;
    Ok(raw)
}
