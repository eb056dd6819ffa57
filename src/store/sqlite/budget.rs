//! What one question may cost. SQLite counts the steps of its machine, so the answer is the same on every
//! machine, however busy it is.

use crate::store::error::Result;
use rusqlite::Connection;
use std::cell::Cell;

/// After so many steps SQLite asks whether it shall go on.
const STEPS_BETWEEN: i32 = 20;

thread_local! {
    /// Steps of the question in hand, and how many it may take. A question is answered on one thread.
    static STEPS: Cell<(u64, u64)> = const { Cell::new((0, u64::MAX)) };
}

/// Lets a connection ask. Where no question has a budget, it goes on.
pub fn install(c: &mut Connection) -> Result<()> {
    let over = || {
        let (steps, most) = STEPS.get();
        STEPS.set((steps + STEPS_BETWEEN.unsigned_abs() as u64, most));
        steps >= most
    };
    Ok(c.progress_handler(STEPS_BETWEEN, Some(over))?)
}

/// The budget of what this thread asks while it lives. A question that costs more is interrupted.
pub struct Budget(());

impl Budget {
    /// Begins to count.
    pub fn begin(steps_max: u64) -> Self {
        STEPS.set((0, steps_max));
        Self(())
    }

    /// From now on it may cost so much, with what it did cost.
    pub fn extend_to(&self, steps_max: u64) {
        STEPS.set((self.steps(), steps_max));
    }

    /// What it did cost so far.
    pub fn steps(&self) -> u64 {
        STEPS.get().0
    }
}

impl Drop for Budget {
    fn drop(&mut self) {
        STEPS.set((0, u64::MAX));
    }
}
