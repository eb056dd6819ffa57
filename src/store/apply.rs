//! Decision -> rows: the mail that caused it, its place in the ledger, changes, letters, audit line. All or
//! nothing.

use super::error::Result;
use super::held::NewHeld;
pub use super::mail::Source;
use super::session::NewLink;
use super::transaction::Tx;
use super::{
    alarm, audit, command_set, digest, due, generation, held, letter, mail, message, outbox, participants,
    person, probe, session, staff, ticket,
};
use crate::desk::model::{Change, Decision, HeldEnd, LetterState, Outcome, Questions};
use crate::desk::rules::Rules;
use crate::mail::Inbound;

/// Applies a decision; the number of the mail that was kept (`None`: a duplicate, or no mail).
pub fn apply(
    tx: &Tx<'_>,
    rules: &Rules,
    decision: &Decision,
    source: Option<&Source<'_>>,
    now: i64,
) -> Result<Option<i64>> {
    decision.assert_sound(rules);
    // Parents before children: while a foreign key is open, SQLite walks every child table for each new
    // parent.
    let (parents, rest) = parents_first(decision);
    for change in parents {
        write(tx, rules, change, None, now)?;
    }
    let kept = match source {
        Some(s) if decision.outcome != Outcome::Duplicate => Some(mail::keep(tx, decision, s, now)?),
        _ => None,
    };
    for change in rest {
        write(tx, rules, change, kept.zip(source), now)?;
    }
    for letter in &decision.letters {
        letter::queue(tx, rules, letter, now)?;
    }
    Ok(kept)
}

fn parents_first(decision: &Decision) -> (Vec<&Change>, Vec<&Change>) {
    decision.changes.iter().partition(|c| matches!(c, Change::Person { .. } | Change::Ticket { .. }))
}

/// Applies what a held mail does once it is released: the mail itself is kept already.
pub fn apply_kept(
    tx: &Tx<'_>,
    rules: &Rules,
    decision: &Decision,
    mail: &Inbound,
    id: i64,
    now: i64,
) -> Result<()> {
    let questions = Questions::default();
    let source = Source { mail, packed: &[], questions: &questions, origin: String::new() };
    let (parents, rest) = parents_first(decision);
    for change in parents.into_iter().chain(rest) {
        write(tx, rules, change, Some((id, &source)), now)?;
    }
    for letter in &decision.letters {
        letter::queue(tx, rules, letter, now)?;
    }
    Ok(())
}

