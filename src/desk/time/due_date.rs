//! Due dates: until when an answer, and the end, of a ticket are due (`[targets]`, `#due`).
//!
//! - Two clocks run in working time. The first runs from the mail with which the customer began to wait for
//!   an answer, until staff answer; the second from the creation of the ticket, or from its last reopening,
//!   until it is closed. What is due earlier is the due date. A close target that had passed before the
//!   customer wrote again does not count beside the answer.
//! - The customer waits from a new ticket on, and again from a further message after an answer; `#reopen` and
//!   the day of
//!   `#wait DATE` count as such a message. A second message while the first waits changes nothing.
//! - While the ticket waits for the customer it keeps its due date, and nobody is reminded. A close clears
//!   it.
//! - `#due DATE` overrides both until the next `#due` or a close (after a close it counts from the reopening
//!   on); `#priority` computes anew what was not set by hand.
//! - Mail that was there before the desk has no targets (T18). Times are those of the server (T22).
//!
//! Reminders: one when the due date passes, one more to all staff a step later (see [`Targets::step`]), then
//! no more until there is another due date.

use super::hours::Week;
use crate::desk::model::{Clock, Priority, Status, Ticket};
use jiff::tz::TimeZone;

/// The second reminder comes no earlier than this after the first; seconds of working time.
const STEP_MIN_SECS: i64 = 15 * 60;

/// The hour of the daily digest where no hours are configured.
const DIGEST_HOUR: i64 = 8;

/// What `[targets]` says.
#[derive(Debug, Clone)]
pub struct Targets {
    /// When working time runs.
    pub week: Week,
    /// The hours whose first is that of the daily digest.
    pub mornings: Week,
    /// In the order of [`Priority`].
    pub goals: [Goal; 4],
}

/// Seconds of working time; `None`: no target.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Goal {
    /// From the customer's mail to our answer.
    pub answer: Option<i64>,
    /// From the creation or the last reopening to the end.
    pub close: Option<i64>,
}

impl Targets {
    /// No target: due dates are set by hand alone.
    pub fn none(zone: TimeZone) -> Self {
        Self {
            mornings: Week::daily(zone.clone(), DIGEST_HOUR, 24),
            week: Week::always(zone),
            goals: [Goal::default(); 4],
        }
    }

    /// What is aimed at for this priority.
    pub fn goal(&self, priority: Priority) -> Goal {
        self.goals[match priority {
            Priority::Low => 0,
            Priority::Normal => 1,
            Priority::High => 2,
            Priority::Urgent => 3,
        }]
    }

    /// The due date of a ticket as it is now.
    fn due(&self, t: &Ticket) -> Option<i64> {
        match (t.status, t.clock.by_hand) {
            // A close forgets what was set before it; a day that is set on a closed ticket is meant.
            (_, true) => return t.due_at,
            (Status::Closed, false) => return None,
            (Status::New | Status::Open | Status::Waiting, false) => {}
        }
        let goal = self.goal(t.priority);
        let over = |(from, work): (i64, i64)| self.week.after(from, work);
        let answer = t.clock.asked_at.zip(goal.answer).map(over);
        let close = t.clock.started_at.zip(goal.close).map(over);
        let passed = |close: &i64| t.clock.asked_at.is_some_and(|asked| *close <= asked);
        match (answer, close) {
            (Some(answer), Some(close)) if !passed(&close) => Some(answer.min(close)),
            (Some(answer), _) => Some(answer),
            (None, close) => close,
        }
    }

    /// From the first reminder to the second: half of the time for an answer at this priority, a quarter of
    /// an hour at least and a working day at most; a working day where there is no such target. Seconds of
    /// working time.
    pub fn step(&self, priority: Priority) -> i64 {
        let day = self.week.day_secs();
        self.goal(priority).answer.map_or(day, |work| (work / 2).max(STEP_MIN_SECS).min(day))
    }

    /// Brings due date and reminders in step with everything else of the ticket.
    pub fn set(&self, t: &mut Ticket) {
        let due_at = self.due(t);
        if due_at != t.due_at {
            t.due_at = due_at;
            (t.clock.reminded, t.clock.reminded_at) = (0, None);
        }
        let ours = matches!(t.status, Status::New | Status::Open);
        t.clock.remind_at = match (t.due_at.filter(|_| ours), t.clock.reminded) {
            (None, _) => None,
            (Some(due), 0) => Some(due),
            (Some(due), 1) => {
                Some(self.week.after(t.clock.reminded_at.unwrap_or(due), self.step(t.priority)))
            }
            (Some(_), _) => None,
        };
    }

    /// `#due`: until the next one, or a close.
    pub fn set_by_hand(t: &mut Ticket, at: i64) {
        t.due_at = Some(at);
        t.clock = Clock { by_hand: true, reminded: 0, reminded_at: None, ..t.clock };
    }
}

#[cfg(test)]
mod tests;
