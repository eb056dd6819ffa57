//! The one road of an event: questions, snapshot, decision, rows, and the wake-up of whoever sends (HOUSE,
//! the way of an event). Everything that changes a ticket, a person, a session or a letter comes by here.

use super::clock::now;
use super::desk::Desk;
use super::error::Trouble;
use super::kept::unpack;
use super::values::{Looked, Position};
use crate::desk::decide;
use crate::desk::model::Query;
use crate::desk::model::listed::HeldRow;
use crate::desk::model::query::READ_MAX;
use crate::desk::model::search::Hits;
use crate::desk::{Cause, Change, Decision, Event, Questions, Release, Released, Snapshot};
use crate::store::{self, Tx, apply, held, kept, search, snapshot};

/// The mail that an event is about, as far as the database is concerned.
pub(super) enum Origin<'a> {
    /// There is none.
    Nowhere,
    /// One that is kept from now on.
    New { mail: &'a crate::mail::Inbound, packed: &'a [u8], origin: String },
    /// One that was held, and is let go: the number of the kept mail.
    Held { mail: &'a crate::mail::Inbound, number: i64 },
}

/// A held mail that was parsed to be let go.
pub(super) struct Opened {
    held: i64,
    looked: Looked,
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

    /// An event that is no mail happens in a savepoint of its own: where the program fails, that is an error
    /// like any other, and nothing of it stays.
    pub(super) fn happen_apart(&self, event: &Event<'_>, at: i64) -> store::Result<Done> {
        let apart = |tx: &Tx<'_>| tx.savepoint(|tx| self.walk(tx, event, &Origin::Nowhere, &[], at));
        let done = self.store().write(apart)?;
        self.tell(&done);
        Ok(done)
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

    /// What a search finds that an event asks for, before its transaction: a search may be dear, and nobody
    /// waits for the one of somebody else.
    pub(super) fn searched(&self, event: &Event<'_>, at: i64) -> Result<Hits, Trouble> {
        if !decide::may_search(event) {
            return Ok(Hits::default());
        }
        Ok(self.store().read(|c| {
            let (_, known) = self.known(c, event, at)?;
            match decide::search_for(self.rules(), &known, event) {
                Some(words) => search::tickets_with(c, &self.rules().bounds, &words, READ_MAX + 1),
                None => Ok(Hits::default()),
            }
        })?)
    }

    /// The held mails that an event may let go, parsed before the transaction (HOUSE, principle 11).
    pub(super) fn opened(&self, event: &Event<'_>, at: i64) -> Result<Vec<Opened>, Trouble> {
        if !decide::may_let_go(event) {
            return Ok(Vec::new());
        }
        let packed = self.store().read(|c| {
            let (_, known) = self.known(c, event, at)?;
            let rows = decide::held_in_question(&known, event).into_iter().map(|id| held::one(c, id));
            let rows = rows.collect::<store::Result<Vec<_>>>()?.into_iter().flatten();
            rows.map(|row| Ok((kept::packed(c, row.mail)?.unwrap_or_default(), row))).collect()
        })?;
        let packed: Vec<(Vec<u8>, HeldRow)> = packed;
        Ok(packed
            .into_iter()
            .map(|(packed, row)| self.open_held(&packed, &row))
            .map(|o| self.with_hits(o))
            .collect())
    }

    /// Whoever lets a search go gets its answer.
    fn with_hits(&self, mut opened: Opened) -> Opened {
        if let Some(Ok(Query::Search(words))) = &opened.looked.asked.question {
            let hits =
                self.store().read(|c| search::tickets_with(c, &self.rules().bounds, words, READ_MAX + 1));
            opened.looked.facts.hits = hits.unwrap_or(Hits { more: true, ..Hits::default() });
        }
        opened
    }

    fn open_held(&self, packed: &[u8], row: &HeldRow) -> Opened {
        let mut looked =
            self.intake().look(unpack(packed), Position::Envelope { recipients: Vec::new(), sender: None });
        looked.position = position(&row.source);
        Opened { held: row.id, looked }
    }

    /// A held mail comes down the road again, now that somebody's word stands for what it lacked. `None`: it
    /// is not held. One that came to be held since `opened` was read is parsed here.
    pub(super) fn let_out(
        &self,
        tx: &Tx<'_>,
        release: &Release,
        opened: &[Opened],
        at: i64,
    ) -> store::Result<Option<Done>> {
        let Some(row) = held::one(tx.conn(), release.held)? else { return Ok(None) };
        let late;
        let looked = match opened.iter().find(|o| o.held == row.id) {
            Some(opened) => &opened.looked,
            None => {
                late = self.open_held(&kept::packed(tx.conn(), row.mail)?.unwrap_or_default(), &row);
                &late.looked
            }
        };
        // What it was let go of before does not hold it again, or two reasons would hold it in turn for ever.
        let before = held::released_as(tx.conn(), row.mail)?;
        let was = |cause: Cause| row.cause == cause || before.contains(&cause);
        let released = Some(Released {
            held: row.id,
            mail: row.mail,
            actor: release.actor.clone(),
            at: row.received_at,
            ticket: row.ticket,
            verified: row.verified,
            crosses: was(Cause::Crossed),
            quotes: was(Cause::Other),
        });
        let from = Origin::Held { mail: &looked.mail, number: row.mail };
        let (mut mailed, asked) = self.mailed(looked, at);
        mailed.facts.released = released;
        self.walk(tx, &Event::Mail(&mailed, &asked), &from, opened, at).map(Some)
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
        Ok((questions, decide::decide(rules, &known, event, moment)))
    }

    /// What a decision about an event must know.
    pub(super) fn known(
        &self,
        c: &store::Connection,
        event: &Event<'_>,
        at: i64,
    ) -> store::Result<(Questions, Snapshot)> {
        let rules = self.rules();
        let questions = decide::questions(rules, event, at);
        let weigh = |known: &Snapshot| decide::weigh(rules, known, event, at);
        let known = snapshot::snapshot(c, &questions, rules, at, weigh)?;
        Ok((questions, known))
    }

    /// After the commit: wakes whoever sends, here and in a daemon beside this process, and tells the
    /// operator.
    pub(super) fn tell(&self, done: &Done) {
        for change in &done.decision.changes {
            match change {
                Change::AlarmTold { text, .. } => tracing::warn!("{text}"),
                Change::AlarmEnded { breaker, .. } => tracing::info!("a breaker closed: {breaker}"),
                _ => {}
            }
        }
        let retried = |c: &Change| matches!(c, Change::RetryLetters { .. });
        if done.letters > 0 || done.decision.changes.iter().any(retried) {
            self.letters_made();
        }
    }
}

/// As far as a decision looks at it: the mailbox by which the mail came, for routes.
fn position(source: &str) -> Position {
    match source.split_once(':') {
        Some((_, mailbox)) => Position::Maildir {
            mailbox: mailbox.to_owned(),
            name: String::new(),
            file: None,
            arrived_at: now(),
            history: false,
        },
        None => Position::Envelope { recipients: Vec::new(), sender: None },
    }
}
