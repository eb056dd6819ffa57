//! `[targets]`: the working hours, and how soon an answer and the end of a ticket are due, by priority.

use super::desk::{ZONE, zone};
use super::reader::Reader;
use crate::desk::time::due_date::{Goal, Targets};
use crate::desk::time::hours::Week;
use jiff::tz::TimeZone;

/// Reads `[targets]`. A `d` is a working day of the hours that are given. `desk_zone`: the zone of `[desk]`,
/// which counts where the section names no other.
pub(super) fn targets(s: &Reader, desk_zone: &str) -> Targets {
    let zone = s.parsed("zone", ZONE, zone).unwrap_or_else(|| desk_zone.to_owned());
    let zone = TimeZone::get(&zone).unwrap_or(TimeZone::UTC);
    let mut targets = Targets::none(zone.clone());
    if let Some(text) = s.text("hours") {
        match Week::parse(&text, zone) {
            Ok(week) => (targets.mornings, targets.week) = (week.clone(), week),
            Err(why) => s.wrong("hours", why),
        }
    }
    for (at, key) in ["low", "normal", "high", "urgent"].into_iter().enumerate() {
        let table = s.table(key);
        let span = |key| {
            let text = table.text(key)?;
            targets.week.work(&text).map_err(|why| table.wrong(key, why)).ok()
        };
        let goal = Goal { answer: span("answer"), close: span("close") };
        if goal.answer.zip(goal.close).is_some_and(|(answer, close)| answer > close) {
            table
                .wrong("close", "is shorter than \"answer\"; the end comes no earlier than the first answer");
        }
        table.done();
        targets.goals[at] = goal;
    }
    s.done();
    targets
}
