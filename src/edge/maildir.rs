//! Mail in from a Maildir: the files of `new` and `cur`, known by their unique names and their content; after
//! the commit a mail is moved to `cur` as seen.

mod folder;
mod memory;
pub mod untaken;

use crate::app::{Desk, FileRead, FileSeen, Looked, Position, Taken, Trouble, UnderWay};
use crate::config::{Limits, MailSource, MailboxConfig};
use crate::edge::dns::{Late, Names};
use folder::{Entry, File, NEW, PARTS};
use memory::{Left, Memory};
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use untaken::{Beside, Found, MaildirError, ToDo};

/// Mails, and octets, of one transaction; a larger mail makes one of its own (T37).
const BATCH_MAILS: usize = 100;
const BATCH_BYTES: u64 = 1 << 20;
/// A mail that goes alone looks so often whether it is its turn.
const TURN: Duration = Duration::from_millis(20);
/// Octets of mails that wait for a name server beside the next ones.
const LATE_BYTES_MAX: u64 = 4 << 20;
/// So many names are tried for a mail whose own is taken in `cur`.
const NAMES_MAX: usize = 20;

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
        memory: Mutex::default(),
    });
    // What was told before is told again only after it changed.
    let mut told = String::new();
    while !*shutdown.borrow() {
        let why = look_once(&place, |place| place.look(Instant::now())).await;
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

/// One look, and what health says after it, also where the look panics. Empty: all is well.
async fn look_once(place: &Arc<Place>, look: impl FnOnce(&Place) -> String + Send + 'static) -> String {
    let here = place.clone();
    let looked = tokio::task::spawn_blocking(move || look(&here)).await;
    let why = looked.unwrap_or_else(|_| "the program failed (a bug)".to_owned());
    let (here, detail) = (place.clone(), why.clone());
    let told = tokio::task::spawn_blocking(move || {
        let good = detail.is_empty();
        let detail = if good { "open, mail is taken in" } else { &detail };
        here.desk.condition().set(&format!("mailbox:{}", here.mailbox), good, detail);
    });
    let _ = told.await;
    why
}

/// A Maildir that is watched.
struct Place {
    mailbox: String,
    folder: PathBuf,
    start_all: bool,
    bytes_max: u64,
    desk: Desk,
    names: Arc<Names>,
    memory: Mutex<Memory>,
}

impl Place {
    /// Takes in what is new, and says what stands in the way; what it does not name was taken.
    fn look(&self, at: Instant) -> String {
        match self.take_new(at) {
            Ok(_) => self.memory().left().words(),
            Err(MaildirError::Folder(why)) => why,
            Err(MaildirError::Desk(trouble)) => format!("mail cannot be kept: {trouble}"),
        }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn beside(&self) -> Beside<'_> {
        let Self { desk, mailbox, folder, bytes_max, .. } = self;
        Beside { desk, mailbox, folder, bytes_max: *bytes_max }
    }

    /// Takes in what is new; of how many files the ledger was asked.
    fn take_new(&self, at: Instant) -> Result<usize, MaildirError> {
        // Where this look fails or panics nothing is remembered, and the next one looks at everything.
        let mut memory = std::mem::take(&mut *self.memory());
        let stamps = folder::stamps(&self.folder).map_err(MaildirError::Folder)?;
        let due = memory.due(&stamps, at);
        let mut asked = 0;
        if due.contains(&true) {
            self.begin()?;
            let left = self.take_all(due, &mut asked)?;
            for (part, left) in left.into_iter().enumerate().filter(|(part, _)| due[*part]) {
                memory.looked(part, stamps[part], at, left);
            }
        }
        *self.memory() = memory;
        Ok(asked)
    }

    /// Notes at the first look what is there already.
    fn begin(&self) -> Result<(), MaildirError> {
        let ledger = self.desk.ledger();
        if ledger.maildir_is_begun(&self.mailbox)? {
            return Ok(());
        }
        let mut there = Vec::new();
        for part in 0..PARTS.len() {
            for entry in folder::entries(&self.folder, part).map_err(MaildirError::Folder)? {
                if let Entry::File(file) = entry.map_err(MaildirError::Folder)? {
                    there.push(file.seen);
                }
            }
        }
        if !self.start_all {
            let count = there.len();
            tracing::info!(mailbox = self.mailbox, count, "mail that was there before is left as it is");
        }
        self.written(ledger.begin_maildir(&self.mailbox, &there, self.start_all))
    }

    /// Takes in all that is new in these parts; what was left in them.
    fn take_all(&self, parts: [bool; 2], asked: &mut usize) -> Result<[Left; 2], MaildirError> {
        let (mut left, mut behind) = (<[Left; 2]>::default(), None);
        loop {
            let window = self.beside().window(parts, behind.as_ref())?;
            *asked += window.asked;
            for (all, here) in left.iter_mut().zip(&window.left) {
                all.odd.clone_from(&here.odd);
            }
            if !window.same.is_empty() {
                self.written(self.desk.ledger().renew_maildir(&self.mailbox, &window.same))?;
            }
            self.take_window(&window.files, &mut left)?;
            behind = window.files.into_iter().next_back().map(|found| found.file);
            if !window.more {
                return Ok(left);
            }
        }
    }

    fn take_window(&self, files: &[Found], left: &mut [Left; 2]) -> Result<(), MaildirError> {
        let (mut rest, mut late) = (files, Vec::new());
        while !rest.is_empty() {
            let (batch, more) = rest.split_at(batch(rest, |found| self.goes_alone(found)));
            rest = more;
            let Some(mark) = self.mark(batch)? else { continue };
            let (soon, waits) = self.read_batch(batch, left)?;
            self.keep_and_move(files, &soon, left)?;
            let alone = mark.is_alone();
            late.extend(waits.map(|late| (late, mark)));
            let bytes: u64 = late.iter().flat_map(|(l, _)| l.mails()).map(|l| l.mail.size).sum();
            if alone || bytes > LATE_BYTES_MAX {
                self.take_late(files, &mut late, left)?;
            }
        }
        self.take_late(files, &mut late, left)
    }

    fn position(&self, file: &File, read: Option<FileRead>, history: bool) -> Position {
        let (mailbox, name) = (self.mailbox.clone(), file.seen.name.clone());
        let arrived_at = file.seen.modified_at.div_euclid(1_000_000_000);
        Position::Maildir { mailbox, name, file: read, arrived_at, history }
    }

    fn goes_alone(&self, found: &Found) -> bool {
        self.desk.poison().goes_alone(&self.position(&found.file, None, false))
    }

    /// The mark that names a batch until it is taken (T34). `None`: it is one mail that ended the program too
    /// often, and it is held now.
    fn mark(&self, batch: &[Found]) -> Result<Option<UnderWay>, MaildirError> {
        let poison = self.desk.poison();
        let places: Vec<Position> = batch.iter().map(|f| self.position(&f.file, None, false)).collect();
        if let [place] = places.as_slice()
            && let Some(why) = poison.given_up(place)
        {
            self.written(self.desk.intake().hold_without_bytes(place.clone(), why))?;
            return Ok(None);
        }
        loop {
            match poison.under_way(&places) {
                Some(mark) => return Ok(Some(mark)),
                None => std::thread::sleep(TURN),
            }
        }
    }

    /// Reads some files: mails that may be taken in, and those about which a name server keeps silent. A file
    /// that cannot be read stays as it is.
    fn read_batch(
        &self,
        batch: &[Found],
        left: &mut [Left; 2],
    ) -> Result<(Vec<Looked>, Option<Late>), MaildirError> {
        let mut looked = Vec::new();
        for Found { file, to_do } in batch {
            let ToDo::Take { history } = *to_do else {
                self.settle(file, left)?;
                continue;
            };
            match folder::read(&file.path, self.bytes_max) {
                Ok((raw, read)) => {
                    looked.push(self.desk.intake().look(raw, self.position(file, Some(read), history)));
                }
                // Another program moved the file meanwhile: the next look finds it at its new path.
                Err(e) if e.kind() == ErrorKind::NotFound => {}
                Err(e) => left[file.part].unread.add(|| format!("{}: {e}", named(file))),
            }
        }
        Ok(self.names.prove_soon(&self.desk, looked)?)
    }

    /// Takes in the mails that wait for a name server, when its time is over.
    fn take_late(
        &self,
        files: &[Found],
        late: &mut Vec<(Late, UnderWay)>,
        left: &mut [Left; 2],
    ) -> Result<(), MaildirError> {
        late.drain(..).try_for_each(|(batch, _mark)| self.keep_and_move(files, &batch.wait(&self.desk), left))
    }

    /// Commits a batch, then moves its files to `cur`. `files`: by name, in order.
    fn keep_and_move(
        &self,
        files: &[Found],
        looked: &[Looked],
        left: &mut [Left; 2],
    ) -> Result<(), MaildirError> {
        let taken: Vec<Taken> = self.written(self.desk.intake().take(looked))?;
        for t in taken {
            tracing::info!(mail.id = t.mail, ticket = t.ticket, "mail taken in: {}", t.outcome);
        }
        for l in looked {
            let Position::Maildir { name, file: Some(read), .. } = &l.position else { continue };
            let first = files.partition_point(|found| found.file.seen.name < *name);
            // One that was written anew meanwhile is moved at the next look.
            let is_it = |seen: &FileSeen| {
                (&seen.name, seen.size, seen.modified_at) == (name, read.size, read.modified_at)
            };
            let of_name = files[first..].iter().take_while(|found| found.file.seen.name == *name);
            for found in of_name.filter(|found| found.file.part == NEW && is_it(&found.file.seen)) {
                self.settle(&found.file, left)?;
            }
        }
        Ok(())
    }

    /// Moves a mail that was taken in to `cur`. Where that cannot be, it is told, and tried again later.
    fn settle(&self, file: &File, left: &mut [Left; 2]) -> Result<(), MaildirError> {
        let mut moved = folder::move_to_cur(&self.folder, file, "");
        for n in 2..NAMES_MAX {
            if !matches!(&moved, Err(e) if e.kind() == ErrorKind::AlreadyExists) {
                break;
            }
            // Another mail of this name lies there. The ledger knows the new name before the folder does.
            let more = format!("_{n}");
            let name = format!("{}{more}", file.seen.name);
            self.written(self.desk.ledger().rename_in_maildir(&self.mailbox, &file.seen, &name))?;
            moved = folder::move_to_cur(&self.folder, file, &more);
        }
        match moved {
            Err(e) if e.kind() != ErrorKind::NotFound => {
                left[file.part].unmoved.add(|| format!("{}: {e}", named(file)));
            }
            _ => {}
        }
        Ok(())
    }

    /// Hands on what a commit answered. Where the store is busy or full, its health says so until something
    /// is written again.
    fn written<T>(&self, answer: Result<T, Trouble>) -> Result<T, MaildirError> {
        let condition = self.desk.condition();
        match &answer {
            Ok(_) if condition.parts().iter().any(|h| h.part == "store" && !h.good) => {
                condition.set("store", true, "mail is kept");
            }
            Err(e @ (Trouble::Busy(_) | Trouble::Full(_))) => condition.set("store", false, &e.to_string()),
            _ => {}
        }
        Ok(answer?)
    }
}

/// A file in words that steer no terminal.
fn named(file: &File) -> String {
    format!("{}/{}", PARTS[file.part], file.seen.name.escape_debug())
}

/// How many of these files are taken in together: at least one.
fn batch(files: &[Found], goes_alone: impl Fn(&Found) -> bool) -> usize {
    if files.first().is_some_and(&goes_alone) {
        return 1;
    }
    let mut bytes = 0_u64;
    let fits = |found: &&Found| {
        bytes = bytes.saturating_add(found.file.seen.size);
        bytes <= BATCH_BYTES && !goes_alone(found)
    };
    files.iter().take(BATCH_MAILS).take_while(fits).count().max(1)
}

#[cfg(test)]
mod tests;
