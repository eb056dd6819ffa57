//! The encodings of a letter: RFC 2047 words, quoted-printable and base64, RFC 2231 names, dates. All output
//! is ASCII.

use std::fmt::Write as _;

use data_encoding::BASE64;

/// The column that a line is to end at (RFC 2047 §2 says 76 for lines with encoded words).
const COLUMN: usize = 76;

/// An unstructured value after `field: `. Raw and folded where that decodes to the same line again, else RFC
/// 2047 words. `longest`: a longer run without a space is encoded, since it could not be folded.
pub(super) fn words(field: &str, text: &str, longest: usize) -> String {
    let plain = text.bytes().all(|b| (0x20..=0x7e).contains(&b))
        && !text.contains("=?")
        && text.split(' ').all(|run| (1..=longest).contains(&run.len()) || text.is_empty());
    if plain { fold(field, text) } else { encoded(field, text) }
}

/// A display name (RFC 5322 §3.2.5): atoms as they stand, else a quoted string, else encoded words.
pub(super) fn phrase(field: &str, name: &str) -> String {
    let atom = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~ ".contains(&b);
    if name.is_empty() || (name.bytes().all(atom) && !name.contains("=?") && name.len() <= 60) {
        return name.to_owned();
    }
    if name.bytes().all(|b| (0x20..=0x7e).contains(&b)) && !name.contains("=?") && name.len() <= 60 {
        return format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""));
    }
    // RFC 2047 §5 (3): in a phrase only letters, digits and `!*+-/=_` stand raw in Q words; ours are always
    // that strict.
    encoded(field, name)
}

/// Folds at single spaces; the value must not hold two in a row.
pub(super) fn fold(field: &str, value: &str) -> String {
    let mut out = String::with_capacity(value.len() + 16);
    let mut column = field.len() + 2;
    for (number, run) in value.split(' ').enumerate() {
        // A run that itself was folded counts from its last line.
        let width = run.rsplit("\r\n").next().map_or(0, str::len);
        if number > 0 {
            let long = column + 1 + run.len() > COLUMN;
            out.push_str(if long && !run.is_empty() { "\r\n " } else { " " });
            column = if long { 1 } else { column + 1 };
        }
        out.push_str(run);
        column = if run.contains("\r\n") { width } else { column + run.len() };
    }
    out
}

/// RFC 2047 §2 and §5: UTF-8 words of at most 75 octets, no character split, Q or B, whichever is shorter.
fn encoded(field: &str, text: &str) -> String {
    let quoted: usize = text.chars().map(q_len).sum();
    let with_q = quoted <= text.len().div_ceil(3) * 4;
    let mut out = String::new();
    // The first word shares its line with the name of the field.
    let mut room = (COLUMN.saturating_sub(field.len() + 2 + 12)).clamp(12, 60);
    let mut chunk = String::new();
    let size = |chunk: &str| {
        if with_q { chunk.chars().map(q_len).sum() } else { chunk.len().div_ceil(3) * 4 }
    };
    for c in text.chars() {
        chunk.push(c);
        if size(&chunk) > room {
            chunk.pop();
            push_word(&mut out, &chunk, with_q);
            chunk = String::from(c);
            room = 60;
        }
    }
    push_word(&mut out, &chunk, with_q);
    out
}

fn push_word(out: &mut String, chunk: &str, with_q: bool) {
    if chunk.is_empty() {
        return;
    }
    if !out.is_empty() {
        out.push_str("\r\n ");
    }
    if !with_q {
        let _ = write!(out, "=?UTF-8?B?{}?=", BASE64.encode(chunk.as_bytes()));
        return;
    }
    out.push_str("=?UTF-8?Q?");
    for byte in chunk.bytes() {
        match byte {
            b' ' => out.push('_'),
            b if q_plain(b) => out.push(char::from(b)),
            b => {
                let _ = write!(out, "={b:02X}");
            }
        }
    }
    out.push_str("?=");
}

fn q_plain(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"!*+-/".contains(&b)
}

fn q_len(c: char) -> usize {
    if c == ' ' || (c.is_ascii() && q_plain(c as u8)) { 1 } else { c.len_utf8() * 3 }
}

