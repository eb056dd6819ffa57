//! Tickets that become one, and a message that becomes a ticket of its own.

use super::people;
use crate::desk::builder::decision::Builder;
use crate::desk::model::{Change, Kind, OrderFault, Status, TicketFacts};

/// This ticket into that one: messages go there, the requester joins, each side keeps its own part.
pub fn merge_ticket(builder: &mut Builder<'_>, facts: &mut TicketFacts, into: i64) -> Result<(), OrderFault> {
    let from = facts.ticket.number;
    let target = builder.known.live(into).ok_or(OrderFault::NoTicket(into))?;
    if target.ticket.number == from {
        return Err(OrderFault::MergeIntoItself);
    }
    let mut target = target.clone();
    bring_people(builder, facts, &mut target);
    builder.write_ticket(&mut target);
    builder.set_status(facts, Status::Closed);
    facts.ticket.merged_into = Some(target.ticket.number);
    Ok(())
}

/// The people of one ticket join another one, and so do those who watch it. The messages follow in
/// [`finish`].
pub fn bring_people(builder: &mut Builder<'_>, facts: &TicketFacts, target: &mut TicketFacts) {
    for person in std::iter::once(&facts.requester).chain(&facts.participants) {
        people::add_participant(builder, target, person.clone());
    }
    for person in &facts.watchers {
        if !target.watchers.contains(person) {
            people::set_watching(builder, target, *person, true);
        }
    }
    if matches!(target.ticket.status, Status::Closed) {
        builder.set_status(target, Status::Open);
    }
}

/// The message that the notice brought becomes a ticket of its author.
pub fn split_message(
    builder: &mut Builder<'_>,
    facts: &mut TicketFacts,
    message: Option<i64>,
) -> Result<(), OrderFault> {
    let id = message.ok_or(OrderFault::NoMessageAnswered)?;
    let at = facts.messages.iter().position(|m| m.id == id).ok_or(OrderFault::NotItsMessage)?;
    if facts.messages[at].kind != Kind::Customer {
        return Err(OrderFault::NotACustomersMessage);
    }
    if facts.messages.iter().filter(|m| m.kind == Kind::Customer).count() < 2 {
        return Err(OrderFault::OnlyMessageOfCustomer);
    }
    // T06: the ticket becomes its writer's. One who left it has none, and nobody else gets their words.
    let mut everybody = std::iter::once(&facts.requester).chain(&facts.participants);
    let author = everybody.find(|p| Some(p.id) == facts.messages[at].author).cloned();
    let author = author.ok_or(OrderFault::WriterLeft)?;
    facts.messages.remove(at);
    let subject = facts.ticket.subject.clone();
    let mailbox = facts.ticket.mailbox.clone();
    let mut new = builder.open_ticket(&subject, author, mailbox.as_deref());
    new.ticket.status = Status::Open;
    builder.change(Change::MoveMessage { message: id, to: new.ticket.number, origin: None });
    builder.write_ticket(&mut new);
    Ok(())
}
