//! Sends what is due, letter by letter, and says how each ended. What left is written down before anything
//! else leaves (T114); a fault of the relay makes all letters wait for it, and none is judged by it (T113).

use super::hand_over::{Attempt, Outcome};
use super::relay::{Dialogue, connect, goodbye, no_operation, quit};
use crate::app::{Claimed, Desk, SENDER_PART, Sent, Trouble};
use crate::config::{SmtpConfig, SmtpWay, Tls};
use crate::desk::relay::Row;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// A connection without work is closed after this.
const IDLE: Duration = Duration::from_secs(5);
/// Letters that are claimed at a time.
const CLAIM_LETTERS: usize = 20;
/// A letter that takes longer than this does not hold the others: they go on over another connection.
const SLOW: Duration = Duration::from_secs(10);
/// So many letters may be slow at once.
const SLOW_LETTERS_MAX: usize = 4;
/// What cannot be written down is tried again after this, and a relay that is at fault not before.
const AGAIN: Duration = Duration::from_secs(1);

/// Sends what is due until `shutdown` becomes true.
pub async fn run(config: SmtpConfig, hello: String, desk: Desk, shutdown: watch::Receiver<bool>) {
    let sender = Sender {
        config: Arc::new(config),
        hello,
        desk,
        shutdown,
        connection: None,
        row: Row::default(),
        undecided: Vec::new(),
        slow: JoinSet::new(),
    };
    sender.run().await;
}

/// The one who sends.
struct Sender {
    config: Arc<SmtpConfig>,
    hello: String,
    desk: Desk,
    shutdown: watch::Receiver<bool>,
    connection: Option<Dialogue>,
    /// What the relay did since it last took a letter.
    row: Row,
    /// Letters that were refused for good, if it is not the relay who is at fault: the next letters tell.
    undecided: Vec<(Tried, Sent)>,
    /// Letters that take their time.
    slow: JoinSet<(Tried, Outcome)>,
}

/// A letter that was tried.
struct Tried {
    id: i64,
    to: String,
}

/// What comes after a letter.
enum Next {
    /// The next one.
    Letter,
    /// A pause, since the relay is at fault, in these words.
    Pause(String),
}

impl Sender {
    async fn run(mut self) {
        while !self.ends() {
            let due = self.claim().await;
            let mut next = Next::Letter;
            if due.is_empty() && self.slow.is_empty() {
                // Nothing else tells whose fault it is.
                for (tried, sent) in std::mem::take(&mut self.undecided) {
                    self.settle(tried.id, sent).await;
                }
            }
            if due.is_empty() {
                next = self.rest().await;
            }
            let mut due = due.into_iter();
            while matches!(next, Next::Letter) && !self.ends() {
                let Some(letter) = due.next() else { break };
                let tried = Tried { id: letter.id, to: letter.to.to_string() };
                next = self.send(tried, letter).await;
            }
            if let Next::Pause(why) = next {
                self.pause(&why, due.map(|letter| letter.id).collect()).await;
            }
        }
        if let Some(old) = self.connection.take() {
            quit(old);
        }
    }

    fn ends(&self) -> bool {
        *self.shutdown.borrow()
    }

    async fn claim(&self) -> Vec<Claimed> {
        let claimed = self.ask(|desk| desk.outbox().claim(CLAIM_LETTERS)).await;
        claimed.unwrap_or_else(|e| {
            tracing::error!("letters cannot be claimed: {e}");
            Vec::new()
        })
    }

