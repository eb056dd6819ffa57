//! A mail of a customer: a new ticket, or a further message of one (T03, T04, T06).

use super::{addressed, answerable};
use crate::desk::builder::decision::Builder;
use crate::desk::letter::{confirmation, encrypted, files, notification};
use crate::desk::model::message::message_of_mail;
use crate::desk::model::{
    Cause, Change, Clock, Decision, Kind, Mailed, Named, NewMessage, Outcome, Person, Reason, Silence,
    Status, TicketFacts, Verified,
};
use crate::desk::order::actor::Actor;
use crate::desk::order::apply::apply;
use crate::desk::order::command::{self, Block};
use crate::desk::{hold, notify};
use crate::mail::Line;

/// A Date field that is off by more than this is pointed out (T22).
const DATE_OFF_SECS: i64 = 48 * 3600;

/// The requester or a participant writes on.
pub fn append_to_ticket(
    mut builder: Builder<'_>,
    mailed: &Mailed<'_>,
    block: &Block,
    named: &Named,
) -> Decision {
    let address = mailed.mail.from.address().expect("the sender was read");
    let number = named.ticket.expect("a participant is one of a ticket");
    let mut facts = builder.known.tickets[&number].clone();
    let author = builder.find_or_add_person(address, mailed.mail.from.name());
    // A customer commands `#close` and `#privacy`, with proof (decision table).
    let orders = command::customer_orders(block, named.verified.proven());
    let clock = facts.ticket.clock;
    let mut new = message_of_mail(mailed, Kind::Customer, &author, named.verified);
    if orders.is_some() {
        let whole = &mailed.mail.words;
        new.text = block.words.clone();
        (new.quoted, new.signature) = (whole.quoted.clone(), whole.signature.clone());
    }
    let id = builder.add_message(&mut facts, new);
    if matches!(facts.ticket.status, Status::Waiting | Status::Closed) {
        builder.set_status(&mut facts, Status::Open);
    }
    for order in orders.iter().flatten() {
        let actor = Actor { person: Some(&author), seen: None };
        apply(&mut builder, &mut facts, &actor, order).expect("neither `#close` nor `#privacy` can fail");
    }
    // T18: what lay there before the desk is due to nobody.
    if mailed.history {
        facts.ticket.clock = clock;
    }
    builder.write_ticket(&mut facts);
    addressed::suggest(&mut builder, &facts, mailed, &author, named.verified);
    let headline = format!("{} wrote to {}", builder.shown_to_staff(&author), builder.rules.token(number));
    let heard =
        Heard { author: &author, headline, message: id, words: mailed.mail.customer_words().text.clone() };
    notify_staff(&mut builder, &mut facts, mailed, named, heard);
    let mut decision = builder.finish(Outcome::Append, Reason::BelongsTo(number), Some(number));
    if orders.is_some() {
        decision.orders = block.commands.iter().map(|c| c.line.to_ascii_lowercase()).collect();
    }
    decision
}

/// Automatic mail of somebody who belongs to the ticket: attached or kept, nothing follows (T23, T31).
pub fn file_automatic(mut builder: Builder<'_>, mailed: &Mailed<'_>, named: &Named, staff: bool) -> Decision {
    let Some(number) = named.ticket else {
        return hold::keep_without_acting(builder, Cause::Other, None, None, Reason::AutomaticOfStaff);
    };
    let mut facts = builder.known.tickets[&number].clone();
    let address = mailed.mail.from.address().expect("the sender was read");
    let author = builder.find_or_add_person(address, mailed.mail.from.name());
    let kind = if staff { Kind::System } else { Kind::Customer };
    let new = NewMessage {
        automatic: true,
        shown: false,
        ..message_of_mail(mailed, kind, &author, named.verified)
    };
    builder.add_message(&mut facts, new);
    builder.write_ticket(&mut facts);
    builder.finish(Outcome::Append, Reason::AutomaticOf(number), Some(number))
}

