//! Time passed: what the store found due becomes letters and changes. Breakers of the gate open in the decision that
//! they stop, and close here (T26).

use super::{digest, due};
use crate::desk::builder::builder::Work;
use crate::desk::letter::hold;
use crate::desk::model::hour::{HourQuestion, OpenAlarm};
use crate::desk::model::limit::{BREAKER_DESK, BREAKER_DOMAIN};
use crate::desk::model::{Cause, Change, Decision, Moment, Outcome, Questions, Snapshot};
use crate::desk::rules::Rules;

/// A mark further ahead than this was set by a clock that was wrong; seconds (T93).
const AHEAD_SECS: i64 = 86_400;

/// What must be known of this moment.
pub fn questions(rules: &Rules, now: i64) -> Questions {
    let day_began_at = rules.targets.mornings.last_start(now);
    Questions { hour: Some(HourQuestion { day_began_at }), ..Questions::default() }
}

/// What time brings. Without changes there is nothing to write.
pub fn decide(rules: &Rules, known: &Snapshot, moment: Moment) -> Decision {
    let mut work = Work::new(rules, known, moment);
    let due = &known.due;
    for alarm in &due.alarms {
        alarm_goes_on_or_ends(&mut work, alarm);
    }
    for (person, reason) in &due.untold {
        if let Some(staff) = known.staff_by_id(*person) {
            hold::send(&mut work, &staff.person, reason, Cause::Unproven);
        }
    }
    due::happen(&mut work, &due.hour);
    digest_of_the_day(&mut work);
    work.finish(Outcome::Append, "time passed", None)
}

/// The alarm ends at half of the limit, so that a storm at the limit is one alarm and not one a minute; whether a letter
/// leaves is asked of the limit itself.
fn alarm_goes_on_or_ends(work: &mut Work<'_>, alarm: &OpenAlarm) {
    if !alarm.told {
        work.change(Change::AlarmTold { id: alarm.id, text: alarm.text.clone() });
    }
    let most = match alarm.what.strip_prefix(BREAKER_DOMAIN) {
        Some(_) => work.rules.letters_per_domain_hour,
        None if alarm.what == BREAKER_DESK => work.rules.letters_per_desk_hour,
        None => return,
    };
    if alarm.letters <= most / 2 {
        work.change(Change::AlarmEnded { id: alarm.id, what: alarm.what.clone() });
    }
}

/// The digest leaves where a working day began that none told yet. The first start of a desk tells of nothing.
fn digest_of_the_day(work: &mut Work<'_>) {
    let known = work.known;
    let start = work.rules.targets.mornings.last_start(work.now());
    let (message, ticket) = known.due.newest;
    match (known.due.digest_mark, &known.due.hour.digest) {
        // T93: a clock that goes back repeats no day.
        (Some(mark), _) if mark.at >= start && mark.at <= work.now() + AHEAD_SECS => {}
        (Some(mark), Some(morning)) if mark.at < start => digest::send(work, morning),
        (Some(mark), _) => {
            work.change(Change::DigestTold { at: start, message: mark.message, ticket: mark.ticket });
        }
        (None, _) => work.change(Change::DigestTold { at: start, message, ticket }),
    }
}
