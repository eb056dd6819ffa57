//! An invitation as a few readable lines (RFC 5545 §3.1: folded lines, parameters, escaped text). Nothing of
//! it is acted on.

const SHOWN: [(&str, &str); 7] = [
    ("SUMMARY", "Summary"),
    ("DTSTART", "Start"),
    ("DTEND", "End"),
    ("LOCATION", "Place"),
    ("ORGANIZER", "Organizer"),
    ("STATUS", "Status"),
    ("DESCRIPTION", "Description"),
];

/// The lines of all events, in the order in which they stand.
pub(super) fn to_text(calendar: &str) -> String {
    let unfolded = calendar.replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "");
    let mut out = String::new();
    // A time zone holds a DTSTART of its own.
    let mut in_zone = false;
    for line in unfolded.lines() {
        let Some((head, value)) = split(line) else { continue };
        let name = head.split(';').next().unwrap_or("").to_ascii_uppercase();
        match name.as_str() {
            "BEGIN" | "END" if value.trim().eq_ignore_ascii_case("VTIMEZONE") => in_zone = name == "BEGIN",
            _ => {}
        }
        if let Some((_, label)) = SHOWN.iter().find(|(n, _)| *n == name && !in_zone) {
            let value = if name.starts_with("DT") { time(value.trim()) } else { unescape(value) };
            out.push_str(&format!(
                "{label}: {}\n",
                value.trim_start_matches("mailto:").trim_start_matches("MAILTO:")
            ));
        }
    }
    out
}

/// Name and value part at the first colon outside of quotes.
fn split(line: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    let at = line.bytes().position(|b| {
        quoted ^= b == b'"';
        b == b':' && !quoted
    })?;
    Some((&line[..at], &line[at + 1..]))
}

/// `20261123T090000Z` -> `2026-11-23 09:00 UTC`; what is no such time stays.
fn time(value: &str) -> String {
    let (date, clock) = value.split_once('T').unwrap_or((value, ""));
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    let zone = if clock.ends_with('Z') { " UTC" } else { "" };
    let clock = clock.trim_end_matches('Z');
    if date.len() != 8 || !digits(date) || !digits(clock) || !(clock.is_empty() || clock.len() == 6) {
        return value.to_owned();
    }
    let day = format!("{}-{}-{}", &date[..4], &date[4..6], &date[6..]);
    if clock.is_empty() { day } else { format!("{day} {}:{}{zone}", &clock[..2], &clock[2..4]) }
}

/// RFC 5545 §3.3.11.
fn unescape(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n' | 'N') => out.push('\n'),
                Some(c) => out.push(c),
                None => {}
            },
            c => out.push(c),
        }
    }
    out
}
