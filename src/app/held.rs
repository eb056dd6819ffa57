//! Held mail: who may say what becomes of it, and what follows then. An operator by the CLI, the staff member
//! in whose name it came by a mailed link, the writer of a crossed answer by `#send`.

use super::take::{mailed, unpack};
use super::{Desk, HeldRow, Position, Taken, Trouble, now};
use crate::desk::letter::hold;
use crate::desk::work::Work;
use crate::desk::{self, Cause, Change, Decision, Outcome, Released};
use crate::mail::AddrSpec;
use crate::store::{self, Tx, apply, held, list, snapshot};

/// What a link of a letter about held mail shows.
#[derive(Debug, Clone)]
pub struct HeldPage {
    /// Whose mails these claim to be.
    pub address: String,
    pub mails: Vec<HeldRow>,
}

/// What a button on that page did.
#[derive(Debug, Clone)]
pub enum Answered {
    /// The link is dead, or that mail was dealt with before.
    Dead,
    Discarded(Option<HeldPage>),
    /// What became of the mail (INTERFACE, `outcome`), and what is left to be said.
    Confirmed(&'static str, Option<HeldPage>),
}

impl Desk {
    /// The mail does what it would have done. `None`: no such mail is held. `held` as its outcome: nobody's
    /// word can help it, and it stays; or something newer crossed it.
    pub fn release(&self, id: i64) -> Result<Option<Taken>, Trouble> {
        self.write_letters(|tx| match held::one(tx.conn(), id)? {
            Some(row) => {
                self.let_out(tx, &row, "operator", now()).map(|(taken, letters)| (Some(taken), letters))
            }
            None => Ok((None, 0)),
        })
    }

    /// Forgets a held mail: it stays in the ledger, and is no longer listed. False: there is none.
    pub fn drop_held(&self, id: i64) -> Result<bool, Trouble> {
        Ok(self.store().write(|tx| {
            let found = held::one(tx.conn(), id)?.is_some();
            if found {
                self.discard(tx, id, "operator", now())?;
            }
            Ok(found)
        })?)
    }

    /// How many mails are held, those in quarantine among them.
    pub fn held_count(&self) -> Result<i64, Trouble> {
        let (held, quarantine) = self.store().read(held::counts)?;
        Ok(held + quarantine)
    }

    fn discard(&self, tx: &Tx<'_>, id: i64, actor: &str, at: i64) -> store::Result<()> {
        held::end(tx, id, "dropped", None, at)?;
        apply::audit(tx, self.rules(), (actor, "drop", &format!("held:{id}"), ""), at)
    }

    /// What a live link shows; dead ones are all alike.
    pub fn held_page(&self, token: &str) -> Result<Option<HeldPage>, Trouble> {
        let Some(hash) = super::web::hash(token) else { return Ok(None) };
        Ok(self.store().read(|c| page(c, &hash, now()))?)
    }

    /// A button on the page of a link. Each mail is answered once.
    pub fn held_answer(&self, token: &str, id: i64, confirm: bool) -> Result<Answered, Trouble> {
        let Some(hash) = super::web::hash(token) else { return Ok(Answered::Dead) };
        let at = now();
        self.write_letters(|tx| {
            let found = held::link(tx.conn(), &hash, at)?;
            let found =
                found.and_then(|(person, rows)| Some((person, rows.into_iter().find(|r| r.id == id)?)));
            let Some((person, row)) = found else { return Ok((Answered::Dead, 0)) };
            let actor = format!("person:{person}");
            if !confirm {
                self.discard(tx, id, &actor, at)?;
                return Ok((Answered::Discarded(page(tx.conn(), &hash, at)?), 0));
            }
            let (taken, letters) = self.let_out(tx, &row, &actor, at)?;
            Ok((Answered::Confirmed(taken.outcome, page(tx.conn(), &hash, at)?), letters))
        })
    }

