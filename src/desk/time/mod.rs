//! Working time and due dates.

pub mod due_date;
pub mod hours;
