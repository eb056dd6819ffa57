//! Who takes part in a ticket beside its requester (T06): by `#cc` of staff, or because one who takes part
//! and has proven themselves wishes it on the page; and how somebody leaves by the link in their letters
//! (STANDARDS, table H, column R; T105).
//!
//! An address in To or Cc alone makes nobody a participant. Whoever joins gets and sees what comes from then
//! on.

use super::people;
use crate::desk::builder::decision::Builder;
use crate::desk::letter::notification;
use crate::desk::model::message::new_message;
use crate::desk::model::{Change, Kind, NewMessage, Person, Spam, TicketFacts, Via};
use crate::desk::notify;
use crate::mail::AddrSpec;

/// The desk's own and those of staff take part without being participants.
pub fn is_ours_or_staff(builder: &Builder<'_>, address: &AddrSpec) -> bool {
    builder.rules.own.everybody
        || builder.rules.own.contains(address)
        || builder.known.staff_by_address(address).is_some()
}

/// `by` wishes that an address they wrote to takes part from now on. Staff are told; the new one gets nothing
/// of what was said.
pub fn let_take_part(builder: &mut Builder<'_>, facts: &mut TicketFacts, by: &Person, address: &AddrSpec) {
    if is_ours_or_staff(builder, address) {
        return;
    }
    let person = builder.find_or_add_person(address, "");
    if person.spam != Spam::No {
        return;
    }
    let headline = format!(
        "{} lets {address} take part in {}.",
        builder.shown_to_staff(by),
        builder.rules.token(facts.ticket.number)
    );
    let id = builder.add_message(facts, system_note(&headline));
    people::add_participant(builder, facts, person);
    builder.audit(&format!("person:{}", by.id), "follow", builder.rules.token(facts.ticket.number), "");
    let notice = notification::Notice {
        headline: notification::Headline::Whole(headline),
        words: "",
        lines: vec![format!(
            "Answers go to {address} as well from now on; #private answers the requester alone."
        )],
        files: Vec::new(),
        left_out: Vec::new(),
        message: id,
    };
    notify::notify_concerned(builder, facts, &notice, None);
    builder.write_ticket(facts);
}

/// They get and see nothing more of the ticket; what they write to it from now on is a ticket of their own
/// (T04, T14).
pub fn leave_ticket(builder: &mut Builder<'_>, facts: &mut TicketFacts, person: &Person) {
    let left = format!("{} left the ticket.", builder.shown_to_staff(person));
    builder.change(Change::Leave { ticket: facts.ticket.number, person: person.id });
    facts.participants.retain(|p| p.id != person.id);
    builder.add_message(facts, system_note(&left));
    builder.audit(&format!("person:{}", person.id), "leave", builder.rules.token(facts.ticket.number), "");
    builder.write_ticket(facts);
}

/// What the desk writes into the ticket for staff.
fn system_note(text: &str) -> NewMessage {
    new_message(Kind::System, Via::Web, None, text)
}

#[cfg(test)]
mod tests;
