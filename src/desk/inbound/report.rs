//! What a report means, and what else comes to a bounce address (RFC 3464, THREATS T21, T24).

use super::{answerable, digest_reply};
use crate::desk::builder::decision::Builder;
use crate::desk::model::message::new_message;
use crate::desk::model::{
    Cause, Change, Decision, Kind, Mailed, NewMessage, Outcome, Reason, TicketFacts, Via,
};
use crate::desk::{delivery, hold};
use crate::mail::{AddrSpec, MessageId, ReportKind};

/// A report counts for so many seconds after its letter (T21).
const REPORT_SECS: i64 = 14 * 86_400;

/// A delivery or abuse report: attached to the letter that it names, held where it names none.
pub fn decide_report(mut builder: Builder<'_>, mailed: &Mailed<'_>) -> Decision {
    let report = mailed.mail.report.as_ref().expect("decided by the caller");
    let hit = builder.known.ids.iter().find_map(|h| h.letter.clone().zip(h.ticket));
    let Some((letter, number)) = hit.filter(|(l, n)| {
        let recipient = report.recipients.is_empty()
            || report.recipients.iter().any(|r| AddrSpec::parse(&r.address).as_ref() == Some(&l.to));
        recipient && l.created_at + REPORT_SECS > builder.now() && builder.known.tickets.contains_key(n)
    }) else {
        let decision = hold::keep_without_acting(builder, Cause::Other, None, None, Reason::ReportOfNothing);
        return Decision { outcome: Outcome::Report, ..decision };
    };
    let mut facts = builder.known.tickets[&number].clone();
    let diagnostic = report
        .recipients
        .iter()
        .find_map(|r| r.diagnostic.clone().or_else(|| r.status.clone()))
        .unwrap_or_default();
    let what = match report.kind {
        ReportKind::Failure => "could not be delivered",
        ReportKind::Delay => "is still being tried",
        ReportKind::Delivered => "was delivered",
        ReportKind::Abuse => "was reported as abuse",
        ReportKind::Other => "was reported on",
    };
    let line = format!("The {} to {} {what}. {diagnostic}", letter.kind.as_str(), letter.to);
    let new = NewMessage {
        from_mail: true,
        automatic: true,
        ..new_message(Kind::System, Via::Email, None, line.trim())
    };
    builder.add_message(&mut facts, new);
    let permanent = report.kind == ReportKind::Failure && report.recipients.iter().any(|r| r.permanent);
    if permanent {
        delivery::failed_for_good(&mut builder, &mut facts, &letter, &diagnostic);
    }
    write_where_it_went(&mut builder, &mut facts);
    builder.finish(Outcome::Report, Reason::ReportOf(number), Some(number))
}

/// Writes the ticket. Of one that was merged, what was said goes to where the rest of it went.
fn write_where_it_went(builder: &mut Builder<'_>, facts: &mut TicketFacts) {
    let from = facts.ticket.number;
    builder.write_ticket(facts);
    if let Some(into) = builder.known.live(from).map(|f| f.ticket.number).filter(|n| *n != from) {
        builder.change(Change::Merge { from, into });
    }
}

/// Table H, last paragraph: a bounce address takes reports and automatic mail; anything else is quarantined.
pub fn at_bounce_address(mut builder: Builder<'_>, mailed: &Mailed<'_>, id: &MessageId) -> Decision {
    let machine = answerable::automatic(builder.rules, mailed).is_some()
        || answerable::null_sender(mailed)
        || mailed.mail.report.is_some();
    let hit = builder.known.ids.iter().find(|h| h.id == *id);
    let ticket = hit.and_then(|h| h.ticket).filter(|n| builder.known.tickets.contains_key(n));
    if machine && digest_reply::is_digest(builder.known, id) {
        // Were it held, tomorrow's digest would count it and be answered again.
        return builder.finish(Outcome::Loop, Reason::MachineAnswersDigest, None);
    }
    let Some(number) = ticket.filter(|_| machine) else {
        return hold::keep_without_acting(builder, Cause::Quarantine, None, None, Reason::AtBounceAddress);
    };
    let mut facts = builder.known.tickets[&number].clone();
    let new = NewMessage {
        from_mail: true,
        automatic: true,
        ..new_message(Kind::System, Via::Email, None, mailed.mail.words.text.clone())
    };
    builder.add_message(&mut facts, new);
    write_where_it_went(&mut builder, &mut facts);
    builder.finish(Outcome::Append, Reason::AutomaticOf(number), Some(number))
}