/// A ticket of their own for anybody else, whatever they know (T03, T04).
pub fn open_ticket(mut builder: Builder<'_>, mailed: &Mailed<'_>, named: &Named) -> Decision {
    let address = mailed.mail.from.address().expect("the sender was read");
    let author = builder.find_or_add_person(address, mailed.mail.from.name());
    // The customer waits since the server got the mail, also through an outage (T22).
    let clock =
        if mailed.history { Clock::default() } else { Clock::from(mailed.arrived_at.min(builder.now())) };
    let mut facts =
        builder.open_ticket_with_clock(&mailed.mail.subject, author.clone(), mailed.mailbox, clock);
    let number = facts.ticket.number;
    if mailed.history {
        // T18: it came long ago, and is no sign of a flood now.
        facts.ticket.created_at = mailed.arrived_at;
        if let Some(Change::Ticket { ticket, .. }) = builder.changes.last_mut() {
            ticket.created_at = mailed.arrived_at;
        }
    }
    let automatic = answerable::automatic(builder.rules, mailed).is_some();
    // A stranger's reply proof is somebody else's: their own ticket begins unproven, but for their domain.
    let verified = match named.verified {
        Verified::Dkim | Verified::Dmarc => named.verified,
        Verified::ReplyAddress | Verified::MagicLink | Verified::None => Verified::None,
    };
    let new = NewMessage { automatic, ..message_of_mail(mailed, Kind::Customer, &author, verified) };
    let id = builder.add_message(&mut facts, new);
    let no_confirmation = answerable::no_confirmation(
        builder.rules,
        mailed,
        named.domain,
        &builder.known.counts,
        builder.now(),
    );
    match no_confirmation {
        None => {
            let others = addressed::beside(&builder, &facts, mailed.mail, &facts.requester).len();
            confirmation::queue(&mut builder, &mut facts, mailed.mail, verified, others);
        }
        Some(Silence::Limit(limit)) => builder.count_kept_back(limit, address.domain()),
        Some(_) => {}
    }
    addressed::suggest(&mut builder, &facts, mailed, &author, verified);
    let headline =
        format!("New ticket {} from {}", builder.rules.token(number), builder.shown_to_staff(&author));
    let flood = builder.known.counts.tickets_sender_hour >= builder.rules.tickets_per_sender_hour;
    if flood {
        notify::notify_later(&mut builder, &facts, "one of many new tickets of one sender");
    } else {
        // T117: all of them, those that look like a signature, too.
        let heard =
            Heard { author: &author, headline, message: id, words: mailed.mail.customer_words().whole() };
        notify_staff(&mut builder, &mut facts, mailed, named, heard);
    }
    let reason = match no_confirmation {
        None => Reason::NewTicket,
        Some(silence) => Reason::Unconfirmed(silence),
    };
    builder.finish(Outcome::Ticket, reason, Some(number))
}

/// What staff hear of: who wrote, in a line, and which message.
struct Heard<'a> {
    author: &'a Person,
    /// Announces the words.
    headline: String,
    message: i64,
    /// What they say.
    words: String,
}

/// Tells the staff whom it concerns, or keeps the notice for a summary (T18).
fn notify_staff(
    builder: &mut Builder<'_>,
    facts: &mut TicketFacts,
    mailed: &Mailed<'_>,
    named: &Named,
    heard: Heard<'_>,
) {
    if !answerable::may_notify(mailed) {
        return;
    }
    if answerable::is_late(builder.rules, mailed, builder.now()) {
        return notify::notify_later(builder, facts, "it came long before it was taken in");
    }
    let sealed = mailed.mail.sealed();
    let max = builder.rules.files_bytes_max;
    let (files, left_out) = if sealed {
        encrypted::whole_mail(builder.known, mailed, max)
    } else {
        files::files_that_fit(builder.known, mailed, max)
    };
    let mut lines = notification::card(builder, facts, &builder.known.earlier);
    lines.extend(sealed.then(|| encrypted::NOTICE.to_owned()));
    lines.push(proof_line(named));
    lines.extend(hints(builder, facts, mailed, heard.author, named));
    let words = if sealed { "" } else { &heard.words };
    let notice = notification::Notice {
        headline: notification::Headline::Announces(heard.headline),
        words,
        lines,
        files,
        left_out,
        message: heard.message,
    };
    notify::notify_concerned(builder, facts, &notice, Some(heard.author.id));
}

/// How well its sender is proven, and by what.
fn proof_line(named: &Named) -> String {
    let why = named.why.beside_the_proof().map(|why| format!(" ({why})")).unwrap_or_default();
    format!("Proof of the sender: {}{why}", named.verified.as_str())
}

/// Lines for staff: another size than announced (T110), another Reply-To (T10), Cc addresses (T06), another
/// ticket that was named (T04).
fn hints(
    builder: &Builder<'_>,
    facts: &TicketFacts,
    mailed: &Mailed<'_>,
    author: &Person,
    named: &Named,
) -> Vec<String> {
    let mail = mailed.mail;
    let mut out: Vec<String> = mailed.facts.other_size.iter().map(ToString::to_string).collect();
    if let Some(other) =
        named.named.filter(|n| *n != facts.ticket.number && named.ticket != Some(facts.ticket.number))
    {
        out.push(format!(
            "The mail names {}, where its sender is not a participant; to join them: #merge {other}",
            builder.rules.token(other)
        ));
    }
    if let Some(reply_to) =
        mail.reply_to.as_ref().filter(|r| !r.address.eq_ignore_ascii_case(author.address.as_str()))
    {
        out.push(format!(
            "It asks for answers to {}; answers go to the sender all the same",
            Line::clean(&reply_to.address).as_str()
        ));
    }
    // T22: such a date orders nothing; whoever reads the mail should know.
    let written = mail.date.filter(|d| (d - mailed.arrived_at).abs() > DATE_OFF_SECS);
    if let Some(date) = written.and_then(|d| jiff::Timestamp::from_second(d).ok()) {
        out.push(format!("Its Date field is wrong by more than two days: {date}"));
    }
    out.extend(notification::lines_to_add(&addressed::beside(builder, facts, mail, author)));
    out
}

#[cfg(test)]
mod tests;
