//! The one road of an event: questions, snapshot, decision, rows, and the wake-up of whoever sends (HOUSE,
//! the way of an event). Everything that changes a ticket, a person, a session or a letter comes by here.

use super::clock::now;
use super::desk::Desk;
use super::error::Trouble;
use super::held::Opened;
use crate::desk::{self, Change, Decision, Event, Questions, Snapshot};
use crate::store::{self, Tx, apply, snapshot};

/// The mail that an event is about, as far as the database is concerned.
pub(super) enum Origin<'a> {
    /// There is none.
    Nowhere,
    /// One that is kept from now on.
    New { mail: &'a crate::mail::Inbound, packed: &'a [u8], origin: String },
    /// One that was held, and is let go: the number of the kept mail.
    Held { mail: &'a crate::mail::Inbound, number: i64 },
}

/// What an event came to.
pub(super) struct Done {
    pub(super) decision: Decision,
    /// The number under which its mail is kept; `None`: there is none, or it was kept before.
    pub(super) mail: Option<i64>,
    /// Letters that it made, those of a mail that it let go included.
    pub(super) letters: usize,
}

impl Desk {
    /// An event that is no mail happens, in a transaction of its own.
    pub(super) fn happen(&self, event: &Event<'_>) -> Result<Decision, Trouble> {
        self.happen_at(event, now())
    }

    /// The same at a given time; seconds since 1970.
    pub(super) fn happen_at(&self, event: &Event<'_>, at: i64) -> Result<Decision, Trouble> {
        let opened = self.opened(event, at)?;
        let done = self.store().write(|tx| self.walk(tx, event, &Origin::Nowhere, &opened, at))?;
        self.tell(&done);
        Ok(done.decision)
    }

    /// Takes an event down the road inside a transaction. A refused event changes nothing. `opened`: the held
    /// mails that it may let go, read before.
    pub(super) fn walk(
        &self,
        tx: &Tx<'_>,
        event: &Event<'_>,
        origin: &Origin<'_>,
        opened: &[Opened],
        at: i64,
    ) -> store::Result<Done> {
        let (questions, decision) = self.decide(tx.conn(), event, at)?;
        if decision.refused.is_some() {
            return Ok(Done { decision, mail: None, letters: 0 });
        }
        let rules = self.rules();
        let mail = match origin {
            Origin::Nowhere => apply::apply(tx, rules, &decision, None, at)?,
            Origin::New { mail, packed, origin } => {
                let source = apply::Source { mail, packed, questions: &questions, origin: origin.clone() };
                apply::apply(tx, rules, &decision, Some(&source), at)?
            }
            Origin::Held { mail, number } => {
                apply::apply_kept(tx, rules, &decision, mail, *number, at)?;
                Some(*number)
            }
        };
        let let_go = match &decision.release {
            Some(release) => self.let_out(tx, release, opened, at)?.map_or(0, |done| done.letters),
            None => 0,
        };
        Ok(Done { mail, letters: decision.letters.len() + let_go, decision })
    }

    /// Reads what is known and decides; changes nothing.
    pub(super) fn decide(
        &self,
        c: &store::Connection,
        event: &Event<'_>,
        at: i64,
    ) -> store::Result<(Questions, Decision)> {
        let rules = self.rules();
        let (questions, known) = self.known(c, event, at)?;
        let mut moment = self.moment();
        moment.now = at;
        Ok((questions, desk::decide::decide(rules, &known, event, moment)))
    }

    /// What a decision about an event must know.
    pub(super) fn known(
        &self,
        c: &store::Connection,
        event: &Event<'_>,
        at: i64,
    ) -> store::Result<(Questions, Snapshot)> {
        let rules = self.rules();
        let questions = desk::decide::questions(rules, event, at);
        let words = |known: &Snapshot| desk::decide::words_needed(rules, known, event, at);
        let known = snapshot::snapshot(c, &questions, rules, at, words)?;
        Ok((questions, known))
    }

    /// After the commit: wakes whoever sends, here and in a daemon beside this process, and tells the
    /// operator.
    pub(super) fn tell(&self, done: &Done) {
        for change in &done.decision.changes {
            match change {
                Change::AlarmTold { text, .. } => tracing::warn!("{text}"),
                Change::AlarmEnded { what, .. } => tracing::info!("a breaker closed: {what}"),
                _ => {}
            }
        }
        let retried = |c: &Change| matches!(c, Change::RetryLetters { .. });
        if done.letters > 0 || done.decision.changes.iter().any(retried) {
            self.letters_made();
        }
    }
}
