//! Taking back: every difference of a set is turned round, or none of them, and why.

use super::difference::UNDO_SECS;
use super::words;
use crate::desk::builder::decision::Builder;
use crate::desk::model::{
    Change, CommandSet, FieldNow, Kind, Merged, Person, Spam, State, Status, Step, TicketFacts, UndoFault,
};
use crate::desk::order::{apply, merge, people};
use crate::desk::text::dates;

/// Takes back a set of commands of this person on the ticket in hand: the one that the answered result letter
/// told of, else the last one that was not taken back yet. What is different now, in lines; or why nothing
/// is.
pub fn take_back(
    builder: &mut Builder<'_>,
    here: &mut TicketFacts,
    person: Option<&Person>,
    letter: Option<i64>,
) -> Result<Vec<String>, UndoFault> {
    let known = builder.known;
    let set = choose_set(builder, here, person.map(|p| p.id), letter)?;
    let merged = set.steps.iter().find_map(|s| match s {
        Step::Merged(merged) => Some(merged),
        _ => None,
    });
    // The ticket in which it was ordered: this one, or one that went into this one by it.
    let mut own = match set.ticket == here.ticket.number {
        true => None,
        false => {
            let gone = known.tickets.get(&set.ticket).ok_or(UndoFault::TicketGone)?;
            let (from, into) = (builder.rules.token(set.ticket), builder.rules.token(here.ticket.number));
            if merged.is_none_or(|m| m.into != here.ticket.number || gone.ticket.merged_into != Some(m.into))
            {
                return Err(UndoFault::MergedByAnother { from, into });
            }
            Some(gone.clone())
        }
    };
    if own.is_none() && merged.is_some() {
        return Err(UndoFault::OnItsOwnAgain { ticket: builder.rules.token(set.ticket) });
    }
    let subject = own.as_ref().unwrap_or(here);
    for step in &set.steps {
        check_unchanged(builder, subject, step)?;
    }
    let mut lines = Vec::new();
    for step in set.steps.iter().rev() {
        let line = match step {
            Step::Merged(merged) => {
                unmerge(builder, own.as_mut().expect("checked above"), here, merged);
                words::sentence(builder, here, step, true)
            }
            _ => turn_back(builder, own.as_mut().unwrap_or(&mut *here), person, step),
        };
        lines.extend(line);
    }
    for step in &set.steps {
        match step {
            Step::Said { note: true } => {
                lines.push("your note stays: only commands can be taken back".into())
            }
            Step::Said { note: false } => {
                lines.push("your answer stays: it left, and nothing takes it back".into())
            }
            _ => {}
        }
    }
    if let Some(mut own) = own {
        builder.write_ticket(&mut own);
    }
    builder.change(Change::Undone { set: set.id });
    Ok(lines)
}

/// The set in question; or why there is none.
fn choose_set<'a>(
    builder: &Builder<'a>,
    here: &TicketFacts,
    person: Option<i64>,
    letter: Option<i64>,
) -> Result<&'a CommandSet, UndoFault> {
    let ticket = builder.rules.token(here.ticket.number);
    let on_it =
        |d: &&CommandSet| builder.known.live(d.ticket).is_some_and(|f| f.ticket.number == here.ticket.number);
    let mine = || builder.known.command_sets.iter().filter(|d| d.person == person).filter(on_it);
    let named = letter.and_then(|l| mine().find(|d| d.letter == Some(l)));
    if named.is_some_and(|d| d.undone) {
        return Err(UndoFault::Already);
    }
    let last = || mine().filter(|d| !d.undone).max_by_key(|d| d.id);
    let Some(set) = named.or_else(last) else { return Err(UndoFault::Nothing { ticket }) };
    if set.at + UNDO_SECS < builder.now() {
        return Err(UndoFault::TooOld { ticket });
    }
    if set.is_words() {
        return Err(UndoFault::OnlyWords { ticket, note: set.steps.contains(&Step::Said { note: true }) });
    }
    Ok(set)
}

/// Somebody else's later word stands: a field is turned back only where it still is as these commands left
/// it.
fn check_unchanged(builder: &Builder<'_>, facts: &TicketFacts, step: &Step) -> Result<(), UndoFault> {
    let t = &facts.ticket;
    let (good, now) = match step {
        Step::Status { from, to } => {
            let now = State::of(t);
            (now.is(*to) || now.is(*from), FieldNow::Status(now.status))
        }
        Step::Assignee { from, to } => {
            let name = t.assignee.map(|id| words::person_name(builder.known, facts, id));
            ([*to, *from].contains(&t.assignee), FieldNow::Assignee(name))
        }
        Step::Priority { from, to } => ([*to, *from].contains(&t.priority), FieldNow::Priority(t.priority)),
        Step::Category { from, to } => {
            ([to, from].contains(&&t.category), FieldNow::Category(t.category.clone()))
        }
        Step::Due { from, to, .. } => {
            let day = t.due_at.map(|at| dates::iso_day(builder.rules, at));
            ([*to, *from].contains(&t.due_at), FieldNow::Due(day))
        }
        Step::Split { message, into, .. } => return split_can_be_taken_back(builder, *message, *into),
        // On or off, in or out, here or there: it is as they left it, or as it was.
        Step::Privacy { .. } | Step::Tag { .. } | Step::Watch { .. } | Step::Joined { .. } => return Ok(()),
        Step::Spam { .. } | Step::Merged(_) | Step::Said { .. } => return Ok(()),
    };
    match good {
        true => Ok(()),
        false => Err(UndoFault::ChangedSince { ticket: builder.rules.token(t.number), now }),
    }
}

