//! What must not stand in the code of some rooms: SQL of SQLite alone, limits as constants, decisions by
//! sentences, `async`.

use super::faults::Fault;
use super::source::{File, Text};
use super::table;

pub fn check(file: &File, out: &mut Vec<Fault>) {
    let room = table::room(&file.path);
    let mut add = |line: usize, kind: &str, what: &str| out.push(Fault::new(&file.path, line, kind, what));
    let is_sqlite = file.path.starts_with("src/store/sqlite/");
    for text in &file.texts {
        if !is_sqlite {
            for word in foreign_sql(&text.text, room == "store") {
                add(text.line, "sql", &format!("says {word}"));
            }
        }
        // T87: what is put into a statement is a piece of a statement, and never a value.
        if room == "store" && !file.is_test && text.within == "format" && speaks_sql(&text.text) {
            for piece in pieces(&text.text).filter(|p| !table::SQL_PIECES.contains(p)) {
                add(text.line, "sql", &format!("puts {{{piece}}} into a statement"));
            }
        }
        if room != "store" && is_statement(&text.text) {
            add(text.line, "sql", "speaks SQL");
        }
        if matches!(room, "desk" | "store" | "app")
            && !is_sqlite
            && let Some(what) = sentence(text)
        {
            add(text.line, "sentence", &what);
        }
    }
    for (line, word) in &file.words {
        match (room, word.as_str()) {
            ("mail" | "words" | "desk" | "store" | "config" | "app", "async" | "await") => {
                add(*line, "async", &format!("says {word}"));
            }
            ("store", "last_insert_rowid" | "pragma_update" | "pragma_query" | "pragma_query_value")
                if !is_sqlite =>
            {
                add(*line, "sql", &format!("says {word}"));
            }
            _ => {}
        }
    }
    if matches!(room, "store" | "app") {
        for (line, name) in file.constants.iter().filter(|(_, n)| n.ends_with("_SECS")) {
            add(*line, "limit", &format!("has {name}"));
        }
    }
}

/// Words of SQL that not every engine knows (HOUSE §14), in a text of the store or in a statement elsewhere.
fn foreign_sql(text: &str, in_store: bool) -> Vec<&'static str> {
    let lower = text.to_lowercase();
    let mut out = Vec::new();
    if in_store && has_open_parameter(&lower) {
        out.push("? without a number");
    }
    let sql = is_statement(text) || in_store;
    for word in
        ["insert or", "replace into", "rowid", "last_insert_rowid", "strftime", "indexed by", "pragma"]
    {
        if sql && has_word(&lower, word) {
            out.push(word);
        }
    }
    for (call, name) in [("max(", "scalar max"), ("min(", "scalar min")] {
        if sql && lower.match_indices(call).any(|(at, _)| is_scalar(&lower, at, call)) {
            out.push(name);
        }
    }
    out
}

/// A statement, or a piece of one.
fn speaks_sql(text: &str) -> bool {
    let lower = text.to_lowercase();
    is_statement(text)
        || [" order by ", " where ", " and ", " = ?", " = {", " in ("].iter().any(|w| lower.contains(w))
            && !lower.contains(" the ")
}

/// The names between the braces of a format text.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(piece, _)| piece)
}

/// A `?` that stands for a value, and no number behind it.
fn has_open_parameter(text: &str) -> bool {
    text.match_indices('?').any(|(at, _)| {
        let before = text[..at].trim_end().chars().next_back();
        let numbered = text[at + 1..].starts_with(|c: char| c.is_ascii_digit() || c == '{');
        !numbered
            && (before.is_some_and(|c| "=<>(,|+".contains(c)) || ends_with_sql_word(text[..at].trim_end()))
    })
}

fn ends_with_sql_word(text: &str) -> bool {
    [" in", " like", " limit", " values", " is", " offset", " match", " select"]
        .iter()
        .any(|w| text.ends_with(w))
}

fn is_statement(text: &str) -> bool {
    let lower = text.trim_start().to_lowercase();
    let both = |begin: &str, then: &str| lower.starts_with(begin) && has_word(&lower, then);
    both("select ", "from")
        || both("update ", "set")
        || both("with ", "select")
        || ["insert into ", "insert or ", "delete from ", "pragma ", "create table "]
            .iter()
            .any(|b| lower.starts_with(b))
}

fn has_word(text: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        !text[..at].chars().next_back().is_some_and(part)
            && !text[at + word.len()..].chars().next().is_some_and(part)
    })
}

/// `max(a, b)` has a comma between its own brackets; `max(a)` of a group has none.
fn is_scalar(text: &str, at: usize, call: &str) -> bool {
    if text[..at].chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_') {
        return false;
    }
    let mut deep = 0;
    for c in text[at + call.len()..].chars() {
        match c {
            '(' => deep += 1,
            ')' if deep == 0 => return false,
            ')' => deep -= 1,
            ',' if deep == 0 => return true,
            _ => {}
        }
    }
    false
}

/// Something is decided by reading a text that is made for people, or the other way round.
fn sentence(text: &Text) -> Option<String> {
    let letters = text.text.chars().filter(|c| c.is_alphabetic()).count();
    if text.is_compared && letters > 1 {
        return Some(format!("compares with {:?}", text.text));
    }
    if text.text.to_lowercase().contains("reason like") {
        return Some("reads a reason".to_owned());
    }
    // With words around it, it is a quotation for people.
    let inner = text.text.strip_prefix('{').and_then(|t| t.strip_suffix(":?}"));
    let whole = inner.is_some_and(|i| !i.contains(['{', '}']));
    (whole && matches!(text.within.as_str(), "format" | "write"))
        .then(|| format!("makes a text by {}", text.text))
}
