//! A mail of a customer: a new ticket, or a further message of one (T03, T04, T06).

use super::{addressed, answerable};
use crate::desk::builder::builder::Work;
use crate::desk::letter::{confirmation, encrypted, files, notification};
use crate::desk::model::message::as_message;
use crate::desk::model::{
    Change, Clock, Decision, Kind, Mailed, NewMessage, Outcome, Person, Status, TicketFacts, Verified,
};
use crate::desk::order::command;
use crate::desk::proof::named::Named;
use crate::desk::{hold, notify};
use crate::mail::{AddrSpec, Line};

/// A Date field that is off by more than this is pointed out (T22).
const DATE_OFF_SECS: i64 = 48 * 3600;

/// The requester or a participant writes on.
pub fn append(mut work: Work<'_>, mailed: &Mailed<'_>, named: &Named, address: &AddrSpec) -> Decision {
    let number = named.ticket.expect("a participant is one of a ticket");
    let mut facts = work.known.tickets[&number].clone();
    let author = work.person(address, mailed.mail.from.name());
    // A customer commands `#close` and `#privacy`, with proof (decision table).
    let (orders, words) =
        command::customer_orders(&mailed.mail.words.text, named.verified.proven(), work.rules);
    let clock = facts.ticket.clock;
    let mut new = as_message(mailed, Kind::Customer, &author, named.verified);
    new.text = words;
    let id = work.say(&mut facts, new);
    if matches!(facts.ticket.status, Status::Waiting | Status::Closed) {
        work.status(&mut facts, Status::Open);
    }
    for order in &orders {
        match order.as_str() {
            "#close" => work.status(&mut facts, Status::Closed),
            _ => facts.ticket.privacy = true,
        }
    }
    // T18: what lay there before the desk is due to nobody.
    if mailed.history {
        facts.ticket.clock = clock;
    }
    work.save(&mut facts);
    addressed::suggest(&mut work, &facts, mailed, &author, named.verified);
    let headline = format!("{} wrote to {}:", work.shown(&author), work.rules.token(number));
    notify(&mut work, &mut facts, mailed, &author, headline, id, named);
    let mut decision = work.finish(Outcome::Append, format!("it belongs to ticket {number}"), Some(number));
    decision.orders = orders;
    decision
}

/// Automatic mail of somebody who belongs to the ticket: attached or kept, nothing follows (T23, T31).
pub fn file(mut work: Work<'_>, mailed: &Mailed<'_>, named: &Named, staff: bool) -> Decision {
    let Some(number) = named.ticket else {
        return hold::keep(
            work,
            false,
            None,
            None,
            "an automatic mail in the name of staff that names no ticket",
        );
    };
    let mut facts = work.known.tickets[&number].clone();
    let address = mailed.mail.from.address().expect("the sender was read");
    let author = work.person(address, mailed.mail.from.name());
    let kind = if staff { Kind::System } else { Kind::Customer };
    let new =
        NewMessage { automatic: true, shown: false, ..as_message(mailed, kind, &author, named.verified) };
    work.say(&mut facts, new);
    work.save(&mut facts);
    work.finish(Outcome::Append, format!("an automatic mail, attached to ticket {number}"), Some(number))
}