/// A text body and its Content-Transfer-Encoding; whichever of quoted-printable and base64 is shorter.
pub(super) fn body(text: &str) -> (&'static str, String) {
    let mut text = text.replace("\r\n", "\n").replace('\r', "\n");
    if !text.ends_with('\n') {
        text.push('\n');
    }
    let quoted = quoted_printable(&text);
    // A short text stays readable even where base64 would save a few bytes.
    if quoted.len() <= text.len().div_ceil(3) * 4 + 60 {
        return ("quoted-printable", quoted);
    }
    ("base64", base64_lines(text.replace('\n', "\r\n").as_bytes()))
}

/// RFC 2045 §6.7, lines of at most 76. A leading dot and `From ` are encoded too, so that no relay changes
/// them (T42).
fn quoted_printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
        let mut column = 0;
        let bytes = line.as_bytes();
        for (at, &byte) in bytes.iter().enumerate() {
            let last = at + 1 == bytes.len();
            let raw = match byte {
                b' ' | b'\t' => !last,
                b'.' => column != 0,
                b'F' => column != 0 || !bytes[at..].starts_with(b"From "),
                b'-' => column != 0 || !bytes[at..].starts_with(b"--"),
                b'=' => false,
                b => (0x21..=0x7e).contains(&b),
            };
            let width = if raw { 1 } else { 3 };
            // Room for the soft break's `=`; a dot that a break would bring to the front of a line is
            // encoded.
            if column + width > COLUMN - 1 && !(last && column + width <= COLUMN) {
                out.push_str("=\r\n");
                column = 0;
            }
            if raw && !(column == 0 && byte == b'.') {
                out.push(char::from(byte));
                column += 1;
            } else {
                let _ = write!(out, "={byte:02X}");
                column += 3;
            }
        }
        out.push_str("\r\n");
    }
    out
}

/// Base64 in lines of 76 (RFC 2045 §6.8).
pub(super) fn base64_lines(data: &[u8]) -> String {
    let mut out = String::with_capacity(data.len() / 57 * 78 + 80);
    for chunk in data.chunks(57) {
        BASE64.encode_append(chunk, &mut out);
        out.push_str("\r\n");
    }
    out
}

/// The filename parameters: ASCII for all, RFC 2231 §4 beside it where the name is not ASCII (RFC 6266
/// appendix D).
pub(super) fn file_name(name: &str) -> String {
    let mut name = name;
    while name.len() > 150 {
        name = &name[..name.char_indices().next_back().map_or(0, |(at, _)| at)];
    }
    if name.is_empty() {
        return String::new();
    }
    let plain: String = name
        .chars()
        .map(|c| if (' '..='~').contains(&c) && c != '"' && c != '\\' { c } else { '_' })
        .collect();
    let mut out = format!(";\r\n filename=\"{plain}\"");
    if !name.is_ascii() {
        out.push_str(";\r\n filename*=UTF-8''");
        for byte in name.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                out.push(char::from(byte));
            } else {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

/// RFC 2045 §5.1: type and subtype are tokens; parameters are not passed on. message/* and multipart/* may
/// not be base64 (RFC 2046 §5.1, §5.2), so they travel as plain bytes.
pub(super) fn media_type(text: &str) -> String {
    let token = |t: &str| {
        (1..=60).contains(&t.len())
            && t.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
    };
    let lower = text.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    match lower.split_once('/') {
        Some((kind, sub)) if token(kind) && token(sub) && !["message", "multipart"].contains(&kind) => lower,
        _ => "application/octet-stream".to_owned(),
    }
}

/// RFC 5322 §3.3, in UTC. The calendar is the proleptic Gregorian one; years outside 1970 to 9999 are
/// clamped.
pub(super) fn civil(seconds: i64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let seconds = seconds.clamp(0, 253_402_300_799);
    let (days, time) = (seconds / 86_400, seconds % 86_400);
    // Years counted from 1 March of year 0, in eras of 400 years, make leap days fall to the end of a year.
    let z = days + 719_468;
    let (era, day_of_era) = (z / 146_097, z % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let name = |list: &[&'static str], at: i64| {
        usize::try_from(at).ok().and_then(|at| list.get(at).copied()).unwrap_or("")
    };
    format!(
        "{}, {day:02} {} {year:04} {:02}:{:02}:{:02} +0000",
        name(&DAYS, days % 7),
        name(&MONTHS, month - 1),
        time / 3600,
        time / 60 % 60,
        time % 60
    )
}
