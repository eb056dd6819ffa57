//! Working time: which hours of a week count, and when so much of it is over.
//!
//! An instant counts where its civil time in the zone lies within the hours. So a night in which clocks go
//! forward has an hour less, one in which they go back an hour more, and nothing lies outside of the hours
//! even where a change falls into them.

use jiff::Timestamp;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;

const DAY: i64 = 86_400;

const NAMES: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// The longest target in working days: about four years.
const DAYS_MAX: i64 = 1_000;

/// The hours of a week that count, in a time zone. At least one of them counts.
#[derive(Debug, Clone)]
pub struct Week {
    zone: TimeZone,
    /// Monday first: spans in seconds since midnight, in order, none touching another.
    days: [Vec<(i64, i64)>; 7],
}

impl Week {
    /// All hours of all days.
    pub fn always(zone: TimeZone) -> Self {
        Self { zone, days: std::array::from_fn(|_| vec![(0, DAY)]) }
    }

    /// The same span on every day, in hours.
    pub fn daily(zone: TimeZone, from: i64, to: i64) -> Self {
        Self { zone, days: std::array::from_fn(|_| vec![(from * 3600, to * 3600)]) }
    }

    /// Days and hours such as `Mon-Thu 08:00-17:00, Fri 08:00-14:00`; `Mon,Wed 09:00-12:00` is two days. The
    /// error ends a sentence that begins with the key.
    pub fn parse(text: &str, zone: TimeZone) -> Result<Self, String> {
        let mut week = Self { zone, days: Default::default() };
        let mut waiting: Vec<usize> = Vec::new();
        for piece in text.split(',').map(str::trim) {
            let (days, times) = piece.split_once(char::is_whitespace).unwrap_or((piece, ""));
            waiting.extend(days_of(days)?);
            if times.is_empty() {
                continue;
            }
            let span = span(times.trim())?;
            for day in waiting.drain(..) {
                week.days[day].push(span);
            }
        }
        if !waiting.is_empty() {
            return Err(form(text));
        }
        for (day, name) in week.days.iter_mut().zip(NAMES) {
            day.sort_unstable();
            if day.windows(2).any(|w| w[1].0 <= w[0].1) {
                return Err(format!("has hours of {name} that overlap or touch; write them as one span"));
            }
        }
        Ok(week)
    }

    /// The seconds of a working day, which is what `d` stands for: the hours of the week, shared out evenly
    /// over the days that have any. With `Mon-Fri 09:00-17:00` that is 8 hours, with all hours of all days
    /// 24.
    pub fn day_secs(&self) -> i64 {
        let all: i64 = self.days.iter().flatten().map(|(from, to)| to - from).sum();
        let days = self.days.iter().filter(|d| !d.is_empty()).count();
        all / i64::try_from(days.max(1)).expect("at most seven")
    }

    /// Working time such as `30m`, `4h` or `2d`, in seconds; at most 1000 working days.
    pub fn work(&self, text: &str) -> Result<i64, String> {
        let wrong = || format!("must be a time such as \"30m\", \"4h\" or \"2d\", not {text:?}");
        let unit = match text.chars().next_back() {
            Some('m') => 60,
            Some('h') => 3600,
            Some('d') => self.day_secs(),
            _ => return Err(wrong()),
        };
        let digits = &text[..text.len() - 1];
        let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        let count: i64 = digits.parse().ok().filter(|n| plain && *n > 0).ok_or_else(wrong)?;
        let secs = count.checked_mul(unit).filter(|s| *s <= DAYS_MAX * self.day_secs());
        secs.ok_or_else(|| format!("must be at most {DAYS_MAX} working days, not {text:?}"))
    }

    /// The instant at which `work` seconds of working time are over, counted from `start`; seconds since
    /// 1970. Each second of it lies within the hours; of no work it is `start` itself.
    pub fn after(&self, start: i64, work: i64) -> i64 {
        let (mut at, mut left) = (start, work);
        while left > 0 {
            // A stretch in which civil time runs with the clock.
            let offset = self.offset(at);
            let change = self.next_change(at);
            while at < change && left > 0 {
                let (day, second) = ((at + offset).div_euclid(DAY), (at + offset).rem_euclid(DAY));
                let span = self.days[weekday(day)].iter().find(|(_, to)| *to > second);
                let Some((from, to)) = span else {
                    at = ((day + 1) * DAY - offset).min(change);
                    continue;
                };
                let begin = at + (from - second).max(0);
                let end = (at + to - second).min(change);
                if begin >= end {
                    break;
                }
                let taken = left.min(end - begin);
                (at, left) = (begin + taken, left - taken);
            }
            if left > 0 {
                at = change;
            }
            if Timestamp::from_second(at).is_err() {
                return at;
            }
        }
        at
    }

