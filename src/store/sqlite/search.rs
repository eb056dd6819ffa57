//! Full-text search over what people wrote (FTS5; SQLite's own, so it stands apart).

use crate::desk::model::Bounds;
use crate::store::error::Result;
use crate::store::sql;
use rusqlite::Connection;

/// Puts the words of a message into the index.
pub fn insert(c: &Connection, message: i64, subject: &str, text: &str) -> Result<()> {
    sql::run(c, "insert into words (rowid, subject, text) values (?1, ?2, ?3)", (message, subject, text))?;
    Ok(())
}

/// Takes the words of a message out of the index.
pub fn remove(c: &Connection, message: i64) -> Result<()> {
    sql::run(c, "delete from words where rowid = ?1", [message])?;
    Ok(())
}

/// Tickets in which every word stands, by their numbers, at most so many, best first. A word that ends with
/// `*` finds what begins so.
pub fn tickets_with(c: &Connection, bounds: &Bounds, words: &str, most: usize) -> Result<Vec<i64>> {
    let Some(query) = query(bounds, words) else { return Ok(Vec::new()) };
    let text = "select m.ticket, min(w.rank) as best from words w join message m on m.id = w.rowid
         where words match ?1 group by m.ticket order by best limit ?2";
    sql::all(c, text, (query, sql::count(most)), |r| r.get(0))
}

/// Every term quoted, so that nothing of it is syntax.
fn query(bounds: &Bounds, words: &str) -> Option<String> {
    let clean: String = words.chars().map(|ch| if ch.is_control() { ' ' } else { ch }).collect();
    let terms: Vec<String> = clean
        .split_whitespace()
        .filter(|t| t.chars().any(char::is_alphanumeric))
        .take(bounds.search_terms_max)
        .map(|t| {
            let short: String = t.chars().take(bounds.search_term_chars_max).collect();
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
            assert_eq!(query(&Bounds::default(), words).as_deref(), expected, "{words}");
        }
    }
}
