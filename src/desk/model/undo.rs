//! A set of commands as the difference that it made, remembered for a day so that `#undo` can take it back.

use super::ticket::{Clock, Priority, Status, Ticket};

/// One set of commands, as it is remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    pub id: i64,
    /// Where it was ordered; it may have gone into another ticket by it.
    pub ticket: i64,
    /// Who ordered; `None`: the operator.
    pub person: Option<i64>,
    /// The result letter that told of it.
    pub letter: Option<i64>,
    pub steps: Vec<Step>,
    pub at: i64,
    pub undone: bool,
}

impl Deed {
    /// Further tickets that must be known to take it back.
    pub fn others(&self) -> impl Iterator<Item = i64> + '_ {
        let touched = self.steps.iter().filter_map(|s| match s {
            Step::Merged(merged) => Some(merged.into),
            Step::Split { into, .. } => Some(*into),
            _ => None,
        });
        std::iter::once(self.ticket).chain(touched)
    }

    /// Nothing but words: there is nothing in it to take back.
    pub fn is_words(&self) -> bool {
        self.steps.iter().all(|s| matches!(s, Step::Said { .. }))
    }
}

/// One difference: how it was, and how it was after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Status {
        from: State,
        to: State,
    },
    Assignee {
        from: Option<i64>,
        to: Option<i64>,
    },
    Priority {
        from: Priority,
        to: Priority,
    },
    Category {
        from: Option<String>,
        to: Option<String>,
    },
    /// `by_hand`: the date before was set by a command, too.
    Due {
        from: Option<i64>,
        by_hand: bool,
        to: Option<i64>,
    },
    Privacy {
        on: bool,
    },
    Tag {
        word: String,
        on: bool,
    },
    Watch {
        person: i64,
        on: bool,
    },
    Joined {
        person: i64,
    },
    Spam {
        person: i64,
    },
    Merged(Merged),
    Split {
        message: i64,
        origin: Option<i64>,
        into: i64,
    },
    /// Words left with it, which nothing takes back.
    Said {
        note: bool,
    },
}

/// What went with a ticket into another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    pub into: i64,
    pub messages: Vec<i64>,
    /// Who joined the other ticket by it, and who watches it since.
    pub joined: Vec<i64>,
    pub watchers: Vec<i64>,
    /// The newest message of the other ticket, and how that ticket was.
    pub newest: i64,
    pub from: State,
    pub to: State,
}

/// The status with the times that belong to it and move with it; seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    pub status: Status,
    pub wait_until: Option<i64>,
    pub closed_at: Option<i64>,
    pub due_at: Option<i64>,
    pub clock: Clock,
}

impl State {
    pub fn of(t: &Ticket) -> Self {
        Self {
            status: t.status,
            wait_until: t.wait_until,
            closed_at: t.closed_at,
            due_at: t.due_at,
            clock: t.clock,
        }
    }

    /// Of the times only the day of `#wait DATE` is somebody's word.
    pub fn is(self, other: Self) -> bool {
        (self.status, self.wait_until) == (other.status, other.wait_until)
    }
}
