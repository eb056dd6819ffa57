//! A set of commands as the difference that it made, remembered for a day so that `#undo` can take it back.

use super::ticket::{Clock, Priority, Status, Ticket};

/// One set of commands, as it is remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandSet {
    /// Its number in the store.
    pub id: i64,
    /// Where it was ordered; it may have gone into another ticket by it.
    pub ticket: i64,
    /// Who ordered; `None`: the operator.
    pub person: Option<i64>,
    /// The result letter that told of it.
    pub letter: Option<i64>,
    /// What became different, in the order in which it did.
    pub steps: Vec<Step>,
    /// Seconds since 1970.
    pub at: i64,
    /// It was taken back already.
    pub undone: bool,
}

impl CommandSet {
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
    /// The status moved.
    Status {
        /// How it was.
        from: State,
        /// How it was after.
        to: State,
    },
    /// It was given to somebody, or to nobody.
    Assignee {
        /// Whose it was; `None`: nobody's.
        from: Option<i64>,
        /// Whose it was after; `None`: nobody's.
        to: Option<i64>,
    },
    /// It became more or less urgent.
    Priority {
        /// How urgent it was.
        from: Priority,
        /// How urgent it was after.
        to: Priority,
    },
    /// It got another category, or none.
    Category {
        /// What it had; `None`: none.
        from: Option<String>,
        /// What it had after; `None`: none.
        to: Option<String>,
    },
    /// `by_hand`: the date before was set by a command, too.
    Due {
        /// When it was due; seconds since 1970. `None`: never.
        from: Option<i64>,
        /// The date before was set by a command, too.
        by_hand: bool,
        /// When it was due after; seconds since 1970. `None`: never.
        to: Option<i64>,
    },
    /// It was marked as a privacy request, or no longer.
    Privacy {
        /// It was marked.
        on: bool,
    },
    /// A tag was put on or taken off.
    Tag {
        /// The tag.
        word: String,
        /// It was put on.
        on: bool,
    },
    /// Somebody began or ceased to hear of everything.
    Watch {
        /// Who.
        person: i64,
        /// They began.
        on: bool,
    },
    /// Somebody joined the ticket.
    Joined {
        /// Who.
        person: i64,
    },
    /// Later mail of the requester is quarantined.
    Spam {
        /// Whose.
        person: i64,
    },
    /// The ticket went into another one.
    Merged(Merged),
    /// A message became a ticket of its own.
    Split {
        /// Which one.
        message: i64,
        /// Where it was said, where that ticket had been merged; `None`: in this one.
        origin: Option<i64>,
        /// The number of the new ticket.
        into: i64,
    },
    /// Words left with it, which nothing takes back.
    Said {
        /// They were a note; else an answer, which left.
        note: bool,
    },
}

/// What went with a ticket into another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The number of the other ticket.
    pub into: i64,
    /// What went there.
    pub messages: Vec<i64>,
    /// Who joined the other ticket by it, and who watches it since.
    pub joined: Vec<i64>,
    /// Who watches the other ticket since.
    pub watchers: Vec<i64>,
    /// The newest message of the other ticket, and how that ticket was.
    pub newest: i64,
    /// How the other ticket was.
    pub from: State,
    /// How it was after.
    pub to: State,
}

/// The status with the times that belong to it and move with it; seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    /// Where the ticket stands.
    pub status: Status,
    /// Until when it waits.
    pub wait_until: Option<i64>,
    /// When it was closed.
    pub closed_at: Option<i64>,
    /// When it is due.
    pub due_at: Option<i64>,
    /// What its due date follows from.
    pub clock: Clock,
}

impl State {
    /// As a ticket is now.
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
