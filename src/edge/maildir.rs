//! Mail in from a Maildir: the files of `new` and `cur`, known by their unique names; after the commit a mail
//! is moved to `cur` as seen.

use crate::app::{Desk, Looked, Position, Taken, Trouble};
use crate::config::{Limits, MailSource, MailboxConfig};
use crate::edge::dns::{Late, Names};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Mails of one transaction.
const BATCH_MAILS: usize = 100;
/// Octets of mails that wait for a name server beside the next ones.
const LATE_BYTES_MAX: u64 = 4 << 20;
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
    let MailSource::Maildir { folder, start_all } = mailbox.source else { return };
    let wait = Duration::from_secs(mailbox.poll_seconds.clamp(1, 5));
    let place = Arc::new(Place {
        mailbox: mailbox.name,
        folder,
        start_all,
        bytes_max: limits.mail_bytes_max,
        desk,
        names,
    });
    // What was told before is told again only after it changed.
    let mut told = String::new();
    while !*shutdown.borrow() {
        let here = place.clone();
        let looked = tokio::task::spawn_blocking(move || {
            let part = format!("mailbox:{}", here.mailbox);
            let why = here.take_new().err().unwrap_or_default();
            let detail = if why.is_empty() { "open, mail is taken in" } else { &why };
            here.desk.condition().set(&part, why.is_empty(), detail);
            why
        });
        let why = looked.await.unwrap_or_else(|_| "the program failed (a bug)".to_owned());
        if !why.is_empty() && why != told {
            tracing::warn!(mailbox = place.mailbox, "{why}");
        }
        told = why;
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            _ = shutdown.changed() => {}
        }
    }
}

/// A Maildir that is watched.
struct Place {
    mailbox: String,
    folder: PathBuf,
    start_all: bool,
    bytes_max: u64,
    desk: Desk,
    names: Arc<Names>,
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
            if !name.starts_with('.') && !entry.path().is_dir() {
                files.push((unique_name(&name).to_owned(), entry.path()));
            }
        }
    }
    files.sort();
    let names: Vec<String> = files.iter().map(|(n, _)| n.clone()).collect();
    let known = desk.ledger().maildir_known(mailbox, &names)?;
    Ok(files.into_iter().zip(known).filter(|(_, known)| !known).map(|(f, _)| f).collect())
}

impl Place {
    /// Takes in what is new. The error says what stands in the way; what it does not name was taken.
    fn take_new(&self) -> Result<(), String> {
        let new = not_taken(&self.desk, &self.mailbox, &self.folder).map_err(|e| e.to_string())?;
        let ledger = self.desk.ledger();
        let cannot = |e: Trouble| format!("mail cannot be kept: {e}");
        let first = !ledger.maildir_is_known(&self.mailbox).map_err(cannot)?;
        if first && !self.start_all {
            let before: Vec<String> = new.into_iter().map(|(name, _)| name).collect();
            let count = before.len();
            tracing::info!(mailbox = self.mailbox, count, "mail that was there before is left as it is");
            return ledger.begin_maildir(&self.mailbox, &before).map_err(cannot);
        }
        let (mut unread, mut late) = (Vec::new(), Vec::new());
        for batch in new.chunks(BATCH_MAILS) {
            let (soon, waits) = self.read_batch(batch, first, &mut unread)?;
            self.keep_and_move(&new, &soon)?;
            late.extend(waits);
            if late.iter().flat_map(Late::mails).map(|l| l.mail.size).sum::<u64>() > LATE_BYTES_MAX {
                self.take_late(&new, &mut late)?;
            }
        }
        self.take_late(&new, &mut late)?;
        if first {
            ledger.begin_maildir(&self.mailbox, &[]).map_err(cannot)?;
        }
        match unread.first() {
            None => Ok(()),
            Some(why) => {
                Err(format!("{} files cannot be read, and wait where they are: {why}", unread.len()))
            }
        }
    }