fn split_can_be_taken_back(builder: &Builder<'_>, message: i64, into: i64) -> Result<(), UndoFault> {
    let ticket = builder.rules.token(into);
    let Some(new) = builder.known.tickets.get(&into) else { return Err(UndoFault::SplitGone { ticket }) };
    match new.ticket.merged_into {
        Some(other) => Err(UndoFault::SplitMerged { ticket, into: builder.rules.token(other) }),
        None if new.messages.iter().all(|m| m.id != message) => Err(UndoFault::MessageMoved { ticket }),
        None => Ok(()),
    }
}

/// Turns one difference round; its line, where something became different.
fn turn_back(
    builder: &mut Builder<'_>,
    facts: &mut TicketFacts,
    person: Option<&Person>,
    step: &Step,
) -> Option<String> {
    let line = words::sentence(builder, facts, step, true);
    let t = &mut facts.ticket;
    let turned = match step {
        Step::Status { from, .. } => {
            let turned = !State::of(t).is(*from);
            restore_state(facts, *from);
            turned
        }
        Step::Assignee { from, .. } => {
            // Who is no longer staff gets nothing back.
            let from = from.filter(|id| builder.known.staff_by_id(*id).is_some());
            let turned = std::mem::replace(&mut t.assignee, from) != from;
            if turned && let Some(staff) = from.and_then(|id| builder.known.staff_by_id(id)) {
                people::notify_assignee(builder, facts, person, &staff.person);
            }
            turned
        }
        Step::Priority { from, .. } => std::mem::replace(&mut t.priority, *from) != *from,
        Step::Category { from, .. } => std::mem::replace(&mut t.category, from.clone()) != *from,
        Step::Due { from, by_hand, .. } => {
            t.clock.by_hand = *by_hand;
            std::mem::replace(&mut t.due_at, *from) != *from
        }
        Step::Privacy { on } => std::mem::replace(&mut t.privacy, !on) == *on,
        Step::Tag { word, on } => {
            let turned = facts.tags.contains(word) == *on;
            apply::set_tags(builder, facts, &[(word.clone(), !on)]);
            turned
        }
        Step::Watch { person, on } => {
            let turned = facts.watchers.contains(person) == *on;
            people::set_watching(builder, facts, *person, !on);
            turned
        }
        Step::Joined { person } => remove_participant(builder, facts, *person),
        Step::Spam { person } => {
            builder.change(Change::Spam { person: *person, which: Spam::No });
            true
        }
        Step::Split { message, origin, into } => {
            unsplit(builder, facts, *message, *origin, *into);
            true
        }
        Step::Merged(_) | Step::Said { .. } => return None,
    };
    if turned { line } else { line.map(|l| format!("{l}: it was so already")) }
}

fn restore_state(facts: &mut TicketFacts, state: State) {
    let t = &mut facts.ticket;
    (t.status, t.wait_until, t.closed_at) = (state.status, state.wait_until, state.closed_at);
    (t.due_at, t.clock) = (state.due_at, state.clock);
}

fn remove_participant(builder: &mut Builder<'_>, facts: &mut TicketFacts, person: i64) -> bool {
    let before = facts.participants.len();
    facts.participants.retain(|p| p.id != person);
    builder.change(Change::Leave { ticket: facts.ticket.number, person });
    facts.participants.len() != before
}

/// A merged ticket is one of its own again. What was said after the merge stays where it was said. A ticket
/// that the merge opened is closed again, unless its status moved since or a customer wrote there, whom
/// somebody must answer.
fn unmerge(builder: &mut Builder<'_>, own: &mut TicketFacts, here: &mut TicketFacts, merged: &Merged) {
    own.ticket.merged_into = None;
    builder.change(Change::Unmerge {
        from: own.ticket.number,
        into: merged.into,
        messages: merged.messages.clone(),
    });
    let (back, stay) =
        std::mem::take(&mut here.messages).into_iter().partition(|m| merged.messages.contains(&m.id));
    (own.messages, here.messages) = (back, stay);
    for person in &merged.joined {
        remove_participant(builder, here, *person);
    }
    for person in &merged.watchers {
        people::set_watching(builder, here, *person, false);
    }
    let written = here.messages.iter().any(|m| m.kind == Kind::Customer && m.id > merged.newest);
    let now = State::of(&here.ticket);
    if now.is(merged.to) && !now.is(merged.from) && !written {
        restore_state(here, merged.from);
    }
}

/// The message of a split comes back. What else was said in the new ticket comes along, as in a merge:
/// nothing is lost, and replies to its letters find their way.
fn unsplit(builder: &mut Builder<'_>, facts: &mut TicketFacts, message: i64, origin: Option<i64>, into: i64) {
    let mut new = builder.known.tickets[&into].clone();
    builder.change(Change::MoveMessage { message, to: facts.ticket.number, origin });
    if let Some(at) = new.messages.iter().position(|m| m.id == message) {
        let mut moved = new.messages.remove(at);
        moved.origin = origin;
        facts.messages.push(moved);
        facts.messages.sort_by_key(|m| m.id);
    }
    if words::messages_of_people(&new) > 0 {
        merge::bring_people(builder, &new, facts);
    }
    builder.set_status(&mut new, Status::Closed);
    new.ticket.merged_into = Some(facts.ticket.number);
    apply::write_after_orders(builder, new);
}
