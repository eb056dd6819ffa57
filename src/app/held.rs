//! Held mail: who may say what becomes of it, and what follows then. An operator by the CLI, the staff member
//! in whose name it came by a mailed link, the writer of a crossed answer by `#send`.

use super::clock::now;
use super::desk::Desk;
use super::error::Trouble;
use super::event::{Done, Origin};
use super::handles::{Operator, Visitors};
use super::kept::unpack;
use super::session::hash;
use super::values::{Looked, Position, Taken};
use crate::desk::decide;
use crate::desk::model::Bounds;
use crate::desk::model::listed::HeldRow;
use crate::desk::operator::OperatorOrder;
use crate::desk::visitor::Form;
use crate::desk::{Cause, Event, Refused, Release, Released};
use crate::mail::AddrSpec;
use crate::store::held;
use crate::store::{self, Tx, kept, person};

/// What a link of a letter about held mail shows.
#[derive(Debug, Clone)]
pub struct HeldPage {
    /// Whose mails these claim to be.
    pub address: String,
    /// What is held in their name.
    pub mails: Vec<HeldRow>,
}

/// What a button on that page did.
#[derive(Debug, Clone)]
pub enum Answered {
    /// The link is dead, or that mail was dealt with before.
    Dead,
    /// It acts never, and this is left.
    Discarded(Option<HeldPage>),
    /// What became of the mail (INTERFACE, `outcome`), and what is left to be said.
    Confirmed(&'static str, Option<HeldPage>),
}

/// A held mail that was parsed to be let go.
pub(super) struct Opened {
    held: i64,
    looked: Looked,
}

impl Operator<'_> {
    /// The mail does what it would have done. `None`: no such mail is held. `held` as its outcome: nobody's
    /// word can help it, and it stays; or something newer crossed it.
    pub fn release(&self, id: i64) -> Result<Option<Taken>, Trouble> {
        self.0.let_go(&Event::Order(&OperatorOrder::Release(id))).map(Result::ok)
    }

    /// Forgets a held mail: it stays in the ledger, and is no longer listed. False: there is none.
    pub fn drop_held(&self, id: i64) -> Result<bool, Trouble> {
        Ok(self.0.happen(&Event::Order(&OperatorOrder::Drop(id)))?.refused.is_none())
    }
}

impl Visitors<'_> {
    /// What a live link shows; dead ones are all alike.
    pub fn held_page(&self, token: &str) -> Result<Option<HeldPage>, Trouble> {
        let Some(hash) = hash(token) else { return Ok(None) };
        Ok(self.0.store().read(|c| page(c, &self.0.rules().bounds, &hash, now()))?)
    }

    /// A button on the page of a link. Each mail is answered once.
    pub fn held_answer(&self, token: &str, id: i64, confirm: bool) -> Result<Answered, Trouble> {
        let Some(link) = hash(token) else { return Ok(Answered::Dead) };
        let form = Form::Held { link: &link, held: id, confirm };
        let left = || self.0.store().read(|c| page(c, &self.0.rules().bounds, &link, now()));
        if !confirm {
            let refused = self.0.happen(&Event::Form(&form))?.refused;
            return Ok(if refused.is_some() { Answered::Dead } else { Answered::Discarded(left()?) });
        }
        Ok(match self.0.let_go(&Event::Form(&form))? {
            Ok(taken) => Answered::Confirmed(taken.outcome, left()?),
            Err(_) => Answered::Dead,
        })
    }
}

impl Desk {
    /// An event that lets a held mail go: what became of the mail, or why nothing did.
    fn let_go(&self, event: &Event<'_>) -> Result<Result<Taken, Refused>, Trouble> {
        let at = now();
        let opened = self.opened(event, at)?;
        let (refused, mail) = self.store().write(|tx| {
            let (_, decision) = self.decide(tx.conn(), event, at)?;
            let mail = match &decision.release {
                Some(release) => self.let_out(tx, release, &opened, at)?,
                None => None,
            };
            Ok((decision.refused, mail))
        })?;
        let Some(done) = mail else { return Ok(Err(refused.unwrap_or(Refused::DeadLink))) };
        self.tell(&done);
        let outcome = done.decision.outcome.as_str();
        Ok(Ok(Taken { outcome, mail: done.mail, ticket: done.decision.ticket }))
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
        Ok(packed.into_iter().map(|(packed, row)| self.open_held(&packed, &row)).collect())
    }

    fn open_held(&self, packed: &[u8], row: &HeldRow) -> Opened {
        let mut looked =
            self.intake().look(unpack(packed), Position::Stdin { recipient: None, sender: None });
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
}

fn page(c: &store::Connection, bounds: &Bounds, hash: &[u8; 32], at: i64) -> store::Result<Option<HeldPage>> {
    let Some((person, mails)) = held::link(c, bounds, hash, at)? else { return Ok(None) };
    let address = person::shown(c, person)?.address;
    Ok(AddrSpec::parse(&address).map(|a| HeldPage { address: a.to_string(), mails }))
}

/// As far as a decision looks at it: the mailbox by which the mail came, for routes.
fn position(source: &str) -> Position {
    match source.split_once(':') {
        Some((_, mailbox)) => Position::Maildir { mailbox: mailbox.to_owned(), name: String::new() },
        None => Position::Stdin { recipient: None, sender: None },
    }
}

#[cfg(test)]
mod tests;
