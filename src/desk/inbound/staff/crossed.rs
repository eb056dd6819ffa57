//! No crossed answers (INTERFACE, Mail): an answer that is older than a colleague's answer or a customer's
//! message which its writer had not seen is held and returned with what is new; `#send` lets it go.
//!
//! What they had seen is what stood in the letters of ours that their mail answers, by their reply addresses
//! and by their ids. A mail that answers none of them, such as a signed one with nothing but the token, was
//! written with the newest letter that had gone to them about the ticket when it arrived. Who had got no
//! letter looked at the ticket itself: they had seen what was there when their mail arrived. In doubt nothing
//! is held, since holding needlessly is a fault as well.

use crate::desk::builder::decision::Builder;
use crate::desk::hold;
use crate::desk::letter::returned;
use crate::desk::model::{
    Cause, Change, Decision, HeldEnd, Kind, MailFault, Mailed, MessageRef, Named, Newer, Reason, Snapshot,
    Staff,
};
use crate::desk::order::command::{Block, Order};
use std::collections::BTreeSet;

/// How far somebody had read.
enum ReadUpTo {
    /// Up to this message.
    Message(i64),
    /// What was there at this time; seconds since 1970.
    Until(i64),
}

fn how_far_read(known: &Snapshot, named: &Named, mailed: &Mailed<'_>, writer: i64) -> ReadUpTo {
    let here =
        |ticket: Option<i64>| ticket.and_then(|n| known.live(n)).map(|f| f.ticket.number) == named.ticket;
    let answered = known.ids.iter().filter(|h| here(h.ticket)).filter_map(|h| h.letter.as_ref());
    let answered = answered.filter(|l| l.person == Some(writer)).filter_map(|l| l.message).max();
    if let Some(message) = named.seen.max(answered) {
        return ReadUpTo::Message(message);
    }
    let arrived = mailed.facts.released.as_ref().map_or(mailed.arrived_at, |r| r.at);
    let tickets = [named.named, named.ticket].into_iter().flatten().filter_map(|n| known.tickets.get(&n));
    let got = tickets.flat_map(|f| &f.letters).filter(|l| l.person == writer && l.created_at <= arrived);
    got.filter_map(|l| l.message).max().map_or(ReadUpTo::Until(arrived), ReadUpTo::Message)
}

/// What came after what the writer of an answer had seen, by number: customers' messages and answers of
/// others, but for automatic mail and what customers are not shown. Nothing for an answer that is let go.
pub fn unseen_messages(known: &Snapshot, named: &Named, mailed: &Mailed<'_>, writer: i64) -> BTreeSet<i64> {
    let facts = named.ticket.and_then(|n| known.tickets.get(&n));
    let Some(facts) = facts.filter(|_| mailed.facts.released.as_ref().is_none_or(|r| !r.crosses)) else {
        return BTreeSet::new();
    };
    let seen = how_far_read(known, named, mailed, writer);
    let new = |m: &&MessageRef| match seen {
        ReadUpTo::Message(id) => m.id > id,
        ReadUpTo::Until(at) => m.created_at > at,
    };
    let counts = |m: &&MessageRef| {
        m.shown && m.author != Some(writer) && matches!(m.kind, Kind::Customer | Kind::Staff)
    };
    facts.messages.iter().filter(counts).filter(new).map(|m| m.id).collect()
}

/// Keeps the answer and returns it to its writer: nothing of the mail acts.
pub fn hold_crossed(builder: &Builder<'_>, mailed: &Mailed<'_>, named: &Named, staff: &Staff) -> Decision {
    let mut builder = Builder::new(builder.rules, builder.known, builder.moment.clone());
    let number = named.ticket.expect("an answer belongs to a ticket");
    let mut facts = builder.known.tickets[&number].clone();
    supersede_held(&mut builder, number, mailed);
    let unseen = &builder.known.weighed.unseen;
    let what = summed_up(facts.messages.iter().filter(|m| unseen.contains(&m.id)));
    let count = unseen.len();
    returned::queue(&mut builder, &mut facts, &staff.person, mailed.mail, &what.to_string(), count);
    hold::keep_for_cause(
        builder,
        Cause::Crossed,
        Some(number),
        Some(staff.person.id),
        named.verified,
        Reason::Crossed(what),
    )
}

/// How much came in between.
fn summed_up<'a>(unseen: impl Iterator<Item = &'a MessageRef>) -> Newer {
    let (of_customers, of_colleagues): (Vec<_>, Vec<_>) = unseen.partition(|m| m.kind == Kind::Customer);
    Newer { of_customers: of_customers.len(), of_colleagues: of_colleagues.len() }
}

/// Newer words of the same writer take the place of what was held of them in this ticket; that stays kept.
pub fn supersede_held(builder: &mut Builder<'_>, ticket: i64, mailed: &Mailed<'_>) {
    // A mail that comes out of the hold is no newer than another one that lies there.
    if mailed.facts.released.is_some() {
        return;
    }
    let known = builder.known;
    for (held, _) in known.crossed.iter().filter(|(_, t)| *t == ticket) {
        builder.change(Change::EndHeld { held: *held, how: HeldEnd::Superseded });
    }
}

/// The answer that `#send` alone lets go.
pub fn waiting_answer(known: &Snapshot, ticket: i64) -> Option<i64> {
    known.crossed.iter().filter(|(_, t)| *t == ticket).map(|(held, _)| *held).max()
}

/// Why a mail with `#send` and without words and files does nothing.
pub fn nothing_to_send(known: &Snapshot, ticket: i64, block: &Block) -> Option<MailFault> {
    let sends = block.commands.iter().any(|c| c.order == Ok(Order::Send));
    match (sends, block.commands.len(), waiting_answer(known, ticket)) {
        (false, ..) => None,
        (true, 2.., _) => Some(MailFault::SendNotAlone),
        (true, _, None) => Some(MailFault::NothingToSend),
        (true, _, Some(_)) => None,
    }
}

#[cfg(test)]
mod tests;
