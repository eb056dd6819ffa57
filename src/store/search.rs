//! Full-text search over what people wrote (FTS5; SQLite's own, so it stands apart).

use super::Result;
use super::list::{TicketRow, ticket};
use rusqlite::Connection;

/// At most so many terms of so many characters (T88).
const TERMS_MAX: usize = 10;
const TERM_CHARS_MAX: usize = 64;

/// Tickets in which every word stands, best first. A word that ends with `*` finds what begins so.
pub fn search(c: &Connection, words: &str) -> Result<Vec<TicketRow>> {
    Ok(numbers(c, words, 500)?
        .into_iter()
        .map(|n| ticket(c, n))
        .collect::<Result<Vec<_>>>()?
        .into_iter()
        .flatten()
        .collect())
}

/// The numbers of those tickets.
pub fn numbers(c: &Connection, words: &str, most: usize) -> Result<Vec<i64>> {
    let Some(query) = query(words) else { return Ok(Vec::new()) };
    let mut s = c.prepare_cached(
        "select m.ticket, min(w.rank) as best from words w join message m on m.id = w.rowid where words match ? group by m.ticket order by best limit ?",
    )?;
    let rows = s.query_map((query, i64::try_from(most).unwrap_or(i64::MAX)), |r| r.get(0))?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
}

/// Every term quoted, so that nothing of it is syntax.
fn query(words: &str) -> Option<String> {
    let clean: String = words.chars().map(|ch| if ch.is_control() { ' ' } else { ch }).collect();
    let terms: Vec<String> = clean
        .split_whitespace()
        .filter(|t| t.chars().any(char::is_alphanumeric))
        .take(TERMS_MAX)
        .map(|t| {
            let short: String = t.chars().take(TERM_CHARS_MAX).collect();
            let (bare, star) = short.strip_suffix('*').map_or((short.as_str(), ""), |b| (b, "*"));
            format!("\"{}\"{star}", bare.replace('"', "\"\""))
        })
        .collect();
    (!terms.is_empty()).then(|| terms.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t88_nothing_is_syntax() {
        let cases = [
            ("fire", Some("\"fire\"")),
            ("pri*", Some("\"pri\"*")),
            ("a-b NEAR(", Some("\"a-b\" \"NEAR(\"")),
            ("\"", None),
            ("*", None),
        ];
        for (words, expected) in cases {
            assert_eq!(query(words).as_deref(), expected, "{words}");
        }
    }
}
