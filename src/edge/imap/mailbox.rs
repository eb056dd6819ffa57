//! One mailbox that is watched, and what its tasks ask of the desk.

use super::fault::Fault;
use super::session::{Imap, Listed};
use super::waiting::Waiting;
use crate::app::{Cursor, Desk, Position, Said, Trouble, UnderWay, now};
use crate::config::{Limits, Login, MailSource, MailboxConfig, Server};
use crate::edge::dns::Names;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

/// A mail that goes alone looks so often whether it is its turn.
const TURN: Duration = Duration::from_millis(20);
/// After so many mails of another size than announced, the server is known to count otherwise.
const ODD_SIZES: u32 = 3;

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
}

impl Pace {
    /// That of the daemon.
    pub const USUAL: Self = Self {
        silence: Duration::from_secs(50),
        idle: Duration::from_secs(40),
        backoff: Duration::from_secs(1),
        backoff_max: Duration::from_secs(60),
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
            history: mail.uid < cursor.history_below,
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

    /// A mail has another size than was announced, and that stayed so.
    pub fn note_odd_size(&self) {
        self.odd_sizes.fetch_add(1, Ordering::Relaxed);
    }

    /// Sizes differ so often that a mail is no longer asked for twice because of that.
    pub fn counts_oddly(&self) -> bool {
        self.odd_sizes.load(Ordering::Relaxed) >= ODD_SIZES
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
        let name = self.name.clone();
        let left = self.ask(move |d| d.ledger().unsettled(&name, validity)).await?;
        for uids in left.chunks(500) {
            let settled = imap.settle(uids, done).await?;
            let (name, uids) = (self.name.clone(), settled.uids);
            self.ask(move |d| d.ledger().settled(&name, validity, &uids)).await?;
            if settled.refused.is_some() {
                return Ok(settled.refused);
            }
        }
        Ok(None)
    }
}
