//! A letter did not arrive (RFC 3464, THREATS T21, T24): said by a report, or by the relay itself.

use super::builder::builder::Work;
use super::letter::result;
use super::model::{Change, Decision, LetterHit, LetterKind, Moment, Outcome, Person, Snapshot, TicketFacts};
use super::rules::Rules;
use super::text::layout;
use crate::mail::AddrSpec;

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

/// Marks the address, and tells the author of an answer once per ticket and address (T24).
pub fn failed_for_good(work: &mut Work<'_>, facts: &mut TicketFacts, letter: &LetterHit, diagnostic: &str) {
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
    let said = layout::quoted(diagnostic);
    let text = format!(
        "Your answer could not be delivered to {to}.\n\nWhat the mail server said:\n\n{said}\n\n\
         The ticket stays as it is. If you know another address of this person, add it with #cc ADDRESS and answer again. \
         Further failures to this address in this ticket are shown in the outbox (maildesk outbox list) without a letter."
    );
    result::send(work, Some(facts), author, "answer not delivered", &text, None, Some(person));
}
