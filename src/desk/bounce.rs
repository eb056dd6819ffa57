//! What a report or a failed letter means (RFC 3464, THREATS T21, T24).

use super::letter::result;
use super::mailed::keep;
use super::work::{Work, message};
use super::{
    Change, Decision, Kind, LetterHit, LetterKind, Mailed, Moment, NewMessage, Outcome, Person, Rules,
    Snapshot, TicketFacts, Via, guard, typeset,
};
use crate::mail::{AddrSpec, MessageId, ReportKind};

/// A report counts for so many seconds after its letter (T21).
const REPORT_SECS: i64 = 14 * 86_400;

/// A delivery or abuse report: attached to the letter that it names, held where it names none.
pub fn reported(mut work: Work<'_>, mailed: &Mailed<'_>) -> Decision {
    let report = mailed.mail.report.as_ref().expect("decided by the caller");
    let hit = work.known.ids.iter().find_map(|h| h.letter.clone().zip(h.ticket));
    let Some((letter, number)) = hit.filter(|(l, n)| {
        let recipient = report.recipients.is_empty()
            || report.recipients.iter().any(|r| AddrSpec::parse(&r.address).as_ref() == Some(&l.to));
        recipient && l.created_at + REPORT_SECS > work.now() && work.known.tickets.contains_key(n)
    }) else {
        let decision = keep(work, false, None, None, "a report that names no letter of this desk");
        return Decision { outcome: Outcome::Report, ..decision };
    };
    let mut facts = work.known.tickets[&number].clone();
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
        ..message(Kind::System, Via::Email, None, line.trim())
    };
    work.say(&mut facts, new);
    let permanent = report.kind == ReportKind::Failure && report.recipients.iter().any(|r| r.permanent);
    if permanent {
        failed_for_good(&mut work, &mut facts, &letter, &diagnostic);
    }
    put_away(&mut work, &mut facts);
    work.finish(Outcome::Report, format!("a report about a letter of ticket {number}"), Some(number))
}

/// Writes the ticket. Of one that was merged, what was said goes to where the rest of it went.
fn put_away(work: &mut Work<'_>, facts: &mut TicketFacts) {
    let from = facts.ticket.number;
    work.save(facts);
    if let Some(into) = work.known.live(from).map(|f| f.ticket.number).filter(|n| *n != from) {
        work.change(Change::Merge { from, into });
    }
}

/// Marks the address, and tells the author of an answer once per ticket and address (T24).
fn failed_for_good(work: &mut Work<'_>, facts: &mut TicketFacts, letter: &LetterHit, diagnostic: &str) {
    let Some(person) = letter.person else { return };
    work.change(Change::Undeliverable { person });
    let before = facts.letters.iter().any(|l| l.person == person && l.kind == LetterKind::Answer && l.failed);
    let told = facts.letters.iter().any(|l| l.kind == LetterKind::Result && l.author == Some(person));
    let author = facts.letters.iter().find(|l| l.id == letter.letter).and_then(|l| l.author);
    let Some(author) = author.and_then(|a| work.known.staff_by_id(a)).map(|s| s.person.clone()) else {
        return;
    };
    if letter.kind == LetterKind::Answer && !told && !before {
        tell_author(work, facts, &author, person, &letter.to, diagnostic);
    }
}

fn tell_author(
    work: &mut Work<'_>,
    facts: &mut TicketFacts,
    author: &Person,
    person: i64,
    to: &AddrSpec,
    diagnostic: &str,
) {
    // Quoted, so that its lines stay whole.
    let said = typeset::quoted(diagnostic);
    let text = format!(
        "Your answer could not be delivered to {to}.\n\nWhat the mail server said:\n\n{said}\n\n\
         The ticket stays as it is. If you know another address of this person, add it with #cc ADDRESS and answer again. \
         Further failures to this address in this ticket are shown in the outbox (maildesk outbox list) without a letter."
    );
    result::send(work, Some(facts), author, "answer not delivered", &text, None, Some(person));
}

/// A letter of ours was refused for good by the relay itself.
pub fn refused(
    rules: &Rules,
    known: &Snapshot,
    letter: &LetterHit,
    ticket: i64,
    words: &str,
    moment: Moment,
) -> Decision {
    let mut work = Work::new(rules, known, moment);
    if let Some(facts) = known.tickets.get(&ticket) {
        let mut facts = facts.clone();
        // The letter itself does not count as a failure before this one.
        for l in facts.letters.iter_mut().filter(|l| l.id == letter.letter) {
            l.failed = false;
        }
        failed_for_good(&mut work, &mut facts, letter, words);
    }
    work.finish(Outcome::Report, "the relay refused a letter", Some(ticket))
}

/// Table H, last paragraph: a bounce address takes reports and automatic mail; anything else is quarantined.
pub fn at_bounce_address(mut work: Work<'_>, mailed: &Mailed<'_>, id: &MessageId) -> Decision {
    let machine = guard::automatic(work.rules, mailed).is_some()
        || guard::null_sender(mailed)
        || mailed.mail.report.is_some();
    let hit = work.known.ids.iter().find(|h| h.id == *id);
    let ticket = hit.and_then(|h| h.ticket).filter(|n| work.known.tickets.contains_key(n));
    if machine && super::digest::is_digest(work.known, id) {
        // Were it held, tomorrow's digest would count it and be answered again.
        return work.finish(Outcome::Loop, super::digest::MACHINE, None);
    }
    let Some(number) = ticket.filter(|_| machine) else {
        return keep(
            work,
            true,
            None,
            None,
            "mail to a bounce address that is neither a report nor automatic",
        );
    };
    let mut facts = work.known.tickets[&number].clone();
    let new = NewMessage {
        from_mail: true,
        automatic: true,
        ..message(Kind::System, Via::Email, None, mailed.mail.words.text.clone())
    };
    work.say(&mut facts, new);
    put_away(&mut work, &mut facts);
    work.finish(Outcome::Append, format!("an automatic mail, attached to ticket {number}"), Some(number))
}
