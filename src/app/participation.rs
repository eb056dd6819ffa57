//! Taking part in a ticket, on the web: a person lets somebody else follow their ticket, or leaves one (T06,
//! T105).

use super::clock::now;
use super::error::Trouble;
use super::handles::Visitors;
use super::values::Visitor;
use crate::desk::model::Weighed;
use crate::desk::visitor::Form;
use crate::desk::{Event, Questions, seal};
use crate::mail::AddrSpec;
use crate::store::snapshot;

impl Visitors<'_> {
    /// Answers what the page asks about an address that this person wrote to. `None`: nothing of that kind
    /// was asked.
    pub fn let_follow(
        &self,
        who: &Visitor,
        number: i64,
        address: &AddrSpec,
        yes: bool,
    ) -> Result<Option<()>, Trouble> {
        let by = &who.person();
        let form = Form::Follow { by, ticket: number, address, yes };
        Ok(self.0.happen(&Event::Form(&form))?.refused.is_none().then_some(()))
    }

    /// The token of the ticket that a live link of this kind leaves; dead ones are all alike. Changes
    /// nothing.
    pub fn leaving(&self, token: &str) -> Result<Option<String>, Trouble> {
        let Some((ticket, person)) = seal::read_leave(&self.0.rules().keys, token) else { return Ok(None) };
        Ok(self.0.store().read(|c| {
            let questions = Questions { tickets: vec![ticket], ..Questions::default() };
            let known = snapshot::snapshot(c, &questions, self.0.rules(), now(), |_| Weighed::default())?;
            let facts = known.live(ticket).filter(|f| f.participants.iter().any(|p| p.id == person));
            Ok(facts.map(|f| self.0.token(f.ticket.number)))
        })?)
    }

    /// Leaves the ticket and gives back its token; `None` as above.
    pub fn leave(&self, token: &str) -> Result<Option<String>, Trouble> {
        let Some((ticket, person)) = seal::read_leave(&self.0.rules().keys, token) else { return Ok(None) };
        let decision = self.0.happen(&Event::Form(&Form::Leave { ticket, person }))?;
        Ok(decision.ticket.map(|number| self.0.token(number)))
    }
}
