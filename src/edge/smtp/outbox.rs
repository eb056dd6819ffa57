//! Sends what is due, letter by letter, and says how each ended. What left is written down before anything
//! else leaves (T114); a fault of the relay makes all letters wait for it, and none is judged by it (T113).

use super::hand_over::{Attempt, Outcome};
use super::relay::{Dialogue, quit};
use crate::app::{Batch, Claimed, Desk, SENDER_PART, Sent, Trouble};
use crate::config::SmtpConfig;
use crate::desk::relay::{Fault, Row};
use crate::mail::Line;
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
/// And so many octets of them; a larger letter is slow alone (T115).
const SLOW_BYTES_MAX: usize = 16 << 20;
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
        slow_bytes: 0,
        told_bad: false,
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
    /// Octets of these.
    slow_bytes: usize,
    /// Health says that letters do not leave.
    told_bad: bool,
}

/// A letter that was tried.
struct Tried {
    id: i64,
    to: String,
    bytes: usize,
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
        // Whoever sent before, be it this task before it broke off, sends no more.
        self.until_written(|desk| desk.outbox().void_leases()).await;
        while !self.ends() {
            let due = self.claim().await;
            let mut next = Next::Letter;
            if due.is_empty() && self.slow.is_empty() {
                // Nothing else tells whose fault it is.
                self.judge_undecided().await;
            }
            if due.is_empty() {
                next = self.rest().await;
            }
            let mut due = due.into_iter();
            while matches!(next, Next::Letter) && !self.ends() {
                let Some(letter) = due.next() else { break };
                let tried = Tried { id: letter.id, to: letter.to.to_string(), bytes: letter.bytes.len() };
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

    async fn claim(&mut self) -> Vec<Claimed> {
        let behind = self.row.tried().to_vec();
        let claimed = self.ask(move |desk| desk.outbox().claim(CLAIM_LETTERS, &behind)).await;
        let batch = claimed.unwrap_or_else(|e| {
            tracing::error!("letters cannot be claimed: {e}");
            Batch::default()
        });
        for (id, sent) in batch.ended {
            tracing::error!(letter.id = id, "a letter cannot be put together");
            self.settle(id, sent).await;
        }
        if let Some(next) = batch.letters.first() {
            self.row.goes_next(next.id);
        }
        batch.letters
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
        let room = self.slow.len() < SLOW_LETTERS_MAX && self.slow_bytes + tried.bytes <= SLOW_BYTES_MAX;
        let ended = match room || self.slow.is_empty() {
            true => timeout(SLOW, attempt.end()).await.ok(),
            false => Some(attempt.end().await),
        };
        let next = match ended {
            Some(mut outcome) => {
                self.connection = outcome.connection.take();
                self.after(tried, outcome).await
            }
            None => {
                tracing::info!(letter.id = tried.id, "letter takes long; the others go on");
                self.slow_bytes += tried.bytes;
                self.slow.spawn(async move { (tried, attempt.end().await) });
                Next::Letter
            }
        };
        match next {
            Next::Letter => self.slow_ones().await,
            pause => pause,
        }
    }

    /// Slow letters that ended meanwhile.
    async fn slow_ones(&mut self) -> Next {
        while let Some(done) = self.slow.try_join_next() {
            if let Ok((tried, outcome)) = done
                && let Next::Pause(why) = self.after_slow(tried, outcome).await
            {
                return Next::Pause(why);
            }
        }
        Next::Letter
    }

    async fn after_slow(&mut self, tried: Tried, mut outcome: Outcome) -> Next {
        self.slow_bytes -= tried.bytes;
        match (outcome.connection.take(), &self.connection) {
            (Some(open), None) => self.connection = Some(open),
            (Some(open), Some(_)) => quit(open),
            (None, _) => {}
        }
        self.after(tried, outcome).await
    }

    /// Writes down how a letter ended, and looks whether the relay is at fault.
    async fn after(&mut self, tried: Tried, outcome: Outcome) -> Next {
        let sent = outcome.sent;
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
                self.judge_undecided().await;
                let refused_others = !self.row.letters().is_empty();
                let was_at_fault = self.row.took(Some(tried.id));
                if was_at_fault || refused_others {
                    self.until_written(move |desk| desk.outbox().relay_answers(was_at_fault)).await;
                }
                self.tell(true, "letters leave").await;
                Next::Letter
            }
            Sent::WithoutFiles(_) => {
                self.settle(tried.id, sent).await;
                Next::Letter
            }
            Sent::Unknown(_) | Sent::Deferred(_) | Sent::Refused(_) | Sent::RelayRefuses(_)
                if !outcome.relay_says =>
            {
                self.judged(tried.id, sent, &words).await;
                Next::Letter
            }
            Sent::RelayAway(_) if outcome.relay_says => match self.row.turned_away(tried.id) {
                Fault::Letter => {
                    self.judged(tried.id, Sent::RelayRefuses(words.clone()), &words).await;
                    Next::Letter
                }
                Fault::Open | Fault::Relay => {
                    self.put_back(vec![tried.id], &words, 0).await;
                    Next::Pause(words)
                }
            },
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
        let fault = self.row.refused(tried.id, &tried.to);
        match (fault, sent) {
            // It may have left, whatever else is true.
            (_, sent @ Sent::Unknown(_)) => self.judged(tried.id, sent, &words).await,
            (Fault::Relay, _) => {}
            (Fault::Open, sent @ Sent::Refused(_)) => self.undecided.push((tried, sent)),
            (Fault::Open | Fault::Letter, sent) => self.judged(tried.id, sent, &words).await,
        }
        if fault != Fault::Relay {
            return Next::Letter;
        }
        let mut back = self.row.letters();
        back.extend(self.undecided.drain(..).map(|(tried, _)| tried.id));
        self.put_back(back, &words, 0).await;
        Next::Pause(words)
    }

    /// Writes down a verdict on this one letter. Where the relay may do the same to others, health says so.
    async fn judged(&mut self, id: i64, sent: Sent, words: &str) {
        let bad = match &sent {
            Sent::Unknown(_) => Some(format!("the relay did not answer to a letter: {words}")),
            Sent::RelayRefuses(_) => Some(format!("the relay refuses letters: {words}")),
            _ => None,
        };
        self.settle(id, sent).await;
        if let Some(bad) = bad {
            self.tell(false, &bad).await;
        }
    }

    /// The relay is not at fault, so the letters that it refused for good are ended.
    async fn judge_undecided(&mut self) {
        for (tried, sent) in std::mem::take(&mut self.undecided) {
            self.settle(tried.id, sent).await;
        }
    }

    /// The relay is at fault: letters that are claimed go back, and it is left alone for a while. New letters
    /// and an order of the operator have it tried at once.
    async fn pause(&mut self, why: &str, claimed: Vec<i64>) {
        // Another letter is tried next: whatever may be wrong with this one, the others are not held by it.
        self.put_back(claimed, why, -1).await;
        self.tell(false, &format!("the relay does not take letters, so they wait: {why}")).await;
        let secs = self.row.pause_secs();
        let why = Line::clean(why).without_addresses();
        tracing::warn!(pause_secs = secs, "the relay does not take letters; they wait for it: {why}");
        let over = sleep(Duration::from_secs(secs));
        tokio::pin!(over);
        loop {
            tokio::select! {
                () = &mut over => return,
                () = self.desk.wake().notified() => return sleep(AGAIN).await,
                // What a slow letter tells is written down now.
                Some(done) = self.slow.join_next() => if let Ok((tried, outcome)) = done {
                    self.after_slow(tried, outcome).await;
                },
                _ = self.shutdown.changed() => return,
            }
        }
    }

    /// Nothing is due: waits for the next letter.
    async fn rest(&mut self) -> Next {
        let secs = self.ask(|desk| desk.outbox().next_due()).await.ok().flatten();
        if secs.is_none() && self.told_bad && self.slow.is_empty() {
            self.row.took(None);
            self.tell(true, "no letter waits").await;
        }
        let until_due = Duration::from_secs(secs.unwrap_or(30).clamp(1, 30));
        let wait = if self.connection.is_some() { IDLE.min(until_due) } else { until_due };
        tokio::select! {
            () = self.desk.wake().notified() => {}
            () = sleep(wait) => if let Some(old) = self.connection.take() { quit(old) },
            Some(done) = self.slow.join_next() => if let Ok((tried, outcome)) = done {
                return self.after_slow(tried, outcome).await;
            },
            _ = self.shutdown.changed() => {}
        }
        Next::Letter
    }

    async fn settle(&mut self, id: i64, sent: Sent) {
        self.until_written(move |desk| desk.outbox().settle(id, sent.clone())).await;
    }

    async fn put_back(&mut self, ids: Vec<i64>, why: &str, secs: i64) {
        let why = why.to_owned();
        if !ids.is_empty() {
            self.until_written(move |desk| desk.outbox().put_back(&ids, &why, secs)).await;
        }
    }

    /// Nothing else is sent before this is written: a letter that left and is not known as sent would leave
    /// again after a kill, and so would each one behind it (T114).
    async fn until_written(&mut self, write: impl Fn(&Desk) -> Result<(), Trouble> + Send + Sync + 'static) {
        let write = Arc::new(write);
        let mut told = false;
        let mut shutdown = self.shutdown.clone();
        loop {
            let write = write.clone();
            let Err(e) = self.ask(move |desk| write(desk)).await else {
                if told {
                    self.tell(true, "the outbox can be written again").await;
                }
                return;
            };
            if !told {
                tracing::error!("the outbox cannot be written, so nothing is sent: {e}");
                self.tell(false, &format!("the outbox cannot be written, so nothing is sent: {e}")).await;
                told = true;
            }
            tokio::select! {
                () = sleep(AGAIN) => {}
                _ = shutdown.wait_for(|ends| *ends) => return,
            }
        }
    }

    /// Notes how the relay does.
    async fn tell(&mut self, good: bool, detail: &str) {
        self.told_bad = !good;
        let (desk, detail) = (self.desk.clone(), detail.to_owned());
        // Only one after the other leaves the last word standing.
        let _ = tokio::task::spawn_blocking(move || desk.condition().set(SENDER_PART, good, &detail)).await;
    }
}
