//! Held mail: who may say what becomes of it, and what follows then. An operator by the CLI, the staff member
//! in whose name it came by a mailed link, the writer of a crossed answer by `#send`.

use super::clock::now;
use super::desk::Desk;
use super::error::Trouble;
use super::handles::{Operator, Visitors};
use super::session::hash;
use super::values::Taken;
use crate::desk::model::Bounds;
use crate::desk::model::listed::HeldRow;
use crate::desk::operator::OperatorOrder;
use crate::desk::visitor::Form;
use crate::desk::{Event, Refused};
use crate::mail::AddrSpec;
use crate::store::held;
use crate::store::{self, person};

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
}

fn page(c: &store::Connection, bounds: &Bounds, hash: &[u8; 32], at: i64) -> store::Result<Option<HeldPage>> {
    let Some((person, mails)) = held::link(c, bounds, hash, at)? else { return Ok(None) };
    let address = person::shown(c, person)?.address;
    Ok(AddrSpec::parse(&address).map(|a| HeldPage { address: a.to_string(), mails }))
}

#[cfg(test)]
mod tests;
