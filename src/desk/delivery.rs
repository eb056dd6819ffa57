//! What became of a letter (RFC 5321 §4.5.4.1, RFC 3464, T21, T24, T35): the relay's answer for it, when it
//! is tried again, when it is given up, and who hears of a failure; a report may tell of one, too. A fault of
//! the relay itself is no verdict on the letter (T113); whose fault it is says `relay.rs`.

use super::builder::decision::Builder;
use super::letter::result;
use super::model::{
    Attempts, Breaker, Change, Decision, LetterHit, LetterKind, LetterState, Moment, Outcome, Person,
    Questions, Reason, Sent, Settled, Snapshot, TicketFacts,
};
use super::proof::alias::renamed;
use super::rules::Rules;
use super::text::layout;
use crate::mail::AddrSpec;

/// Waiting times after a temporary refusal, by attempt; seconds. The last one repeats until [`GIVE_UP_SECS`].
const BACKOFF_SECS: [i64; 7] = [60, 300, 900, 1_800, 3_600, 7_200, 14_400];
/// RFC 5321 §4.5.4.1: at least 4 to 5 days are usual; we give up after 3 and tell the author.
const GIVE_UP_SECS: i64 = 3 * 86_400;
/// A letter whose fate nobody knows is sent once more after so many seconds (T35).
const AGAIN_SECS: i64 = 60;

/// A letter that left asks for nothing but its own row; a failure concerns its ticket and staff.
pub fn questions(settled: &Settled) -> Questions {
    let somebody_hears = matches!(settled.sent, Sent::Refused(_) | Sent::Deferred(_) | Sent::RelayRefuses(_));
    Questions { letter: Some(settled.letter), bare: !somebody_hears, ..Questions::default() }
}

/// What becomes of the letter.
pub fn decide(rules: &Rules, known: &Snapshot, settled: &Settled, moment: Moment) -> Decision {
    let mut builder = Builder::new(rules, known, moment);
    let Some(attempts) = &known.attempts else {
        return builder.finish(Outcome::Append, Reason::NoSuchLetter, None);
    };
    let now = builder.now();
    let letter = settled.letter;
    let mut settle = |state, words: &str, next_at, waits_for_relay| {
        let reason = words.to_owned();
        builder.change(Change::Settle { letter, state, reason, next_at, waits_for_relay });
    };
    let step = usize::try_from(attempts.times - 1).unwrap_or(0).min(BACKOFF_SECS.len() - 1);
    let later = Some(now + BACKOFF_SECS[step]);
    let patient = now - attempts.hit.created_at < GIVE_UP_SECS;
    match &settled.sent {
        Sent::Accepted(words) => {
            settle(LetterState::Sent, words, None, false);
            if let Some(id) = renamed(rules, words, &attempts.hit) {
                builder.change(Change::Alias { letter, id });
            }
        }
        Sent::Deferred(words) if patient => settle(LetterState::Deferred, words, later, false),
        Sent::RelayRefuses(words) if patient => settle(LetterState::Deferred, words, later, true),
        Sent::RelayAway(words) => settle(LetterState::Deferred, words, Some(now), true),
        Sent::WithoutFiles(words) => {
            settle(LetterState::Deferred, words, Some(now), false);
            builder.change(Change::WithoutFiles { letter });
        }
        // T35: once more with the same bytes and id, then it is shown as unknown.
        Sent::Unknown(words) => {
            let (often, next_at) = match attempts.was_unknown {
                false => ("", Some(now + AGAIN_SECS)),
                true => (", twice", None),
            };
            settle(
                LetterState::Unknown,
                &format!("no answer after the letter was sent{often}: {words}"),
                next_at,
                false,
            );
            if next_at.is_none() {
                alarm(&mut builder, attempts);
            }
        }
        Sent::Refused(words) | Sent::Deferred(words) | Sent::RelayRefuses(words) => {
            settle(LetterState::Failed, words, None, false);
            alarm(&mut builder, attempts);
            refused_by_relay(&mut builder, attempts, words);
        }
    }
    builder.finish(Outcome::Report, Reason::RelayAnswered, attempts.ticket)
}

/// A letter to staff that is given up: nobody at the desk might hear of what it tells (T113).
fn alarm(builder: &mut Builder<'_>, attempts: &Attempts) {
    if attempts.hit.kind.is_for_staff() {
        let breaker = Breaker::LettersToStaff;
        builder.change(Change::Alarm { text: breaker.sentence(), breaker });
    }
}

/// A letter of ours was refused for good by the relay itself.
fn refused_by_relay(builder: &mut Builder<'_>, attempts: &Attempts, words: &str) {
    let letter = &attempts.hit;
    let Some(mut facts) = attempts.ticket.and_then(|n| builder.known.tickets.get(&n)).cloned() else {
        return;
    };
    // The letter itself does not count as a failure before this one.
    for l in facts.letters.iter_mut().filter(|l| l.id == letter.letter) {
        l.failed = false;
    }
    failed_for_good(builder, &mut facts, letter, words);
}

/// Marks the address, and tells the author of an answer once per ticket and address (T24).
pub fn failed_for_good(
    builder: &mut Builder<'_>,
    facts: &mut TicketFacts,
    letter: &LetterHit,
    diagnostic: &str,
) {
    let Some(person) = letter.person else { return };
    builder.change(Change::Undeliverable { person });
    let before = facts.letters.iter().any(|l| l.person == person && l.kind == LetterKind::Answer && l.failed);
    let told = facts.letters.iter().any(|l| l.kind == LetterKind::Result && l.author == Some(person));
    let author = facts.letters.iter().find(|l| l.id == letter.letter).and_then(|l| l.author);
    let Some(author) = author.and_then(|a| builder.known.staff_by_id(a)).map(|s| s.person.clone()) else {
        return;
    };
    if letter.kind == LetterKind::Answer && !told && !before {
        notify_author(builder, facts, &author, person, &letter.to, diagnostic);
    }
}

fn notify_author(
    builder: &mut Builder<'_>,
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
         The ticket stays as it is. If you know another address of this person, add it with #cc ADDRESS and \
         answer again. \
         Further failures to this address in this ticket are shown in the outbox (maildesk outbox list) \
         without a letter."
    );
    result::queue_failure(builder, facts, author, "answer not delivered", &text, person);
}