    /// The latest start of a day's hours that is not after `now`.
    pub fn last_start(&self, now: i64) -> i64 {
        let today = self.date(now);
        // The widest gap between two working days is a week.
        let starts =
            (0..=8).filter_map(|back| self.start_of(today.checked_sub(jiff::Span::new().days(back)).ok()?));
        starts.into_iter().find(|at| *at <= now).unwrap_or(now)
    }

    /// The next start of a day's hours after `now`.
    pub fn next_start(&self, now: i64) -> i64 {
        let today = self.date(now);
        let starts =
            (0..=8).filter_map(|ahead| self.start_of(today.checked_add(jiff::Span::new().days(ahead)).ok()?));
        starts.into_iter().find(|at| *at > now).unwrap_or(now + 7 * DAY)
    }

    fn start_of(&self, day: Date) -> Option<i64> {
        let at = usize::try_from(day.weekday().to_monday_zero_offset()).ok()?;
        let (from, _) = self.days[at].first()?;
        let midnight = day.at(0, 0, 0, 0);
        let civil = midnight.checked_add(jiff::Span::new().seconds(*from)).ok()?;
        Some(civil.to_zoned(self.zone.clone()).ok()?.timestamp().as_second())
    }

    fn date(&self, at: i64) -> Date {
        Timestamp::from_second(at).map_or(date(1970, 1, 1), |t| self.zone.to_datetime(t).date())
    }

    fn offset(&self, at: i64) -> i64 {
        Timestamp::from_second(at).map_or(0, |t| i64::from(self.zone.to_offset(t).seconds()))
    }

    /// When the zone next changes its offset from UTC.
    fn next_change(&self, at: i64) -> i64 {
        let next = Timestamp::from_second(at).ok().and_then(|t| self.zone.following(t).next());
        next.map_or(i64::MAX, |t| t.timestamp().as_second())
    }
}

/// 1 January 1970 was a Thursday.
fn weekday(day: i64) -> usize {
    usize::try_from((day + 3).rem_euclid(7)).expect("below seven")
}

fn form(text: &str) -> String {
    format!("must be days and hours such as \"Mon-Fri 09:00-17:00\", not {text:?}")
}

/// `Mon` or `Mon-Fri`; `Sat-Mon` goes over Sunday.
fn days_of(text: &str) -> Result<Vec<usize>, String> {
    let day = |name: &str| NAMES.iter().position(|n| *n == name).ok_or_else(|| form(text));
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    let (from, to) = (day(from)?, day(to)?);
    Ok((0..=(to + 7 - from) % 7).map(|n| (from + n) % 7).collect())
}

/// `09:00-17:00`; the end may be 24:00.
fn span(text: &str) -> Result<(i64, i64), String> {
    let read = || {
        let (from, to) = text.split_once('-')?;
        Some((time(from.trim())?, time(to.trim())?))
    };
    match read() {
        Some((from, to)) if from < to => Ok((from, to)),
        Some(_) => Err(format!("must have each span end after it begins, within one day, not {text:?}")),
        None => Err(form(text)),
    }
}

