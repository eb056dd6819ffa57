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
    Cause, Change, Decision, HeldEnd, Kind, MailFault, Mailed, MessageRef, Newer, Reason, Snapshot, Staff,
};
use crate::desk::order::command::{Block, Order};
use crate::desk::proof::named::{self, Named};
use crate::desk::rules::Rules;

/// Messages that a returned answer tells of in words, the newest.
pub const TOLD_MAX: usize = 50;

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

/// What came after what the writer of an answer had seen, oldest first: customers' messages and answers of
/// others, but for automatic mail and what customers are not shown. Nothing for an answer that is let go.
pub fn unseen_messages<'a>(
    known: &'a Snapshot,
    named: &Named,
    mailed: &Mailed<'_>,
    writer: i64,
) -> Vec<&'a MessageRef> {
    let facts = named.ticket.and_then(|n| known.tickets.get(&n));
    let Some(facts) = facts.filter(|_| mailed.facts.released.as_ref().is_none_or(|r| !r.crosses)) else {
        return Vec::new();
    };
    let seen = how_far_read(known, named, mailed, writer);
    let new = |m: &&MessageRef| match seen {
        ReadUpTo::Message(id) => m.id > id,
        ReadUpTo::Until(at) => m.created_at > at,
    };
    let counts = |m: &&MessageRef| {
        m.shown && m.author != Some(writer) && matches!(m.kind, Kind::Customer | Kind::Staff)
    };
    facts.messages.iter().filter(counts).filter(new).collect()
}

/// The messages whose words are needed, should this mail be an answer that comes back to its writer.
pub fn messages_whose_words_are_needed(
    rules: &Rules,
    known: &Snapshot,
    mailed: &Mailed<'_>,
    now: i64,
) -> Vec<i64> {
    let staff = mailed.mail.from.address().and_then(|a| known.staff_by_address(a));
    let Some(staff) = staff.filter(|_| !known.tickets.is_empty()) else { return Vec::new() };
    let named = named::examine(rules, known, mailed, now);
    let unseen = unseen_messages(known, &named, mailed, staff.person.id);
    unseen[unseen.len().saturating_sub(TOLD_MAX)..].iter().map(|m| m.id).collect()
}

/// Keeps the answer and returns it to its writer: nothing of the mail acts.
pub fn hold_crossed(
    builder: &Builder<'_>,
    mailed: &Mailed<'_>,
    named: &Named,
    staff: &Staff,
    unseen: &[&MessageRef],
) -> Decision {
    let mut builder = Builder::new(builder.rules, builder.known, builder.moment.clone());
    let number = named.ticket.expect("an answer belongs to a ticket");
    let mut facts = builder.known.tickets[&number].clone();
    supersede_held(&mut builder, number, mailed);
    let what = summed_up(unseen);
    returned::queue(&mut builder, &mut facts, &staff.person, mailed.mail, &what.to_string(), unseen.len());
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
fn summed_up(unseen: &[&MessageRef]) -> Newer {
    let count = |kind: Kind| unseen.iter().filter(|m| m.kind == kind).count();
    Newer { of_customers: count(Kind::Customer), of_colleagues: count(Kind::Staff) }
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