    /// Reads some files: mails that may be taken in, and those about which a name server keeps silent. A file
    /// that cannot be read stays as it is.
    fn read_batch(
        &self,
        batch: &[(String, PathBuf)],
        history: bool,
        unread: &mut Vec<String>,
    ) -> Result<(Vec<Looked>, Option<Late>), String> {
        let mut looked = Vec::new();
        for (name, path) in batch {
            let (raw, arrived_at) = match read_file(path, self.bytes_max) {
                Ok(read) => read,
                // Another program moved the file meanwhile: the next look finds it at its new path.
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => continue,
                Err(e) => {
                    unread.push(format!("{}: {e}", path.display()));
                    continue;
                }
            };
            let (mailbox, unique) = (self.mailbox.clone(), name.clone());
            let position = Position::Maildir { mailbox, name: unique, arrived_at, history };
            looked.push(self.desk.intake().look(raw, position));
        }
        self.names.prove_soon(&self.desk, looked).map_err(|e| format!("mail cannot be kept: {e}"))
    }

    /// Takes in the mails that wait for a name server, when its time is over.
    fn take_late(&self, files: &[(String, PathBuf)], late: &mut Vec<Late>) -> Result<(), String> {
        late.drain(..).try_for_each(|batch| self.keep_and_move(files, &batch.wait(&self.desk)))
    }

    /// Commits a batch, then moves its files to `cur`. `files`: by name, in order.
    fn keep_and_move(&self, files: &[(String, PathBuf)], looked: &[Looked]) -> Result<(), String> {
        for t in self.keep(looked)? {
            tracing::info!(mail.id = t.mail, ticket = t.ticket, "mail taken in: {}", t.outcome);
        }
        for l in looked {
            let Position::Maildir { name, .. } = &l.position else { continue };
            let path = files.binary_search_by(|(n, _)| n.cmp(name)).map(|at| &files[at].1);
            if let Some(path) = path.ok().filter(|p| p.parent().is_some_and(|dir| dir.ends_with("new"))) {
                let _ = std::fs::rename(path, self.folder.join("cur").join(format!("{name}:2,S")));
            }
        }
        Ok(())
    }

    /// Commits a batch. Where the store is busy or full, its health says so until mail is kept again.
    fn keep(&self, looked: &[Looked]) -> Result<Vec<Taken>, String> {
        let condition = self.desk.condition();
        match self.desk.intake().take(looked) {
            Ok(taken) => {
                if condition.parts().iter().any(|h| h.part == "store" && !h.good) {
                    condition.set("store", true, "mail is kept");
                }
                Ok(taken)
            }
            Err(e) => {
                if matches!(e, Trouble::Busy(_) | Trouble::Full(_)) {
                    condition.set("store", false, &e.to_string());
                }
                Err(format!("mail cannot be kept: {e}"))
            }
        }
    }
}

