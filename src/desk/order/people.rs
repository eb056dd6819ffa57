//! Orders about people: who works on a ticket, who hears of it, who takes part.

use super::actor::Actor;
use super::command::Assignee;
use crate::desk::builder::decision::Builder;
use crate::desk::letter::notification;
use crate::desk::model::{Change, OrderFault, Person, TicketFacts};

/// Gives the ticket to somebody, who hears of it.
pub fn assign(
    builder: &mut Builder<'_>,
    facts: &mut TicketFacts,
    actor: &Actor<'_>,
    assignee: &Assignee,
) -> Result<(), OrderFault> {
    let person = match assignee {
        Assignee::Nobody => None,
        Assignee::Me => Some(actor.person.cloned().ok_or(OrderFault::OperatorCannotBeAssigned)?),
        Assignee::Somebody(address) => {
            let staff = builder.known.staff_by_address(address);
            Some(staff.map(|s| s.person.clone()).ok_or_else(|| OrderFault::NotStaff(address.clone()))?)
        }
    };
    let new =
        person.as_ref().filter(|p| facts.ticket.assignee != Some(p.id) && actor.id() != Some(p.id)).cloned();
    facts.ticket.assignee = person.map(|p| p.id);
    if let Some(person) = new {
        notify_assignee(builder, facts, actor.person, &person);
    }
    Ok(())
}

/// A new assignee hears of it, unless it is their own doing.
pub fn notify_assignee(
    builder: &mut Builder<'_>,
    facts: &mut TicketFacts,
    by: Option<&Person>,
    person: &Person,
) {
    if by.is_none_or(|b| b.id != person.id) {
        let by = by.map_or("the operator", |p| p.name.as_str());
        let notice = notification::Notice {
            headline: notification::Headline::Whole(format!(
                "{} is now yours, by {by}: {}",
                builder.rules.token(facts.ticket.number),
                facts.ticket.subject
            )),
            words: "",
            lines: notification::card(builder, facts, &[]),
            files: Vec::new(),
            left_out: Vec::new(),
            message: facts.messages.last().map_or(0, |m| m.id),
        };
        notification::queue(builder, facts, person, &notice);
    }
}

/// Who watches hears of everything on the ticket.
pub fn set_watching(builder: &mut Builder<'_>, facts: &mut TicketFacts, person: i64, on: bool) {
    facts.watchers.retain(|w| *w != person);
    if on {
        facts.watchers.push(person);
    }
    builder.change(Change::Watch { ticket: facts.ticket.number, person, on });
}

/// A new participant sees and gets what comes from now on (T06).
pub fn add_participant(builder: &mut Builder<'_>, facts: &mut TicketFacts, person: Person) {
    if person.id == facts.requester.id || facts.participants.iter().any(|p| p.id == person.id) {
        return;
    }
    let since = facts.messages.last().map_or(0, |m| m.id);
    builder.change(Change::Participant { ticket: facts.ticket.number, person: person.id, since });
    facts.participants.push(person);
}
