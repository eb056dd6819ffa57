//! Sets of commands that `#undo` can take back: what each one changed.

use super::error::Result;
use super::sql;
use crate::desk::model::{Clock, CommandSet, Merged, Priority, State, Status, Step};
use rusqlite::Connection;

/// Those on a ticket and on the tickets that went into it, oldest first.
pub fn of_ticket(c: &Connection, ticket: i64) -> Result<Vec<CommandSet>> {
    let text = "select id, ticket, person, letter, steps, at, undone_at is not null from deed
         where ticket = ?1 or ticket in (select id from ticket where merged_into = ?1) order by id";
    sql::all(c, text, [ticket], |r| {
        Ok(CommandSet {
            id: r.get(0)?,
            ticket: r.get(1)?,
            person: r.get(2)?,
            letter: r.get(3)?,
            steps: read(&r.get::<_, String>(4)?),
            at: r.get(5)?,
            undone: r.get(6)?,
        })
    })
}

/// Remembers what a set of commands changed. `letter`: the result letter that tells of it.
pub fn remember(
    c: &Connection,
    ticket: i64,
    person: Option<i64>,
    letter: Option<i64>,
    steps: &[Step],
    now: i64,
) -> Result<()> {
    let text = "insert into deed (ticket, person, letter, steps, at) values (?1, ?2, ?3, ?4, ?5)";
    sql::run(c, text, (ticket, person, letter, write(steps), now))?;
    Ok(())
}

/// It was taken back.
pub fn undone(c: &Connection, id: i64, now: i64) -> Result<()> {
    sql::run(c, "update deed set undone_at = ?1 where id = ?2", (now, id))?;
    Ok(())
}

/// The words for true and false.
const ON: &str = "on";
const OFF: &str = "off";

/// One line a step, its parts between tabs. What is missing is empty; lists stand between commas, the parts
/// of a state between spaces.
fn write(steps: &[Step]) -> String {
    steps.iter().map(|s| line(s).join("\t")).collect::<Vec<_>>().join("\n")
}

/// The steps of such a text; lines of another version of the program are left out.
fn read(text: &str) -> Vec<Step> {
    text.lines().filter_map(|l| step(&l.split('\t').collect::<Vec<_>>())).collect()
}

fn line(step: &Step) -> Vec<String> {
    let number = |n: Option<i64>| n.map_or_else(String::new, |n| n.to_string());
    let list = |all: &[i64]| all.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
    let on = |on: bool| if on { ON } else { OFF }.to_owned();
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

fn step(parts: &[&str]) -> Option<Step> {
    let number = |text: &str| if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) };
    let list = |text: &str| {
        text.split(',').filter(|n| !n.is_empty()).map(|n| n.parse().ok()).collect::<Option<Vec<i64>>>()
    };
    let text = |text: &str| Some(text.to_owned()).filter(|t| !t.is_empty());
    let is_on = |text: &str| match text {
        ON => Some(true),
        OFF => Some(false),
        _ => None,
    };
    let state = |text: &str| {
        let parts: Vec<&str> = text.split(' ').collect();
        let [status, by_hand, wait, closed, due, asked, started, reminded, reminded_at] = parts[..] else {
            return None;
        };
        let clock = Clock {
            asked_at: number(asked)?,
            started_at: number(started)?,
            by_hand: is_on(by_hand)?,
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
            Step::Due { from: number(from)?, by_hand: is_on(by_hand)?, to: number(to)? }
        }
        ["privacy", on] => Step::Privacy { on: is_on(on)? },
        ["tag", word, on] => Step::Tag { word: (*word).to_owned(), on: is_on(on)? },
        ["watch", person, on] => Step::Watch { person: person.parse().ok()?, on: is_on(on)? },
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
        ["said", "note"] => Step::Said { note: true },
        ["said", "answer"] => Step::Said { note: false },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(status: Status) -> State {
        State { status, wait_until: None, closed_at: None, due_at: None, clock: Clock::default() }
    }

    #[test]
    fn steps_are_read_as_they_were_written() {
        let open = state(Status::Open);
        let clock =
            Clock { asked_at: Some(5), by_hand: true, reminded: 1, reminded_at: Some(6), ..Clock::default() };
        let waits =
            State { wait_until: Some(1_900_000_000), due_at: Some(7), clock, ..state(Status::Waiting) };
        let closed = State { closed_at: Some(1_800_000_000), ..state(Status::Closed) };
        let steps = vec![
            Step::Status { from: waits, to: closed },
            Step::Assignee { from: None, to: Some(7) },
            Step::Priority { from: Priority::Low, to: Priority::Urgent },
            Step::Category { from: Some("Pay-as-you-go, and more".into()), to: None },
            Step::Due { from: Some(1), by_hand: true, to: None },
            Step::Privacy { on: true },
            Step::Tag { word: "größe".into(), on: false },
            Step::Watch { person: 3, on: true },
            Step::Joined { person: 9 },
            Step::Spam { person: 9 },
            Step::Merged(Merged {
                into: 5,
                messages: vec![1, 4],
                joined: vec![],
                watchers: vec![2],
                newest: 3,
                from: open,
                to: waits,
            }),
            Step::Split { message: 8, origin: Some(2), into: 6 },
            Step::Said { note: false },
        ];
        assert_eq!(read(&write(&steps)), steps);
        assert_eq!(read("of a later version\t1\nprivacy\ton\nstatus\topen"), [Step::Privacy { on: true }]);
        assert!(read("").is_empty());
    }
}
