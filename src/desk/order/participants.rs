//! Who takes part in a ticket beside its requester (T06): by `#cc` of staff, or because one who takes part
//! and has proven himself wishes it on the page; and how somebody leaves by the link in his letters
//! (STANDARDS, table H, column R; T105).
//!
//! An address in To or Cc alone makes nobody a participant. Whoever joins gets and sees what comes from then
//! on.

use super::people;
use crate::desk::builder::builder::Work;
use crate::desk::letter::notification;
use crate::desk::model::message::message;
use crate::desk::model::{Change, Kind, NewMessage, Person, TicketFacts, Via};
use crate::desk::notify;
use crate::mail::AddrSpec;

/// Addresses that one person is asked about in one ticket; what is beyond is not remembered.
pub const SUGGESTIONS_MAX: usize = 10;

/// The desk's own and those of staff take part without being participants.
pub fn reserved(work: &Work<'_>, address: &AddrSpec) -> bool {
    work.rules.own.everybody
        || work.rules.own.contains(address)
        || work.known.staff_by_address(address).is_some()
}

/// `by` wishes that an address he wrote to takes part from now on. Staff are told; the new one gets nothing
/// of what was said.
pub fn follow(work: &mut Work<'_>, facts: &mut TicketFacts, by: &Person, address: &AddrSpec) {
    if reserved(work, address) {
        return;
    }
    let person = work.person(address, "");
    if person.spam {
        return;
    }
    let headline =
        format!("{} lets {address} take part in {}.", work.shown(by), work.rules.token(facts.ticket.number));
    let id = work.say(facts, line(&headline));
    people::join(work, facts, person);
    work.audit(&format!("person:{}", by.id), "follow", work.rules.token(facts.ticket.number), "");
    let news = notification::News {
        headline,
        words: "",
        lines: vec![format!(
            "Answers go to {address} as well from now on; #private answers the requester alone."
        )],
        files: Vec::new(),
        left_out: Vec::new(),
        message: id,
    };
    notify::tell(work, facts, &news, None);
    work.save(facts);
}

/// He gets and sees nothing more of the ticket; what he writes to it from now on is a ticket of his own (T04,
/// T14).
pub fn leave(work: &mut Work<'_>, facts: &mut TicketFacts, person: &Person) {
    let left = format!("{} left the ticket.", work.shown(person));
    work.change(Change::Leave { ticket: facts.ticket.number, person: person.id });
    facts.participants.retain(|p| p.id != person.id);
    work.say(facts, line(&left));
    work.audit(&format!("person:{}", person.id), "leave", work.rules.token(facts.ticket.number), "");
    work.save(facts);
}

/// What the desk writes into the ticket for staff.
fn line(text: &str) -> NewMessage {
    message(Kind::System, Via::Web, None, text)
}

#[cfg(test)]
mod tests;
