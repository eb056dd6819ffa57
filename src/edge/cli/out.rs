//! Prints tables for people and JSON for programs. Nothing that stands in a mail can steer a terminal (T91),
//! and a reader that goes away early is no fault.

use super::exit::{Done, Exit, Failure};
use comfy_table::{ContentArrangement, Table};
use std::io::{IsTerminal, Write};

/// A narrower table cannot be read by anybody.
const COLUMNS_MIN: u16 = 40;

/// Controls, escapes and bidi marks steer a terminal; line feeds and tabs do no harm.
fn steers(c: char) -> bool {
    let bidi =
        matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    bidi || (c.is_control() && !matches!(c, '\n' | '\t'))
}

/// A text without what steers a terminal.
pub fn safe(text: &str) -> String {
    text.chars().filter(|c| !steers(*c)).collect()
}

/// JSON in which what steers a terminal is escaped, so that programs read what was there. It can stand in
/// strings alone.
fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match steers(c) {
            true => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            false => out.push(c),
        }
    }
    out
}

/// Prints text; a reader that went away is no fault (`list | head`).
pub fn text(text: &str) -> Done {
    let mut out = std::io::stdout().lock();
    match out.write_all(safe(text).as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(e.into()),
        _ => Ok(Exit::Good),
    }
}

/// Says something on standard error. Where that cannot be written, as on a full disk, nobody hears it, and
/// the program still ends with its own exit code.
pub fn complain(sentence: &str) {
    let _ = writeln!(std::io::stderr(), "maildesk: {}", safe(sentence));
}

/// Prints a line.
pub fn line(line: impl std::fmt::Display) -> Done {
    text(&format!("{line}\n"))
}

/// Prints JSON that people can read, too.
pub fn json(value: &serde_json::Value) -> Done {
    line(escaped(&serde_json::to_string_pretty(value).expect("values print")))
}

/// Prints JSON on one line.
pub fn json_line(value: &serde_json::Value) -> Done {
    line(escaped(&value.to_string()))
}

/// Prints a table that fits the terminal, or the sentence `empty` where it has no row. Elsewhere each row is
/// one line, so that programs can read it, unless COLUMNS says a width.
pub fn table(head: &[&str], rows: Vec<Vec<String>>, empty: &str) -> Done {
    if rows.is_empty() {
        return line(empty);
    }
    let mut t = Table::new();
    t.load_style(comfy_table::presets::NOTHING);
    if let Some(columns) = columns() {
        t.set_content_arrangement(ContentArrangement::Dynamic).set_width(columns);
    }
    t.set_header(head.iter().map(|h| h.to_uppercase()));
    for row in rows {
        t.add_row(row.iter().map(|c| cell(c)));
    }
    for column in t.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let lines: Vec<String> = t.to_string().lines().map(|l| l.trim_end().to_owned()).collect();
    line(lines.join("\n"))
}

fn cell(text: &str) -> String {
    safe(text).replace(['\n', '\t'], " ")
}

/// How wide a table may be.
fn columns() -> Option<u16> {
    let wished = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok()).filter(|c| *c >= COLUMNS_MIN);
    let terminal =
        || terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| width.0.max(COLUMNS_MIN));
    wished.or_else(terminal)
}

/// Asks before something is destroyed; `--yes` answers.
pub fn sure(question: &str, yes: bool) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::new(Exit::Usage, format!("{question} Say so with --yes")));
    }
    let mut err = std::io::stderr();
    let _ = write!(err, "{question} [y/N] ");
    let _ = err.flush();
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    match answer.trim() {
        "y" | "Y" | "yes" => Ok(()),
        _ => Err(Failure::new(Exit::Negative, "nothing was changed")),
    }
}

/// All of standard input as text.
pub fn words() -> Result<String, Failure> {
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// RFC 3339 in UTC.
pub fn time(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map(|t| t.to_string()).unwrap_or_default()
}

/// A time for people: `2026-11-24 09:00`.
pub fn short_time(seconds: i64) -> String {
    time(seconds).get(..16).map(|t| t.replace('T', " ")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t91_nothing_that_stands_in_a_mail_steers_a_terminal() {
        let hostile = "a\u{1b}]0;x\u{7}b\u{9b}31mc\rd\u{0}e\u{7f}f\u{202e}g\u{2066}h\u{61c}i\nj\tk";
        assert_eq!(safe(hostile), "a]0;xb31mcdefghi\nj\tk");
        assert_eq!(cell(hostile), "a]0;xb31mcdefghi j k");
        let value = serde_json::json!({ "subject": hostile });
        for text in [value.to_string(), serde_json::to_string_pretty(&value).expect("it prints")] {
            let printed = escaped(&text);
            assert!(!printed.chars().any(steers), "{printed:?}");
            let read: serde_json::Value = serde_json::from_str(&printed).expect("JSON still");
            assert_eq!(read, value, "programs read what was there");
        }
    }
}