    /// Asks the desk on a thread that may block. A bug there is an error like another.
    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Desk) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, String> {
        let desk = self.desk.clone();
        match tokio::task::spawn_blocking(move || question(&desk)).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(e)) => Err(e.to_string()),
            Err(e) => Err(format!("a bug: {e}")),
        }
    }

    /// Sends one letter. Where it takes long, it goes on beside the others.
    async fn send(&mut self, tried: Tried, letter: Claimed) -> Next {
        let mut attempt =
            Attempt::begin(self.config.clone(), self.hello.clone(), self.connection.take(), letter);
        let ended = match self.slow.len() < SLOW_LETTERS_MAX {
            true => timeout(SLOW, attempt.end()).await.ok(),
            false => Some(attempt.end().await),
        };
        match ended {
            Some((sent, connection)) => {
                self.connection = connection;
                self.after(tried, sent).await
            }
            None => {
                tracing::info!(letter.id = tried.id, "letter takes long; the others go on");
                self.slow.spawn(async move { (tried, attempt.end().await) });
                self.slow_ones().await
            }
        }
    }

    /// Slow letters that ended meanwhile.
    async fn slow_ones(&mut self) -> Next {
        while let Some(done) = self.slow.try_join_next() {
            if let Ok((tried, (sent, connection))) = done {
                if let Some(old) = connection {
                    quit(old);
                }
                if let Next::Pause(why) = self.after(tried, sent).await {
                    return Next::Pause(why);
                }
            }
        }
        Next::Letter
    }

    /// Writes down how a letter ended, and looks whether the relay is at fault.
    async fn after(&mut self, tried: Tried, sent: Sent) -> Next {
        let (word, words) = match &sent {
            Sent::Accepted(words) => ("sent", words),
            Sent::Refused(words) => ("refused", words),
            Sent::Deferred(words) | Sent::RelayRefuses(words) => ("deferred", words),
            Sent::RelayAway(words) => ("put back", words),
            Sent::WithoutFiles(words) => ("refused with its files", words),
            Sent::Unknown(words) => ("unknown", words),
        };
        let words = words.clone();
        tracing::info!(letter.id = tried.id, "letter {word}");
        match sent {
            Sent::Accepted(_) => {
                self.settle(tried.id, sent).await;
                for (tried, sent) in std::mem::take(&mut self.undecided) {
                    self.settle(tried.id, sent).await;
                }
                let refused_others = !self.row.letters().is_empty();
                let was_at_fault = self.row.took();
                if was_at_fault || refused_others {
                    self.until_written(move |desk| desk.outbox().relay_answers(was_at_fault)).await;
                }
                self.tell(true, "letters leave".into());
                Next::Letter
            }
            Sent::WithoutFiles(_) => {
                self.settle(tried.id, sent).await;
                Next::Letter
            }
            Sent::RelayAway(_) => {
                self.put_back(vec![tried.id], &words, 0).await;
                Next::Pause(words)
            }
            Sent::Deferred(_) | Sent::Refused(_) | Sent::RelayRefuses(_) | Sent::Unknown(_) => {
                self.refused(tried, sent, words).await
            }
        }
    }

    /// A letter was not taken. The same for several in a row is the fault of the relay.
    async fn refused(&mut self, tried: Tried, sent: Sent, words: String) -> Next {
        let at_fault = self.row.refused(tried.id, &tried.to);
        match sent {
            // It may have left, whatever else is true.
            Sent::Unknown(_) => {
                self.settle(tried.id, sent).await;
                self.tell(false, format!("the relay did not answer to a letter: {words}"));
            }
            _ if at_fault => {}
            Sent::Refused(_) => self.undecided.push((tried, sent)),
            Sent::RelayRefuses(_) => {
                self.settle(tried.id, sent).await;
                self.tell(false, format!("the relay refuses letters: {words}"));
            }
            sent => self.settle(tried.id, sent).await,
        }
        if !at_fault {
            return Next::Letter;
        }
        self.undecided.clear();
        self.put_back(self.row.letters(), &words, 0).await;
        Next::Pause(words)
    }

    /// The relay is at fault: letters that are claimed go back, and it is left alone for a while. New letters
    /// and an order of the operator have it tried at once.
    async fn pause(&mut self, why: &str, claimed: Vec<i64>) {
        // Another letter is tried next: whatever may be wrong with this one, the others are not held by it.
        self.put_back(claimed, why, -1).await;
        self.tell(false, format!("the relay does not take letters, so they wait: {why}"));
        let secs = self.row.pause_secs();
        tracing::warn!(pause_secs = secs, "the relay does not take letters; they wait for it");
        tokio::select! {
            () = sleep(Duration::from_secs(secs)) => {}
            () = self.desk.wake().notified() => sleep(AGAIN).await,
            _ = self.shutdown.changed() => {}
        }
    }

    /// Nothing is due: waits for the next letter.
    async fn rest(&mut self) -> Next {
        let secs = self.ask(|desk| desk.outbox().next_due()).await.ok().flatten();
        if secs.is_none() && self.row.is_at_fault() && self.slow.is_empty() {
            self.row.took();
            self.tell(true, "no letter waits".into());
        }
        let until_due = Duration::from_secs(secs.unwrap_or(30).clamp(1, 30));
        let wait = if self.connection.is_some() { IDLE.min(until_due) } else { until_due };
        tokio::select! {
            () = self.desk.wake().notified() => {}
            () = sleep(wait) => if let Some(old) = self.connection.take() { quit(old) },
            Some(done) = self.slow.join_next() => if let Ok((tried, (sent, connection))) = done {
                self.connection = self.connection.take().or(connection);
                return self.after(tried, sent).await;
            },
            _ = self.shutdown.changed() => {}
        }
        Next::Letter
    }

    async fn settle(&self, id: i64, sent: Sent) {
        self.until_written(move |desk| desk.outbox().settle(id, sent.clone())).await;
    }

    async fn put_back(&self, ids: Vec<i64>, why: &str, secs: i64) {
        let why = why.to_owned();
        if !ids.is_empty() {
            self.until_written(move |desk| desk.outbox().put_back(&ids, &why, secs)).await;
        }
    }

    /// Nothing else is sent before this is written: a letter that left and is not known as sent would leave
    /// again after a kill, and so would each one behind it (T114).
    async fn until_written(&self, write: impl Fn(&Desk) -> Result<(), Trouble> + Send + Sync + 'static) {
        let write = Arc::new(write);
        let mut told = false;
        let mut shutdown = self.shutdown.clone();
        loop {
            let write = write.clone();
            let Err(e) = self.ask(move |desk| write(desk)).await else { return };
            if !told {
                tracing::error!("how a letter ended cannot be written down, so nothing else is sent: {e}");
                self.tell(false, format!("how a letter ended cannot be written down: {e}"));
                told = true;
            }
            tokio::select! {
                () = sleep(AGAIN) => {}
                _ = shutdown.wait_for(|ends| *ends) => return,
            }
        }
    }

    /// Notes how the relay does.
    fn tell(&self, good: bool, detail: String) {
        let desk = self.desk.clone();
        tokio::task::spawn_blocking(move || desk.condition().set(SENDER_PART, good, &detail));
    }
}