/// A ticket of his own for anybody else, whatever he knows (T03, T04).
pub fn open(
    mut work: Work<'_>,
    mailed: &Mailed<'_>,
    named: &Named,
    name: &str,
    address: &AddrSpec,
) -> Decision {
    let author = work.person(address, name);
    // The customer waits since the server got the mail, also through an outage (T22).
    let clock =
        if mailed.history { Clock::default() } else { Clock::from(mailed.arrived_at.min(work.now())) };
    let mut facts = work.open_with(&mailed.mail.subject, author.clone(), mailed.mailbox, clock);
    let number = facts.ticket.number;
    if mailed.history {
        // T18: it came long ago, and is no sign of a flood now.
        facts.ticket.created_at = mailed.arrived_at;
        if let Some(Change::Ticket { ticket, .. }) = work.changes.last_mut() {
            ticket.created_at = mailed.arrived_at;
        }
    }
    let automatic = answerable::automatic(work.rules, mailed).is_some();
    // A stranger's reply proof is somebody else's: his own ticket begins unproven, but for his domain.
    let verified = match named.verified {
        Verified::Dkim | Verified::Dmarc => named.verified,
        Verified::ReplyAddress | Verified::MagicLink | Verified::None => Verified::None,
    };
    let new = NewMessage { automatic, ..as_message(mailed, Kind::Customer, &author, verified) };
    let id = work.say(&mut facts, new);
    let no_confirmation =
        answerable::no_confirmation(work.rules, mailed, named.domain, &work.known.counts, work.now());
    match no_confirmation {
        None => {
            let others = addressed::beside(&work, &facts, mailed.mail, &facts.requester).len();
            confirmation::send(&mut work, &mut facts, mailed.mail, verified, others);
        }
        Some(answerable::Silence::Limit(limit)) => work.kept_back(limit, address.domain()),
        Some(answerable::Silence::Kind(_)) => {}
    }
    addressed::suggest(&mut work, &facts, mailed, &author, verified);
    let headline = format!("New ticket {} from {}:", work.rules.token(number), work.shown(&author));
    let flood = work.known.counts.tickets_sender_hour >= work.rules.tickets_per_sender_hour;
    if flood {
        notify::pend(&mut work, &facts, "one of many new tickets of one sender");
    } else {
        notify(&mut work, &mut facts, mailed, &author, headline, id, named);
    }
    let reason = match no_confirmation {
        None => "a new ticket".to_owned(),
        Some(silence) => format!("a new ticket without confirmation: {}", silence.why()),
    };
    work.finish(Outcome::Ticket, reason, Some(number))
}

/// Tells the staff whom it concerns, or keeps the notice for a summary (T18).
fn notify(
    work: &mut Work<'_>,
    facts: &mut TicketFacts,
    mailed: &Mailed<'_>,
    author: &Person,
    headline: String,
    id: i64,
    named: &Named,
) {
    if !answerable::may_notify(mailed) {
        return;
    }
    if work.now() - mailed.arrived_at > answerable::STALE_SECS {
        return notify::pend(work, facts, "it came more than a day before it was taken in");
    }
    let sealed = mailed.mail.sealed();
    let max = work.rules.files_bytes_max;
    let (files, left_out) = if sealed { encrypted::whole(mailed, max) } else { files::files_of(mailed, max) };
    let mut lines = notification::card(work, facts, &work.known.earlier);
    lines.extend(sealed.then(|| encrypted::NOTICE.to_owned()));
    lines.push(proof_line(named));
    lines.extend(hints(work, facts, mailed, author, named));
    let words = if sealed { "" } else { &mailed.mail.words.text };
    let news = notification::News { headline, words, lines, files, left_out, message: id };
    notify::tell(work, facts, &news, Some(author.id));
}

/// "none (nothing proves the sender)" would say one thing twice.
fn proof_line(named: &Named) -> String {
    let why = named
        .why
        .strip_prefix("nothing proves the sender")
        .map_or(named.why.as_str(), |why| why.trim_start_matches(": "));
    let why = if why.is_empty() { String::new() } else { format!(" ({why})") };
    format!("Proof of the sender: {}{why}", named.verified.as_str())
}

/// Lines for staff: another Reply-To (T10), Cc addresses (T06), another ticket that was named (T04).
fn hints(
    work: &Work<'_>,
    facts: &TicketFacts,
    mailed: &Mailed<'_>,
    author: &Person,
    named: &Named,
) -> Vec<String> {
    let mail = mailed.mail;
    let mut out = Vec::new();
    if let Some(other) =
        named.named.filter(|n| *n != facts.ticket.number && named.ticket != Some(facts.ticket.number))
    {
        out.push(format!(
            "The mail names {}, where its sender is not a participant; to join them: #merge {other}",
            work.rules.token(other)
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
    out.extend(notification::suggestions(&addressed::beside(work, facts, mail, author)));
    out
}
