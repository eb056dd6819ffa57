//! One mailbox that is watched, and what its tasks ask of the desk.

use super::fault::Fault;
use super::session::{Imap, Listed};
use super::waiting::Waiting;
use crate::app::{Cursor, Desk, Position, Said, Trouble, UnderWay, now};
use crate::config::{Limits, Login, MailSource, MailboxConfig, Server};
use crate::desk::model::proof::OtherSize;
use crate::edge::dns::Names;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A mail that goes alone looks so often whether it is its turn.
const TURN: Duration = Duration::from_millis(20);
/// After so many mails of another size than announced, the server is known to count otherwise.
const ODD_SIZES: u32 = 3;

fn came_before(cursor: &Cursor, mail: &Listed) -> bool {
    mail.date.is_some_and(|date| date < cursor.first_connect_at)
}

/// How long this edge waits for what.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// The longest pause between two octets of an answer: a dead connection is noticed within a minute.
    pub silence: Duration,
    /// One round of IDLE. It ends with a question, so a dead connection is noticed within a minute, too.
    pub idle: Duration,
    /// The first pause before the next attempt to connect; it doubles with each that fails.
    pub backoff: Duration,
    /// The longest one.
    pub backoff_max: Duration,
    /// The shortest time between two looks of which the first found nothing new.
    pub pause: Duration,
}

impl Pace {
    /// That of the daemon.
    pub const USUAL: Self = Self {
        silence: Duration::from_secs(50),
        idle: Duration::from_secs(40),
        backoff: Duration::from_secs(1),
        backoff_max: Duration::from_secs(60),
        pause: Duration::from_secs(1),
    };
}

/// One mailbox with what is needed to watch it.
pub struct Mailbox {
    /// Its name in the configuration.
    pub name: String,
    /// Its server.
    pub server: Server,
    /// Who opens it.
    pub login: Login,
    /// The folder that is watched.
    pub folder: String,
    /// Mail that was taken in is moved here; `None`: it is flagged `\Seen`.
    pub done: Option<String>,
    /// The first connect also takes in what lies there already.
    pub start_all: bool,
    /// The pause between two looks where the server has no IDLE.
    pub poll: Duration,
    /// `[limits]`.
    pub limits: Limits,
    /// Who takes the mails.
    pub desk: Desk,
    /// Who asks DNS about them.
    pub names: Arc<Names>,
    /// Its mails that wait for names.
    pub waiting: Arc<Waiting>,
    /// How long it waits.
    pub pace: Pace,
    /// Mails that had another size than was announced, twice.
    odd_sizes: AtomicU32,
    /// UIDs went back since the daemon began.
    went_back: AtomicBool,
    /// Mails that got another size on the server after they were taken in.
    resized: AtomicU32,
    /// UIDs up to this one had their turn to be flagged or moved when the server last refused.
    settled_through: AtomicU32,
    /// UIDVALIDITY, and mails that were copied to `done` and could not be taken out of the folder.
    copied: Mutex<(i64, Vec<u32>)>,
}

impl Mailbox {
    /// `None` for a Maildir.
    pub fn new(mailbox: MailboxConfig, limits: Limits, desk: Desk, names: Arc<Names>) -> Option<Self> {
        let poll = Duration::from_secs(mailbox.poll_seconds.max(1));
        match mailbox.source {
            MailSource::Imap { server, login, folder, done, start_all } => Some(Self {
                name: mailbox.name,
                server,
                login,
                folder,
                done,
                start_all,
                poll,
                limits,
                desk,
                names,
                waiting: Arc::new(Waiting::new()),
                pace: Pace::USUAL,
                odd_sizes: AtomicU32::new(0),
                went_back: AtomicBool::new(false),
                resized: AtomicU32::new(0),
                settled_through: AtomicU32::new(0),
                copied: Mutex::default(),
            }),
            MailSource::Maildir { .. } => None,
        }
    }

    /// Notes how this mailbox does.
    pub async fn health(&self, good: bool, detail: &str) {
        let (desk, part, detail) = (self.desk.clone(), format!("mailbox:{}", self.name), detail.to_owned());
        let _ = tokio::task::spawn_blocking(move || desk.condition().set(&part, good, &detail)).await;
    }

    /// Where a mail lies, for the desk.
    pub fn position(&self, cursor: &Cursor, mail: &Listed) -> Position {
        Position::Imap {
            mailbox: self.name.clone(),
            uid_validity: cursor.uid_validity,
            uid: mail.uid,
            said: Said { size: mail.size, date: mail.date },
            internal_date: mail.date.unwrap_or_else(now),
            history: mail.uid < cursor.history_below && (!cursor.changed || came_before(cursor, mail)),
        }
    }

    /// Marks mails as under way (T34), when it is their turn.
    pub async fn under_way(&self, places: &[Position]) -> UnderWay {
        loop {
            match self.desk.poison().under_way(places) {
                Some(mark) => return mark,
                None => tokio::time::sleep(TURN).await,
            }
        }
    }

    /// It was there before the desk, and is left alone (T18).
    pub fn is_before(&self, cursor: &Cursor, mail: &Listed) -> bool {
        let counts = cursor.changed && mail.uid < cursor.history_below && !self.start_all;
        counts && came_before(cursor, mail)
    }

    /// Seconds until something is asked for again; `None`: nothing is awaited.
    pub async fn due_in(&self, validity: i64) -> Option<Duration> {
        let name = self.name.clone();
        let all = self.ask(move |d| d.ledger().awaited(&name, validity)).await.unwrap_or_default();
        let all: Vec<_> = all.into_iter().filter(|a| !self.waiting.has(validity, a.uid)).collect();
        let first = all.iter().map(|a| if a.is_due { 0 } else { a.due_in }).min()?;
        Some(Duration::from_secs(first.unsigned_abs()))
    }

