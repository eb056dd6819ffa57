//! Taking part on the web: letting somebody follow one's ticket, and leaving one (T06, T105).

use super::{Desk, Trouble, Visitor, now};
use crate::desk::work::Work;
use crate::desk::{Outcome, Person, participants, seal};
use crate::mail::AddrSpec;
use crate::store::{self, apply, list, snapshot};

impl Desk {
    /// Answers what the page asks about an address that this person wrote to. `None`: nothing of that kind
    /// was asked.
    pub fn let_follow(
        &self,
        who: &Visitor,
        number: i64,
        address: &AddrSpec,
        yes: bool,
    ) -> Result<Option<()>, Trouble> {
        let out = self.store().write(|tx| {
            let c = tx.conn();
            let known = snapshot::of_ticket(c, &[number], std::slice::from_ref(address))?;
            let Some(mut facts) = known.live(number).cloned() else { return Ok(None) };
            let number = facts.ticket.number;
            let his = list::sees_from(c, who.person, number)?.is_some();
            if !his || !store::participants::forget_suggestion(tx, number, who.person, address.as_str())? {
                return Ok(None);
            }
            let mut work = Work::new(self.rules(), &known, self.moment());
            if yes {
                let by = Person {
                    id: who.person,
                    address: who.address.clone(),
                    name: who.name.clone(),
                    spam: false,
                };
                participants::follow(&mut work, &mut facts, &by, address);
            }
            let decision =
                work.finish(Outcome::Append, "an address may follow a ticket, or not", Some(number));
            apply::apply(tx, self.rules(), &decision, None, now())?;
            Ok(Some(()))
        })?;
        if out.is_some() {
            self.letters_made();
        }
        Ok(out)
    }

    /// The token of the ticket that a live link of this kind leaves; dead ones are all alike. Changes
    /// nothing.
    pub fn leaving(&self, token: &str) -> Result<Option<String>, Trouble> {
        let Some((ticket, person)) = seal::read_leave(&self.rules().keys, token) else { return Ok(None) };
        Ok(self.store().read(|c| {
            let known = snapshot::of_ticket(c, &[ticket], &[])?;
            let facts = known.live(ticket).filter(|f| f.participants.iter().any(|p| p.id == person));
            Ok(facts.map(|f| self.token(f.ticket.number)))
        })?)
    }

    /// Leaves; the token of the ticket, `None` as in [`Desk::leaving`].
    pub fn leave(&self, token: &str) -> Result<Option<String>, Trouble> {
        let Some((ticket, person)) = seal::read_leave(&self.rules().keys, token) else { return Ok(None) };
        Ok(self.store().write(|tx| {
            let known = snapshot::of_ticket(tx.conn(), &[ticket], &[])?;
            let Some(mut facts) = known.live(ticket).cloned() else { return Ok(None) };
            let Some(person) = facts.participants.iter().find(|p| p.id == person).cloned() else {
                return Ok(None);
            };
            let number = facts.ticket.number;
            let mut work = Work::new(self.rules(), &known, self.moment());
            participants::leave(&mut work, &mut facts, &person);
            let decision = work.finish(Outcome::Append, "a participant left", Some(number));
            apply::apply(tx, self.rules(), &decision, None, now())?;
            Ok(Some(self.token(number)))
        })?)
    }
}