    /// The mail that a decision lets go (`#send`); the letters that this makes.
    pub(super) fn let_go(&self, tx: &Tx<'_>, decision: &Decision, at: i64) -> store::Result<usize> {
        let Some(id) = decision.release else { return Ok(0) };
        let Some(row) = held::one(tx.conn(), id)? else { return Ok(0) };
        let actor = row.person.map_or_else(|| "desk".to_owned(), |p| format!("person:{p}"));
        Ok(self.let_out(tx, &row, &actor, at)?.1)
    }

    /// Decides a held mail anew, now that somebody's word stands for what it lacked.
    fn let_out(&self, tx: &Tx<'_>, row: &HeldRow, actor: &str, at: i64) -> store::Result<(Taken, usize)> {
        let raw = unpack(&list::packed(tx.conn(), row.mail)?.unwrap_or_default());
        let mut looked = self.look(raw, Position::Stdin { recipient: None, sender: None });
        looked.position = position(&row.source);
        // What it was let go of before does not hold it again, or two reasons would hold it in turn for ever.
        let before = held::released_as(tx.conn(), row.mail)?;
        let was = |cause: Cause| row.cause == cause || before.contains(&cause);
        let (crosses, quotes) = (was(Cause::Crossed), was(Cause::Other));
        looked.facts.released = Some(Released {
            at: row.received_at,
            ticket: row.ticket,
            verified: row.verified,
            crosses,
            quotes,
        });
        let mailed = mailed(&looked, at);
        let (_, mut known) = self.known(tx.conn(), &mailed, at)?;
        known.duplicate = None;
        let mut moment = self.moment();
        moment.now = at;
        let decision = desk::mailed::decide(self.rules(), &known, &mailed, moment);
        let (outcome, mut letters) = (decision.outcome.as_str(), decision.letters.len());
        let taken = Taken { outcome, mail: Some(row.mail), ticket: decision.ticket };
        let object = format!("held:{}", row.id);
        if stays(&decision) {
            apply::audit(tx, self.rules(), (actor, "release", &object, "stays held"), at)?;
            return Ok((Taken { outcome: Outcome::Held.as_str(), ..taken }, 0));
        }
        apply::apply_kept(tx, self.rules(), &decision, &looked.mail, row.mail, at)?;
        held::end(tx, row.id, "released", Some((outcome, decision.ticket)), at)?;
        apply::audit(tx, self.rules(), (actor, "release", &object, outcome), at)?;
        letters += self.let_go(tx, &decision, at)?;
        Ok((taken, letters))
    }

    /// A letter to each staff member in whose name mail is held that no letter told of so far; one an hour at
    /// most.
    pub(super) fn tell_held(&self, at: i64) -> Result<(), Trouble> {
        if self.store().read(|c| held::untold(c, at))?.is_empty() {
            return Ok(());
        }
        self.write_letters(|tx| {
            let known = snapshot::of_ticket(tx.conn(), &[], &[])?;
            let mut moment = self.moment();
            moment.now = at;
            let mut work = Work::new(self.rules(), &known, moment);
            for (person, reason) in held::untold(tx.conn(), at)? {
                if let Some(staff) = known.staff_by_id(person) {
                    hold::send(&mut work, &staff.person, &reason, Cause::Unproven);
                }
            }
            let decision = work.finish(Outcome::Append, "held mail was told of", None);
            apply::apply(tx, self.rules(), &decision, None, at)?;
            Ok(((), decision.letters.len()))
        })
    }
}

fn page(c: &store::Connection, hash: &[u8; 32], at: i64) -> store::Result<Option<HeldPage>> {
    let Some((person, mails)) = held::link(c, hash, at)? else { return Ok(None) };
    let address = list::shown(c, person)?.address;
    Ok(AddrSpec::parse(&address).map(|a| HeldPage { address: a.to_string(), mails }))
}

/// It would be held again, for what nobody's word makes good: its row stays open, else it would be forgotten.
/// What comes back to its writer by a letter is held anew, for another reason.
fn stays(decision: &Decision) -> bool {
    decision.letters.is_empty() && decision.changes.iter().any(|c| matches!(c, Change::Hold { .. }))
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
