//! Times in the desk's zone, as people read them.

use crate::desk::rules::Rules;

/// A time in the desk's zone, short: `7 Mar 2027, 09:05`. Empty where it is out of all bounds.
pub fn short_time(rules: &Rules, at: i64) -> String {
    let moment = jiff::Timestamp::from_second(at).map(|t| t.to_zoned(rules.zone.clone()));
    moment.map_or_else(|_| String::new(), |t| t.strftime("%-d %b %Y, %H:%M").to_string())
}

/// A time in the desk's zone, as people write it.
pub fn full_time(rules: &Rules, at: i64) -> String {
    let moment = jiff::Timestamp::from_second(at).map(|t| t.to_zoned(rules.zone.clone()));
    moment.map_or_else(|_| String::new(), |t| t.strftime("%-d %B %Y, %H:%M %Z").to_string())
}

/// A time as its day in the desk's zone.
pub fn iso_day(rules: &Rules, at: i64) -> String {
    let stamp = jiff::Timestamp::from_second(at).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    stamp.to_zoned(rules.zone.clone()).date().to_string()
}

/// How long something is ago, in one unit.
pub fn rounded_span(secs: i64) -> String {
    let (n, unit) = match secs {
        ..7_200 => (secs.max(0) / 60, "minute"),
        7_200..172_800 => (secs / 3600, "hour"),
        _ => (secs / 86_400, "day"),
    };
    format!("{n} {unit}{}", if n == 1 { "" } else { "s" })
}