/// Seconds since midnight.
fn time(text: &str) -> Option<i64> {
    let (h, m) = text.split_once(':')?;
    let two = |t: &str| {
        (t.len() <= 2 && !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit()))
            .then(|| t.parse::<i64>().ok())?
    };
    let (h, m) = (two(h)?, two(m)?);
    (m < 60 && h * 60 + m <= 1_440).then_some((h * 60 + m) * 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Clocks go forward on the last Sunday of March at 2:00, back on the last Sunday of October at 3:00.
    fn central() -> TimeZone {
        TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a rule")
    }

    fn week(text: &str, zone: TimeZone) -> Week {
        Week::parse(text, zone).expect(text)
    }

    fn at(text: &str, zone: &TimeZone) -> i64 {
        let civil: jiff::civil::DateTime = text.parse().expect(text);
        civil.to_zoned(zone.clone()).expect("a time").timestamp().as_second()
    }

    fn shown(at: i64, zone: &TimeZone) -> String {
        let at = Timestamp::from_second(at).expect("a time");
        at.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M%:z").to_string()
    }

    #[test]
    fn nights_weekends_and_short_fridays() {
        let zone = TimeZone::UTC;
        let plain = "Mon-Fri 09:00-17:00";
        let short = "Mon-Thu 08:00-17:00, Fri 08:00-14:00";
        let lunch = "Mon-Fri 09:00-12:00, Mon-Fri 13:00-17:00";
        // 27 November 2026 is a Friday.
        for (hours, start, work, end) in [
            (plain, "2026-11-27T16:00", "2h", "2026-11-30T10:00"),
            (plain, "2026-11-27T17:00", "1m", "2026-11-30T09:01"),
            (plain, "2026-11-27T03:00", "8h", "2026-11-27T17:00"),
            (plain, "2026-11-28T12:00", "1d", "2026-11-30T17:00"),
            (plain, "2026-11-26T10:00", "2d", "2026-11-30T10:00"),
            (short, "2026-11-27T13:30", "1h", "2026-11-30T08:30"),
            (lunch, "2026-11-27T11:30", "1h", "2026-11-27T13:30"),
            ("Sat-Sun 00:00-24:00", "2026-11-27T11:30", "25h", "2026-11-29T01:00"),
            ("Mon,Wed 10:00-11:00", "2026-11-27T11:30", "2h", "2026-12-02T11:00"),
        ] {
            let week = week(hours, zone.clone());
            let got = week.after(at(start, &zone), week.work(work).expect(work));
            assert_eq!(shown(got, &zone), format!("{end}+00:00"), "{hours} {start} {work}");
        }
        assert_eq!(week(short, zone.clone()).day_secs(), (4 * 9 + 6) * 3600 / 5);
        assert_eq!(Week::always(zone).work("1d"), Ok(DAY));
    }

    #[test]
    fn office_hours_over_a_change_of_daylight_saving() {
        let zone = central();
        let office = week("Mon-Fri 09:00-17:00", zone.clone());
        // Friday to Monday: four working hours stay four, whatever the clocks do on Sunday.
        let spring = office.after(at("2026-03-27T15:00", &zone), 4 * 3600);
        assert_eq!(shown(spring, &zone), "2026-03-30T11:00+02:00");
        assert_eq!(
            spring - at("2026-03-27T15:00", &zone),
            (68 - 1) * 3600,
            "an hour of the clock is missing"
        );
        let autumn = office.after(at("2026-10-23T15:00", &zone), 4 * 3600);
        assert_eq!(shown(autumn, &zone), "2026-10-26T11:00+01:00");
        assert_eq!(autumn - at("2026-10-23T15:00", &zone), (68 + 1) * 3600, "and one comes twice");
        // A change within the hours: the night has five hours, or seven.
        let night = week("Sun 00:00-06:00", zone.clone());
        assert_eq!(
            shown(night.after(at("2026-03-28T12:00", &zone), 5 * 3600), &zone),
            "2026-03-29T06:00+02:00"
        );
        assert_eq!(
            shown(night.after(at("2026-10-24T12:00", &zone), 7 * 3600), &zone),
            "2026-10-25T06:00+01:00"
        );
        // Hours that begin and end in the gap are not there; those in the fold are there twice.
        let gap = week("Sun 02:00-03:00", zone.clone());
        assert_eq!(shown(gap.after(at("2026-03-28T12:00", &zone), 3600), &zone), "2026-04-05T03:00+02:00");
        let part = week("Sun 01:30-02:30", zone.clone());
        assert_eq!(shown(part.after(at("2026-03-28T12:00", &zone), 3600), &zone), "2026-04-05T02:00+02:00");
        assert_eq!(shown(part.after(at("2026-10-24T12:00", &zone), 5400), &zone), "2026-10-25T02:30+01:00");
    }

    /// A small generator: the cases are many, and the same in every run.
    fn numbers(mut state: u64) -> impl FnMut(i64) -> i64 {
        move |below| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            i64::try_from((state >> 33) % u64::try_from(below).expect("positive")).expect("small")
        }
    }

    fn is_open(week: &Week, zone: &TimeZone, at: i64) -> bool {
        let civil = zone.to_datetime(Timestamp::from_second(at).expect("a time"));
        let day = usize::try_from(civil.date().weekday().to_monday_zero_offset()).expect("below seven");
        let second =
            i64::from(civil.hour()) * 3600 + i64::from(civil.minute()) * 60 + i64::from(civil.second());
        week.days[day].iter().any(|(from, to)| (*from..*to).contains(&second))
    }

    #[test]
    fn working_time_is_monotone_additive_and_never_outside_of_hours() {
        let mut next = numbers(7);
        let hours = [
            "Mon-Fri 09:00-17:00",
            "Mon-Thu 08:00-17:00, Fri 08:00-14:00",
            "Sat-Mon 01:15-02:45, Wed 23:00-24:00",
            "Sun 02:00-03:00",
            "Mon-Sun 00:00-24:00",
        ];
        let zones = [
            central(),
            TimeZone::UTC,
            TimeZone::posix("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0").expect("half an hour"),
        ];
        for zone in &zones {
            for hours in hours {
                let week = week(hours, zone.clone());
                for _ in 0..60 {
                    // Most of them around the changes of 2026.
                    let near = [1_774_746_000, 1_792_890_000, 1_790_985_600]
                        [usize::try_from(next(3)).expect("below three")];
                    let start = near + next(6 * DAY) - 4 * DAY;
                    let (a, b) = (1 + next(40_000), 1 + next(40_000));
                    let (first, both) = (week.after(start, a), week.after(start, a + b));
                    assert!(first >= start + a && both > first, "{hours}");
                    assert_eq!(week.after(first, b), both, "{hours} {start} {a} {b}");
                    assert!(
                        week.after(start + 60, a) >= first,
                        "a later start ends no earlier: {hours} {start} {a}"
                    );
                    assert!(is_open(&week, zone, first - 1), "{hours}: {}", shown(first, zone));
                    // As many seconds within the hours as were asked for, counted one minute at a time.
                    let minutes = (start..first).step_by(60).filter(|t| is_open(&week, zone, *t)).count();
                    let counted = i64::try_from(minutes).expect("small") * 60;
                    assert!((counted - a).abs() <= 120 * 8, "{hours} {start} {a}: {counted}");
                }
            }
        }
    }

    #[test]
    fn starts_of_working_days() {
        let zone = central();
        let office = week("Mon-Fri 09:00-17:00", zone.clone());
        for (now, last, next) in [
            ("2026-03-27T08:59", "2026-03-26T09:00+01:00", "2026-03-27T09:00+01:00"),
            ("2026-03-27T09:00", "2026-03-27T09:00+01:00", "2026-03-30T09:00+02:00"),
            ("2026-03-29T23:00", "2026-03-27T09:00+01:00", "2026-03-30T09:00+02:00"),
        ] {
            let now = at(now, &zone);
            assert_eq!(shown(office.last_start(now), &zone), last);
            assert_eq!(shown(office.next_start(now), &zone), next);
        }
        let one = week("Wed 10:00-11:00", zone.clone());
        assert_eq!(shown(one.last_start(at("2026-11-25T09:59", &zone)), &zone), "2026-11-18T10:00+01:00");
    }

    #[test]
    fn bad_hours_say_what_is_wrong() {
        for (text, words) in [
            ("", "must be days and hours"),
            ("9-5", "must be days and hours"),
            ("Mon-Fri", "must be days and hours"),
            ("Mo-Fr 09:00-17:00", "must be days and hours"),
            ("Mon 09:00-25:00", "must be days and hours"),
            ("Mon 9-17", "must be days and hours"),
            ("Mon 17:00-09:00", "end after it begins"),
            ("Mon 09:00-12:00, Mon 11:00-13:00", "overlap"),
            ("Mon 09:00-12:00,", "must be days and hours"),
        ] {
            let error = Week::parse(text, TimeZone::UTC).expect_err(text);
            assert!(error.contains(words), "{text}: {error}");
        }
        let week = Week::always(TimeZone::UTC);
        for text in ["", "h", "4", "0h", "-1h", "+1h", "4 h", "1.5h", "1001d", "99999999999999999999h", "4ü"]
        {
            assert!(week.work(text).is_err(), "{text}");
        }
        assert_eq!(week.work("90m"), Ok(5400));
    }
}
