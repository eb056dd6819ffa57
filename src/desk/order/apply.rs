//! An order is carried out, whoever gave it: a mail of staff, an operator on the CLI, a button.

use super::actor::Actor;
use super::command::Order;
use super::{merge, people};
use crate::desk::builder::decision::Builder;
use crate::desk::model::{Change, MessageRef, OrderFault, Spam, Status, TicketFacts};
use crate::desk::time::due_date::Targets;

/// Carries out one order on the ticket in hand; or says why it cannot.
pub fn apply(
    builder: &mut Builder<'_>,
    facts: &mut TicketFacts,
    actor: &Actor<'_>,
    order: &Order,
) -> Result<(), OrderFault> {
    let token = builder.rules.token(facts.ticket.number);
    builder.audit(&actor.name(), "order", token, order.name());
    match order {
        Order::Note | Order::Private | Order::Send | Order::Answer(_) | Order::Help => {}
        Order::Status(status) => builder.set_status(facts, *status),
        Order::Wait(until) => {
            if until.is_some_and(|t| t < builder.now()) {
                return Err(OrderFault::DayIsOver);
            }
            builder.set_status(facts, Status::Waiting);
            facts.ticket.wait_until = *until;
        }
        Order::Assign(assignee) => people::assign(builder, facts, actor, assignee)?,
        Order::Priority(priority) => facts.ticket.priority = *priority,
        Order::Category(category) => facts.ticket.category = Some(category.clone()),
        Order::Tag(words) => set_tags(builder, facts, words),
        Order::Merge(into) => merge::merge_ticket(builder, facts, *into)?,
        Order::Split => merge::split_message(builder, facts, actor.seen)?,
        Order::Cc(address) => {
            if builder.rules.own.contains(address) || builder.known.staff_by_address(address).is_some() {
                return Err(OrderFault::NotACustomer(address.clone()));
            }
            let person = builder.find_or_add_person(address, "");
            people::add_participant(builder, facts, person);
        }
        Order::Spam => {
            if builder.known.staff_by_id(facts.requester.id).is_some() {
                return Err(OrderFault::RequesterIsStaff);
            }
            // An unproven mail tells nothing about the person whose address it bears, who may be a customer.
            let theirs = |m: &&MessageRef| m.author == Some(facts.requester.id);
            let proven = facts.messages.iter().filter(theirs).any(|m| m.proven);
            let which = match proven || facts.requester.spam == Spam::Always {
                true => Spam::Always,
                false => Spam::Unproven,
            };
            builder.change(Change::Spam { person: facts.requester.id, which });
            builder.set_status(facts, Status::Closed);
        }
        Order::Privacy => facts.ticket.privacy = true,
        Order::Due(at) => Targets::set_by_hand(&mut facts.ticket, *at),
        Order::Watch(on) => {
            let person = actor.person.ok_or(OrderFault::OperatorCannotWatch)?;
            people::set_watching(builder, facts, person.id, *on);
        }
        Order::Undo => return Err(OrderFault::UndoNotAlone),
        Order::For(_) => return Err(OrderFault::ForOnTicket),
    }
    Ok(())
}

/// Puts tags on (true) and takes them off.
pub fn set_tags(builder: &mut Builder<'_>, facts: &mut TicketFacts, words: &[(String, bool)]) {
    for (word, on) in words {
        facts.tags.retain(|t| t != word);
        if *on {
            facts.tags.push(word.clone());
        }
        builder.change(Change::Tag { ticket: facts.ticket.number, word: word.clone(), on: *on });
    }
}

/// Writes the ticket as it is after all orders. What was said along with `#merge` goes with the rest.
pub fn write_after_orders(builder: &mut Builder<'_>, mut facts: TicketFacts) {
    if let Some(into) = facts.ticket.merged_into {
        builder.change(Change::Merge { from: facts.ticket.number, into });
    }
    builder.write_ticket(&mut facts);
}