/// All of a file, or its beginning where it is beyond the limit (T37); and when it was written, in seconds
/// since 1970.
fn read_file(path: &Path, bytes_max: u64) -> std::io::Result<(Vec<u8>, i64)> {
    use std::io::Read;
    let file = std::fs::File::open(path)?;
    let found = file.metadata()?;
    let size = found.len();
    let mut raw = Vec::new();
    let most = if size > bytes_max { HEAD_BYTES } else { bytes_max };
    file.take(most).read_to_end(&mut raw)?;
    Ok((raw, found.mtime()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::testing::{address, clock, desk, letters};

    fn place(folder: &Path, start_all: bool, runtime: &tokio::runtime::Runtime) -> Place {
        for part in ["new", "cur", "tmp"] {
            std::fs::create_dir_all(folder.join(part)).expect("a Maildir");
        }
        let names = Names::new(Some(([127, 0, 0, 1], 9).into()), runtime.handle().clone());
        Place {
            mailbox: "support".into(),
            folder: folder.to_owned(),
            start_all,
            bytes_max: 1 << 20,
            desk: desk(&[]).1,
            names: Arc::new(names),
        }
    }

    fn put(folder: &Path, name: &str, from: &str) -> PathBuf {
        let path = folder.join(name);
        let mail = format!(
            "From: {from}\nTo: {}\nMessage-ID: <{}@x.example>\nSubject: x\n\nHello\n",
            address("support@desk.example"),
            name.replace(['/', ':', ','], "")
        );
        std::fs::write(&path, mail).expect("a mail");
        path
    }

    fn with(start_all: bool, check: impl FnOnce(Place, &Path)) {
        let dir = tempfile::tempdir().expect("a folder");
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let _inside = runtime.enter();
        check(place(dir.path(), start_all, &runtime), dir.path());
    }

    /// 30 read mails of years ago were taken in and confirmed.
    #[test]
    fn mail_that_was_there_before_is_left_alone() {
        with(false, |place, folder| {
            let old = put(folder, "cur/1.old:2,S", "a@far.example");
            put(folder, "new/2.old", "b@far.example");
            place.take_new().expect("a look");
            let new = put(folder, "new/3.new", "c@far.example");
            place.take_new().expect("a look");
            let tickets = place.desk.operator().tickets(None).expect("tickets");
            assert_eq!(tickets.len(), 1, "only what came later");
            assert!(old.exists() && folder.join("new/2.old").exists(), "the old stay where they were");
            assert!(!new.exists() && folder.join("cur/3.new:2,S").exists());
            assert_eq!(letters(&place.desk).len(), 1);
        });
        with(true, |place, folder| {
            put(folder, "cur/1.old:2,S", "a@far.example");
            place.take_new().expect("a look");
            assert_eq!(place.desk.operator().tickets(None).expect("tickets").len(), 1);
            assert!(letters(&place.desk).is_empty(), "what was there before is never answered");
            put(folder, "new/2.new", "b@far.example");
            place.take_new().expect("a look");
            assert_eq!(letters(&place.desk).len(), 1);
        });
    }

    /// One that could not be read was moved to the read ones, and nobody ever heard of it.
    #[test]
    fn a_file_that_cannot_be_read_is_told_and_stays() {
        with(false, |place, folder| {
            place.take_new().expect("a look");
            let odd = folder.join("new/1.odd");
            std::os::unix::fs::symlink("1.odd", &odd).expect("a link to itself");
            put(folder, "new/2.good", "a@far.example");
            let why = place.take_new().expect_err("it is told");
            assert!(why.contains("1.odd"), "{why}");
            assert_eq!(place.desk.operator().tickets(None).expect("tickets").len(), 1, "its neighbour");
            std::fs::remove_file(&odd).expect("removed");
            put(folder, "new/1.odd", "b@far.example");
            place.take_new().expect("now it can be read");
            assert_eq!(place.desk.operator().tickets(None).expect("tickets").len(), 2);
        });
    }

    #[test]
    fn the_time_of_a_file_is_its_arrival() {
        with(false, |place, folder| {
            place.take_new().expect("a look");
            let path = put(folder, "new/1.x", "a@far.example");
            let written = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
            let file = std::fs::File::options().write(true).open(&path).expect("the file");
            file.set_modified(written).expect("a time");
            drop(file);
            let (_, at) = read_file(&path, 1 << 20).expect("read");
            assert!(at == 1_700_000_000 && at < clock());
        });
    }

    /// A name server that never answers keeps mail waiting that needs it, and no other.
    #[test]
    fn a_silent_name_server_holds_no_other_mail() {
        with(false, |mut place, folder| {
            let silent = std::net::UdpSocket::bind("127.0.0.1:0").expect("a port");
            let server = silent.local_addr().ok();
            place.names = Arc::new(Names::new(server, tokio::runtime::Handle::current()));
            place.take_new().expect("a look");
            let signed = put(folder, "new/1.signed", "a@far.example");
            let mail = std::fs::read_to_string(&signed).expect("the mail");
            let hash = "A".repeat(43);
            let signature = format!(
                "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=far.example; s=s1;\n \
                 h=from:to:subject:message-id; bh={hash}=; b={}==\n",
                "A".repeat(86)
            );
            std::fs::write(&signed, signature + &mail).expect("a signed mail");
            put(folder, "new/2.plain", "b@far.example");
            place.take_new().expect("a look");
            let tickets = place.desk.operator().tickets(None).expect("tickets");
            let first = tickets.iter().find(|t| t.ticket.number == 1).expect("a ticket");
            assert_eq!(first.requester.address, "b@far.example", "what needs no names comes first");
            assert_eq!(tickets.len(), 2);
            assert!(!signed.exists() && folder.join("cur/1.signed:2,S").exists());
            let mut asked = [0; 1500];
            silent.set_nonblocking(true).expect("a socket");
            assert!(silent.recv_from(&mut asked).is_ok(), "the server was asked");
        });
    }
}
