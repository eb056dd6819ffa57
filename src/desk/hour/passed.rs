//! Time passed: what the store found due becomes letters and changes. Breakers of the gate open in the
//! decision that they stop, and close here (T26).

use super::{digest, due};
use crate::desk::builder::decision::Builder;
use crate::desk::letter::hold;
use crate::desk::model::hour::{HourPart, HourQuestion, HourScope, OpenAlarm};
use crate::desk::model::{Breaker, Cause, Change, Decision, Moment, Outcome, Questions, Reason, Snapshot};
use crate::desk::rules::Rules;

/// A mark further ahead than this was set by a clock that was wrong; seconds (T93).
const AHEAD_SECS: i64 = 86_400;

/// What must be known of this moment.
pub fn questions(rules: &Rules, scope: &HourScope, now: i64) -> Questions {
    let day_began_at = rules.targets.mornings.last_start(now);
    let hour = HourQuestion { scope: scope.clone(), day_began_at };
    Questions { hour: Some(hour), ..Questions::default() }
}

/// What time brings. Without changes there is nothing to write.
pub fn decide(rules: &Rules, known: &Snapshot, part: HourPart, moment: Moment) -> Decision {
    let mut builder = Builder::new(rules, known, moment);
    let due = &known.due;
    for alarm in &due.alarms {
        alarm_goes_on_or_ends(&mut builder, alarm);
    }
    for (person, reason) in &due.untold {
        if let Some(staff) = known.staff_by_id(*person) {
            hold::queue(&mut builder, &staff.person, reason, Cause::Unproven);
        }
    }
    due::let_happen(&mut builder, &due.hour);
    if matches!(part, HourPart::All | HourPart::Digest) {
        digest_of_the_day(&mut builder);
    }
    builder.finish(Outcome::Append, Reason::TimePassed, None)
}

/// The alarm ends at half of the limit, so that a storm at the limit is one alarm and not one a minute;
/// whether a letter leaves is asked of the limit itself.
fn alarm_goes_on_or_ends(builder: &mut Builder<'_>, alarm: &OpenAlarm) {
    if !alarm.told {
        builder.change(Change::AlarmTold { id: alarm.id, text: alarm.text.clone() });
    }
    let Some(breaker) = alarm.breaker.clone() else { return };
    let most = match breaker {
        Breaker::Domain(_) => builder.rules.letters_per_domain_hour,
        Breaker::Desk => builder.rules.letters_per_desk_hour,
        Breaker::LettersToStaff => 0,
    };
    if alarm.letters <= most / 2 {
        builder.change(Change::AlarmEnded { id: alarm.id, breaker });
    }
}

/// The digest leaves where a working day began that none told yet. The first start of a desk tells of
/// nothing.
fn digest_of_the_day(builder: &mut Builder<'_>) {
    let known = builder.known;
    let start = builder.rules.targets.mornings.last_start(builder.now());
    let (message, ticket) = known.due.newest;
    match (known.due.digest_mark, &known.due.hour.digest) {
        // T93: a clock that goes back repeats no day.
        (Some(mark), _) if mark.at >= start && mark.at <= builder.now() + AHEAD_SECS => {}
        (Some(mark), Some(morning)) if mark.at < start => digest::queue_digests(builder, morning),
        (Some(mark), _) => {
            builder.change(Change::DigestTold { at: start, message: mark.message, ticket: mark.ticket });
        }
        (None, _) => builder.change(Change::DigestTold { at: start, message, ticket }),
    }
}