    /// What a mail is marked with that is kept with another size than was announced; `None`: with nothing. A
    /// server that always announces too little tells nothing by it.
    pub fn note_size(&self, mail: &Listed, bytes: &[u8]) -> Option<OtherSize> {
        let came = bytes.len() as u64;
        let announced = mail.size.filter(|n| *n != 0 && *n != came && *n <= self.limits.mail_bytes_max)?;
        let is_usual = self.counts_oddly() && came > announced;
        self.odd_sizes.fetch_add(1, Ordering::Relaxed);
        let (mailbox, uid) = (&self.name, mail.uid);
        tracing::warn!(mailbox, uid, announced, came, "a mail has another size than announced");
        (!is_usual).then_some(OtherSize { announced, came })
    }

    /// Sizes differ so often that a larger mail is no longer asked for twice because of that.
    pub fn counts_oddly(&self) -> bool {
        self.odd_sizes.load(Ordering::Relaxed) >= ODD_SIZES
    }

    /// So many mails have another size than when they were taken in.
    pub fn note_resized(&self, n: usize) {
        self.resized.fetch_add(u32::try_from(n).unwrap_or(u32::MAX), Ordering::Relaxed);
    }

    /// UIDs went back.
    pub fn note_went_back(&self) {
        self.went_back.store(true, Ordering::Relaxed);
    }

    /// What people should know beside that mail is taken in; each begins with `; `.
    pub async fn remarks(&self, validity: i64) -> String {
        let name = self.name.clone();
        let mut awaited = self.ask(move |d| d.ledger().awaited(&name, validity)).await.unwrap_or_default();
        awaited.retain(|a| !self.waiting.has(validity, a.uid));
        let mut out = String::new();
        if !awaited.is_empty() {
            let uids = awaited.iter().take(10).map(|a| a.uid.to_string()).collect::<Vec<_>>().join(", ");
            let (n, held) = (awaited.len(), awaited.iter().filter(|a| a.is_held).count());
            out.push_str(&format!(
                "; the server does not hand out {n} mails (UID {uids}), {held} of them held: they are asked \
                 for again"
            ));
        }
        match self.odd_sizes.load(Ordering::Relaxed) {
            0 => {}
            n => out.push_str(&format!("; {n} mails have another size than the server announced")),
        }
        match self.resized.load(Ordering::Relaxed) {
            0 => {}
            n => out.push_str(&format!(
                "; {n} known UIDs have mails of another size, as after a restore: they were compared by \
                 content"
            )),
        }
        if self.went_back.load(Ordering::Relaxed) {
            out.push_str(
                "; UIDs of the folder went back, as after a restore: mails were compared by content",
            );
        }
        out
    }

    /// Asks the desk on a blocking thread.
    pub async fn ask<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Desk) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, Fault> {
        let desk = self.desk.clone();
        let answer = tokio::task::spawn_blocking(move || ask(&desk)).await;
        answer
            .map_err(|_| Fault::Store("the program failed (a bug)".to_owned()))?
            .map_err(|e| Fault::Store(e.to_string()))
    }

    /// Flags or moves what was committed and not settled so far (T86). `None`: all of it is; else why not.
    /// Err: the session ended.
    pub async fn settle_left(
        &self,
        imap: &mut Imap,
        validity: i64,
        done: Option<&str>,
    ) -> Result<Option<Fault>, Fault> {
        let mut refused = None;
        let copied = self.copied(validity, &[]);
        if done.is_some() && !copied.is_empty() {
            refused = imap.take_out(&copied).await?;
            if refused.is_none() {
                self.copied.lock().expect("no panic while held").1.clear();
            }
        }
        let name = self.name.clone();
        let mut left = self.ask(move |d| d.ledger().unsettled(&name, validity)).await?;
        // Those that the server refused last come last: they keep no others back.
        let tried = self.settled_through.load(Ordering::Relaxed);
        let at = left.partition_point(|uid| *uid <= tried);
        left.rotate_left(at);
        for uids in left.chunks(500) {
            let settled = imap.settle(uids, done).await?;
            let through = settled.tried.unwrap_or(0);
            self.settled_through.store(through, Ordering::Relaxed);
            self.copied(validity, &settled.copied);
            let (name, uids) = (self.name.clone(), settled.uids);
            self.ask(move |d| d.ledger().settled(&name, validity, &uids)).await?;
            if settled.refused.is_some() {
                return Ok(settled.refused);
            }
        }
        Ok(refused)
    }

    /// Notes which mails were copied and could not be taken out; all of them. They are tried again while the
    /// daemon runs; after a restart they lie in both folders.
    fn copied(&self, validity: i64, new: &[u32]) -> Vec<u32> {
        let mut copied = self.copied.lock().expect("no panic while held");
        if copied.0 != validity {
            *copied = (validity, Vec::new());
        }
        copied.1.extend(new);
        copied.1.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::Pace;
    use crate::edge::imap::session::QUICK;
    use std::time::Duration;

    /// In a command, and in IDLE: its end is asked for, and the answer is waited for.
    #[test]
    fn a_dead_connection_is_noticed_within_a_minute() {
        let minute = Duration::from_secs(60);
        assert!(Pace::USUAL.silence <= minute && Pace::USUAL.idle + QUICK <= minute);
    }
}
