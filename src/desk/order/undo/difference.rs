//! What a set of commands changed, remembered for a day so that `#undo` can take it back (INTERFACE, Mail:
//! commands).
//!
//! A set is what one mail, or one call on the command line, ordered. It is remembered as the difference that
//! it made, never as the commands themselves: a new command that changes a field of a ticket has its undo
//! here already.

use crate::desk::builder::decision::Builder;
use crate::desk::model::{Change, Merged, Spam, State, Step, TicketFacts};

/// A set can be taken back for so many seconds.
pub const UNDO_SECS: i64 = 86_400;

/// A ticket before orders, and how many changes there were.
pub struct TicketBefore {
    before: TicketFacts,
    changes: usize,
}

impl TicketBefore {
    /// As it is now.
    pub fn of(builder: &Builder<'_>, facts: &TicketFacts) -> Self {
        Self { before: facts.clone(), changes: builder.changes.len() }
    }

    /// What became different since.
    pub fn steps_since(&self, builder: &Builder<'_>, facts: &TicketFacts) -> Vec<Step> {
        let mut out = Vec::new();
        self.fields(facts, &mut out);
        self.people(builder, facts, &mut out);
        if let Some(into) = facts.ticket.merged_into.filter(|_| self.before.ticket.merged_into.is_none()) {
            out.extend(self.merged(builder, facts, into).map(Step::Merged));
        }
        for change in &builder.changes[self.changes..] {
            if let Change::MoveMessage { message, to, .. } = change {
                let origin = self.before.messages.iter().find(|m| m.id == *message).and_then(|m| m.origin);
                out.push(Step::Split { message: *message, origin, into: *to });
            }
        }
        out
    }

    fn fields(&self, facts: &TicketFacts, out: &mut Vec<Step>) {
        let (old, new) = (&self.before.ticket, &facts.ticket);
        let (from, to) = (State::of(old), State::of(new));
        if !from.is(to) {
            out.push(Step::Status { from, to });
        }
        if old.assignee != new.assignee {
            out.push(Step::Assignee { from: old.assignee, to: new.assignee });
        }
        if old.priority != new.priority {
            out.push(Step::Priority { from: old.priority, to: new.priority });
        }
        if old.category != new.category {
            out.push(Step::Category { from: old.category.clone(), to: new.category.clone() });
        }
        if old.due_at != new.due_at {
            out.push(Step::Due { from: old.due_at, by_hand: old.clock.by_hand, to: new.due_at });
        }
        if old.privacy != new.privacy {
            out.push(Step::Privacy { on: new.privacy });
        }
        let on = facts.tags.iter().filter(|t| !self.before.tags.contains(t)).map(|t| (t, true));
        let off = self.before.tags.iter().filter(|t| !facts.tags.contains(t)).map(|t| (t, false));
        out.extend(on.chain(off).map(|(word, on)| Step::Tag { word: word.clone(), on }));
    }

    fn people(&self, builder: &Builder<'_>, facts: &TicketFacts, out: &mut Vec<Step>) {
        let on = facts.watchers.iter().filter(|w| !self.before.watchers.contains(w)).map(|w| (*w, true));
        let off = self.before.watchers.iter().filter(|w| !facts.watchers.contains(w)).map(|w| (*w, false));
        out.extend(on.chain(off).map(|(person, on)| Step::Watch { person, on }));
        let before = |id: i64| self.before.participants.iter().any(|p| p.id == id);
        out.extend(
            facts.participants.iter().filter(|p| !before(p.id)).map(|p| Step::Joined { person: p.id }),
        );
        let marked = |person: i64, which: Spam| person == facts.requester.id && which != Spam::No;
        let spam = |c: &Change| matches!(c, Change::Spam { person, which } if marked(*person, *which));
        if builder.changes[self.changes..].iter().any(spam) && self.before.requester.spam == Spam::No {
            out.push(Step::Spam { person: facts.requester.id });
        }
    }

    fn merged(&self, builder: &Builder<'_>, facts: &TicketFacts, into: i64) -> Option<Merged> {
        let target = builder.known.tickets.get(&into)?;
        let changes = &builder.changes[self.changes..];
        let written = changes.iter().rev().find_map(|c| match c {
            Change::Ticket { ticket, .. } if ticket.number == into => Some(State::of(ticket)),
            _ => None,
        });
        let joined = changes.iter().filter_map(|c| match c {
            Change::Participant { ticket, person, .. } if *ticket == into => Some(*person),
            _ => None,
        });
        let watchers = changes.iter().filter_map(|c| match c {
            Change::Watch { ticket, person, on: true } if *ticket == into => Some(*person),
            _ => None,
        });
        let from = State::of(&target.ticket);
        Some(Merged {
            into,
            messages: facts.messages.iter().map(|m| m.id).collect(),
            joined: joined.collect(),
            watchers: watchers.collect(),
            newest: target.messages.last().map_or(0, |m| m.id),
            from,
            to: written.unwrap_or(from),
        })
    }
}

#[cfg(test)]
mod tests;
