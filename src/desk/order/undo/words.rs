//! What a set of commands changed, in words, and how it is remembered.

use crate::desk::builder::decision::Builder;
use crate::desk::model::{Change, Kind, Snapshot, State, Status, Step, TicketFacts};
use crate::desk::text::dates;

/// Words left with the orders. An answer makes `waiting` by itself: that is how it would be without them.
pub fn add_words_said(steps: &mut Vec<Step>, facts: &TicketFacts, note: bool) {
    for step in steps.iter_mut() {
        match step {
            Step::Status { from, .. } if !note => {
                (from.status, from.wait_until, from.closed_at) = (Status::Waiting, None, None);
                from.clock.asked_at = None;
            }
            Step::Merged(merged) => merged.messages = facts.messages.iter().map(|m| m.id).collect(),
            _ => {}
        }
    }
    steps.retain(|s| !matches!(s, Step::Status { from, to } if from.is(*to)));
    steps.push(Step::Said { note });
}

/// Remembers a set of commands; nothing where it changed nothing.
pub fn remember(
    builder: &mut Builder<'_>,
    ticket: i64,
    person: Option<i64>,
    letter: Option<i64>,
    steps: &[Step],
) {
    if !steps.is_empty() {
        builder.change(Change::CommandSet { ticket, person, letter, steps: steps.to_vec() });
    }
}

/// For those who watch: what was ordered, in lines.
pub fn sentences(builder: &Builder<'_>, facts: &TicketFacts, steps: &[Step]) -> Vec<String> {
    steps.iter().filter_map(|s| sentence(builder, facts, s, false)).collect()
}

/// A step in words; `back`: as it is once it was taken back.
pub fn sentence(builder: &Builder<'_>, facts: &TicketFacts, step: &Step, back: bool) -> Option<String> {
    let rules = builder.rules;
    let who = |id: i64| person_name(builder.known, facts, id);
    let somebody = |id: Option<i64>| id.map_or_else(|| "nobody".to_owned(), who);
    let date = |at: i64| dates::iso_day(rules, at);
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "none".to_owned());
    let state = |s: State| match s.wait_until {
        Some(at) => format!("{} until {}", s.status.as_str(), date(at)),
        None => s.status.as_str().to_owned(),
    };
    let was = |what: &str, from: String, to: String| match back {
        true => format!("{what}: {from} again (was {to})"),
        false => format!("{what}: {to} (was {from})"),
    };
    Some(match step {
        Step::Status { from, to } => was("status", state(*from), state(*to)),
        Step::Assignee { from, to } => was("assigned to", somebody(*from), somebody(*to)),
        Step::Priority { from, to } => was("priority", from.as_str().to_owned(), to.as_str().to_owned()),
        Step::Category { from, to } => was("category", or_none(from.clone()), or_none(to.clone())),
        Step::Due { from, to, .. } => was("due", or_none(from.map(date)), or_none(to.map(date))),
        Step::Privacy { on } => match *on != back {
            true => "marked as a privacy request".to_owned(),
            false => "no longer marked as a privacy request".to_owned(),
        },
        Step::Tag { word, on } => format!("tag {word} {}", if *on != back { "on" } else { "off" }),
        Step::Watch { person, on } => match *on != back {
            true => format!("{} hears of everything here", who(*person)),
            false => format!("{} no longer hears of everything here", who(*person)),
        },
        Step::Joined { person } => match back {
            false => format!("{} joined; mail from now on goes there, too", who(*person)),
            true => format!("{} is no longer a participant", who(*person)),
        },
        Step::Spam { person } => match back {
            false => format!("later mail of {} is quarantined", who(*person)),
            true => format!("mail of {} is taken in again", who(*person)),
        },
        Step::Merged(merged) => {
            let (other, n) = (rules.token(merged.into), merged.messages.len());
            match back {
                false => format!("went into {other}: {n} messages; {} joined there", merged.joined.len()),
                true => format!("a ticket of its own again: {n} messages came back from {other}"),
            }
        }
        Step::Split { message, into, .. } => match back {
            false => format!("message {message} is now {}", rules.token(*into)),
            true => format!("message {message} is back; {} is closed", rules.token(*into)),
        },
        Step::Said { .. } => return None,
    })
}

/// Staff by name, customers by address (T07).
pub fn person_name(known: &Snapshot, facts: &TicketFacts, id: i64) -> String {
    if let Some(staff) = known.staff_by_id(id) {
        return staff.person.name.clone();
    }
    let here = std::iter::once(&facts.requester).chain(&facts.participants);
    let found = here.chain(known.persons.values()).find(|p| p.id == id);
    found.map_or_else(|| "somebody".to_owned(), |p| p.address.to_string())
}

/// Was anything said in this ticket but by the desk's machines?
pub fn messages_of_people(facts: &TicketFacts) -> usize {
    facts.messages.iter().filter(|m| m.kind != Kind::System).count()
}
