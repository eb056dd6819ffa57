//! What a set of commands changed, remembered for a day so that `#undo` can take it back (INTERFACE, Mail:
//! commands).
//!
//! A set is what one mail, or one call on the command line, ordered. It is remembered as the difference that
//! it made, never as the commands themselves: a new command that changes a field of a ticket has its undo
//! here already.

use crate::desk::builder::builder::Builder;
use crate::desk::model::{Change, Clock, Merged, Priority, State, Status, Step, TicketFacts};

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
        let spam =
            |c: &Change| matches!(c, Change::Spam { person, on: true } if *person == facts.requester.id);
        if builder.changes[self.changes..].iter().any(spam) && !self.before.requester.spam {
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

/// One line a step, its parts between tabs. What is missing is empty; lists stand between commas, the parts
/// of a state between spaces.
pub fn write_steps(steps: &[Step]) -> String {
    steps.iter().map(|s| step_parts(s).join("\t")).collect::<Vec<_>>().join("\n")
}

/// What [`write_steps`] wrote; lines of another version of the program are left out.
pub fn read_steps(text: &str) -> Vec<Step> {
    text.lines().filter_map(|l| parse_step(&l.split('\t').collect::<Vec<_>>())).collect()
}

fn step_parts(step: &Step) -> Vec<String> {
    let number = |n: Option<i64>| n.map_or_else(String::new, |n| n.to_string());
    let list = |all: &[i64]| all.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
    let on = |on: bool| if on { "on" } else { "off" }.to_owned();
    let state = |s: &State| {
        let (c, word) = (&s.clock, s.status.as_str().to_owned());
        let times =
            [s.wait_until, s.closed_at, s.due_at, c.asked_at, c.started_at, Some(c.reminded), c.reminded_at]
                .map(number);
        [vec![word, on(c.by_hand)], times.to_vec()].concat().join(" ")
    };
    let (word, parts): (&str, Vec<String>) = match step {
        Step::Status { from, to } => ("status", vec![state(from), state(to)]),
        Step::Assignee { from, to } => ("assignee", vec![number(*from), number(*to)]),
        Step::Priority { from, to } => ("priority", vec![from.as_str().to_owned(), to.as_str().to_owned()]),
        Step::Category { from, to } => {
            ("category", vec![from.clone().unwrap_or_default(), to.clone().unwrap_or_default()])
        }
        Step::Due { from, by_hand, to } => ("due", vec![number(*from), on(*by_hand), number(*to)]),
        Step::Privacy { on: is } => ("privacy", vec![on(*is)]),
        Step::Tag { word, on: is } => ("tag", vec![word.clone(), on(*is)]),
        Step::Watch { person, on: is } => ("watch", vec![person.to_string(), on(*is)]),
        Step::Joined { person } => ("joined", vec![person.to_string()]),
        Step::Spam { person } => ("spam", vec![person.to_string()]),
        Step::Merged(m) => {
            let lists = [list(&m.messages), list(&m.joined), list(&m.watchers)].to_vec();
            let other = vec![m.into.to_string(), m.newest.to_string(), state(&m.from), state(&m.to)];
            ("merged", [other, lists].concat())
        }
        Step::Split { message, origin, into } => {
            ("split", vec![message.to_string(), number(*origin), into.to_string()])
        }
        Step::Said { note } => ("said", vec![if *note { "note" } else { "answer" }.to_owned()]),
    };
    [vec![word.to_owned()], parts].concat()
}

fn parse_step(parts: &[&str]) -> Option<Step> {
    let number = |text: &str| if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) };
    let list = |text: &str| {
        text.split(',').filter(|n| !n.is_empty()).map(|n| n.parse().ok()).collect::<Option<Vec<i64>>>()
    };
    let text = |text: &str| Some(text.to_owned()).filter(|t| !t.is_empty());
    let state = |text: &str| {
        let parts: Vec<&str> = text.split(' ').collect();
        let [status, by_hand, wait, closed, due, asked, started, reminded, reminded_at] = parts[..] else {
            return None;
        };
        let clock = Clock {
            asked_at: number(asked)?,
            started_at: number(started)?,
            by_hand: by_hand == "on",
            reminded: number(reminded)??,
            reminded_at: number(reminded_at)?,
            remind_at: None,
        };
        let (wait_until, closed_at, due_at) = (number(wait)?, number(closed)?, number(due)?);
        Some(State { status: Status::from_word(status)?, wait_until, closed_at, due_at, clock })
    };
    Some(match parts {
        ["status", from, to] => Step::Status { from: state(from)?, to: state(to)? },
        ["assignee", from, to] => Step::Assignee { from: number(from)?, to: number(to)? },
        ["priority", from, to] => {
            Step::Priority { from: Priority::from_word(from)?, to: Priority::from_word(to)? }
        }
        ["category", from, to] => Step::Category { from: text(from), to: text(to) },
        ["due", from, by_hand, to] => {
            Step::Due { from: number(from)?, by_hand: *by_hand == "on", to: number(to)? }
        }
        ["privacy", on] => Step::Privacy { on: *on == "on" },
        ["tag", word, on] => Step::Tag { word: (*word).to_owned(), on: *on == "on" },
        ["watch", person, on] => Step::Watch { person: person.parse().ok()?, on: *on == "on" },
        ["joined", person] => Step::Joined { person: person.parse().ok()? },
        ["spam", person] => Step::Spam { person: person.parse().ok()? },
        ["merged", into, newest, from, to, messages, joined, watchers] => Step::Merged(Merged {
            into: into.parse().ok()?,
            messages: list(messages)?,
            joined: list(joined)?,
            watchers: list(watchers)?,
            newest: newest.parse().ok()?,
            from: state(from)?,
            to: state(to)?,
        }),
        ["split", message, origin, into] => {
            Step::Split { message: message.parse().ok()?, origin: number(origin)?, into: into.parse().ok()? }
        }
        ["said", what] => Step::Said { note: *what == "note" },
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