/// Sends some mails now, one after the other, and says how each ended.
pub async fn send_now(config: &SmtpConfig, hello: &str, mails: Vec<Claimed>) -> Vec<(i64, Sent)> {
    let config = Arc::new(config.clone());
    let mut connection = None;
    let mut out = Vec::with_capacity(mails.len());
    for mail in mails {
        let id = mail.id;
        let (sent, open) =
            Attempt::begin(config.clone(), hello.to_owned(), connection.take(), mail).end().await;
        connection = open;
        out.push((id, sent));
    }
    if let Some(open) = connection {
        goodbye(open).await;
    }
    out
}

/// Proves for `check` that letters can leave: connects to the relay, upgrades to TLS, signs in.
pub async fn probe(config: &SmtpConfig, hello: &str) -> Result<String, String> {
    match &config.way {
        SmtpWay::Maildir(folder) => match std::fs::create_dir_all(folder) {
            Ok(()) => Ok(format!("letters are written to {}", folder.display())),
            Err(e) => Err(format!("cannot write into {}: {e}", folder.display())),
        },
        SmtpWay::Relay { server, login } => {
            let mut open = connect(server, login.as_ref(), hello).await?;
            let place = format!("{}:{}", server.host, server.port);
            no_operation(&mut open, &place).await?;
            quit(open);
            let tls = match server.tls {
                Tls::None => "in clear, on loopback",
                Tls::Implicit | Tls::StartTls => "by TLS, certificate checked",
            };
            Ok(format!("{place} takes letters, {tls}"))
        }
    }
}