/// Writes one change. `source`: the number of the mail in hand, and that mail.
fn write(
    tx: &Tx<'_>,
    rules: &Rules,
    change: &Change,
    source: Option<(i64, &Source<'_>)>,
    now: i64,
) -> Result<()> {
    let c = tx.c;
    match change {
        Change::Hold { cause, ticket, person, verified, reason } => {
            let (mail, _) = source.expect("only a mail is held");
            let (cause, ticket, person, verified) = (*cause, *ticket, *person, *verified);
            held::hold(
                c,
                mail,
                &NewHeld { cause, ticket, person, verified, reason: &reason.to_string() },
                now,
            )
        }
        Change::EndHeld { held, how } => held::end(tx, *held, *how, None, now),
        Change::Released { held, outcome, ticket } => {
            held::end(tx, *held, HeldEnd::Released, Some((*outcome, *ticket)), now)
        }
        Change::HeldLink { hash, person, expires_at } => held::keep_link(c, hash, *person, *expires_at, now),
        Change::Signature { fingerprint } => mail::take_signature(c, fingerprint, now),
        Change::Probe { mailbox, returned } => probe::note(tx, mailbox.as_deref(), returned, now),
        Change::CommandSet { ticket, person, letter, steps } => {
            command_set::remember(c, *ticket, *person, *letter, steps, now)
        }
        Change::Undone { set } => command_set::undone(c, *set, now),
        Change::KeyGeneration { number } => generation::begin(c, *number, now),
        Change::Audit { actor, action, object, detail } => {
            audit::append(tx, rules, (actor, action, object, detail), now)
        }
        Change::Ticket { .. }
        | Change::Tag { .. }
        | Change::Message(_)
        | Change::Merge { .. }
        | Change::Unmerge { .. }
        | Change::MoveMessage { .. }
        | Change::Participant { .. }
        | Change::Suggest { .. }
        | Change::ForgetSuggestion { .. }
        | Change::Leave { .. }
        | Change::Watch { .. } => write_of_ticket(tx, rules, change, source, now),
        Change::Person { .. }
        | Change::Spam { .. }
        | Change::Undeliverable { .. }
        | Change::Digest { .. }
        | Change::DigestChoice { .. }
        | Change::Staff { .. }
        | Change::StaffGone { .. }
        | Change::Link { .. }
        | Change::LinkAsked { .. }
        | Change::UseLink { .. }
        | Change::BeginSession { .. }
        | Change::EndSession { .. } => write_of_person(tx, rules, change, now),
        Change::Settle { .. }
        | Change::WithoutFiles { .. }
        | Change::Alias { .. }
        | Change::RetryLetters { .. }
        | Change::CancelLetters { .. }
        | Change::Pending { .. }
        | Change::PendingDone { .. }
        | Change::MorePendingTold { .. }
        | Change::DigestTold { .. }
        | Change::KeptBack { .. }
        | Change::Alarm { .. }
        | Change::AlarmTold { .. }
        | Change::AlarmEnded { .. } => write_of_letters(tx, rules, change, now),
    }
}

/// Writes a change of a ticket, of what is said in it, or of who takes part.
fn write_of_ticket(
    tx: &Tx<'_>,
    rules: &Rules,
    change: &Change,
    source: Option<(i64, &Source<'_>)>,
    now: i64,
) -> Result<()> {
    let c = tx.c;
    match change {
        Change::Ticket { new, ticket } => {
            ticket::write(tx, *new, ticket)?;
            if *new { ticket::opened(tx, rules, ticket) } else { Ok(()) }
        }
        Change::Tag { ticket, word, on } => ticket::tag(c, *ticket, word, *on),
        Change::Message(message) => message::write(tx, message, source, now),
        Change::Merge { from, into } => message::merge(c, *from, *into),
        Change::Unmerge { from, into, messages } => message::unmerge(c, *from, *into, messages),
        Change::MoveMessage { message, to, origin } => message::move_to(c, *message, *to, *origin),
        Change::Participant { ticket, person, since } => participants::join(c, *ticket, *person, *since),
        Change::Suggest { ticket, person, address } => {
            participants::suggest(c, (*ticket, *person), address, rules.bounds.suggestions_max, now)
        }
        Change::ForgetSuggestion { ticket, person, address } => {
            participants::forget_suggestion(tx, *ticket, *person, address)
        }
        Change::Leave { ticket, person } => participants::leave(c, *ticket, *person, now),
        Change::Watch { ticket, person, on } => ticket::watch(c, *ticket, *person, *on),
        other => unreachable!("no change of a ticket: {other:?}"),
    }
}

/// Writes a change of a person, of staff, or of somebody's links and sessions.
fn write_of_person(tx: &Tx<'_>, rules: &Rules, change: &Change, now: i64) -> Result<()> {
    let c = tx.c;
    match change {
        Change::Person { id, address, name } => person::put(c, *id, address, name, now),
        Change::Spam { person, which } => person::set_spam(c, *person, *which),
        Change::Undeliverable { person } => person::set_undeliverable(c, *person, now),
        Change::Digest { person, on } => staff::choose_digest(tx, *person, *on),
        Change::DigestChoice { address, on } => staff::choose_digest_of(tx, address, *on),
        Change::Staff { row, action } => {
            let person = staff::put(tx, row, now)?;
            let Some(action) = action else { return Ok(()) };
            audit::append(tx, rules, ("operator", action, &format!("person:{person}"), ""), now)
        }
        Change::StaffGone { address } => match staff::remove(tx, address, now)? {
            Some(person) => session::close_sessions_of(tx, person),
            None => Ok(()),
        },
        Change::Link { hash, person, ticket, expires_at } => {
            let link = NewLink { hash, person: *person, ticket: *ticket, expires_at: *expires_at };
            session::keep_link(c, &rules.bounds, &link, now)
        }
        Change::LinkAsked { what } => session::ask(tx, what, now),
        Change::UseLink { hash } => session::use_link(tx, hash, now),
        Change::BeginSession { session, person, expires_at } => {
            session::open_session(tx, session, *person, *expires_at, now)
        }
        Change::EndSession { hash } => session::close_session(tx, hash),
        other => unreachable!("no change of a person: {other:?}"),
    }
}

/// Writes a change of letters on their way, of notices that wait, or of what the operator is told.
fn write_of_letters(tx: &Tx<'_>, rules: &Rules, change: &Change, now: i64) -> Result<()> {
    match change {
        Change::Settle { letter, state, reason, next_at, waits_for_relay } => {
            let end =
                outbox::End { state: *state, reason, next_at: *next_at, waits_for_relay: *waits_for_relay };
            outbox::settle(tx, *letter, &end, now)?;
            match state {
                LetterState::Sent => outbox::shorten(tx, *letter, rules.bounds.sent_bytes_max),
                _ => Ok(()),
            }
        }
        Change::WithoutFiles { letter } => outbox::leave_files_out(tx, *letter),
        Change::Alias { letter, id } => outbox::alias(tx, *letter, id.as_str()),
        Change::RetryLetters { ids } => outbox::retry(tx, ids, now),
        Change::CancelLetters { ids } => outbox::cancel(tx, ids, now),
        Change::Pending { person, ticket, why, due_at } => {
            due::hold_back(tx.c, *person, *ticket, why, *due_at, now)
        }
        Change::PendingDone { id } => due::pending_done(tx, *id),
        Change::MorePendingTold { person } => due::more_told(tx, *person),
        Change::DigestTold { at, message, ticket } => digest::set_mark(tx, *at, *message, *ticket),
        Change::KeptBack { limit } => alarm::kept_back(tx, *limit),
        Change::Alarm { breaker, text } => alarm::raise(tx, breaker, text, now),
        Change::AlarmTold { id, .. } => alarm::told(tx, *id, now),
        Change::AlarmEnded { id, .. } => alarm::close(tx, &rules.bounds, *id, now),
        other => unreachable!("no change of a letter: {other:?}"),
    }
}
