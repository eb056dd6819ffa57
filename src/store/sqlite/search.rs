//! Full-text search over what people wrote (FTS5; SQLite's own, so it stands apart).

use super::budget::Budget;
use crate::desk::model::Bounds;
use crate::desk::model::search::{Hits, star_is_early};
use crate::store::error::Result;
use crate::store::sql;
use rusqlite::{Connection, ErrorCode};
use std::collections::HashSet;

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

/// Tickets in which every word stands, by their numbers, at most so many, that with the newest such message
/// first. A word that ends with `*` finds what begins so. The search ends where it has enough, and where it
/// costs too much: then what it found so far is the answer, and it says that there may be more.
pub fn tickets_with(c: &Connection, bounds: &Bounds, words: &str, most: usize) -> Result<Hits> {
    match query(bounds, words) {
        Some(query) => Ok(look(c, bounds, &query, most)?.0),
        None => Ok(Hits::default()),
    }
}

/// The hits, and the steps of SQLite's machine that they cost.
fn look(c: &Connection, bounds: &Bounds, query: &str, most: usize) -> Result<(Hits, u64)> {
    // In the order of the index: nothing is ranked or sorted, so the first hits cost no more than themselves.
    let text = "select m.ticket from words w join message m on m.id = w.rowid
         where words match ?1 order by w.rowid desc";
    let budget = Budget::begin(bounds.search_first_steps_max);
    let (mut hits, mut seen) = (Hits::default(), HashSet::new());
    let mut statement = c.prepare_cached(text)?;
    let mut rows = statement.query([query])?;
    loop {
        match rows.next() {
            Ok(Some(row)) => {
                // There is a first hit: what comes now is cheap.
                budget.extend_to(bounds.search_steps_max);
                if hits.tickets.len() == most {
                    hits.more = true;
                    break;
                }
                let ticket: i64 = row.get(0)?;
                if seen.insert(ticket) {
                    hits.tickets.push(ticket);
                }
            }
            Ok(None) => break,
            Err(e) if e.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => {
                hits.more = true;
                break;
            }
            Err(e) => return Err(e.into()),
        }
    }
    Ok((hits, budget.steps()))
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
            let star = if short.ends_with('*') && !star_is_early(&short) { "*" } else { "" };
            let bare = short.strip_suffix('*').unwrap_or(&short);
            format!("\"{}\"{star}", bare.replace('"', "\"\""))
        })
        .collect();
    (!terms.is_empty()).then(|| terms.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::transaction::Store;

    #[test]
    fn t88_nothing_is_syntax() {
        let cases = [
            ("fire", Some("\"fire\"")),
            ("pri*", Some("\"pri\"*")),
            ("p*", Some("\"p\"")),
            ("a-b*", Some("\"a-b\"")),
            ("a-b NEAR(", Some("\"a-b\" \"NEAR(\"")),
            ("\"", None),
            ("*", None),
        ];
        for (words, expected) in cases {
            assert_eq!(query(&Bounds::default(), words).as_deref(), expected, "{words}");
        }
    }

    /// A desk with so many messages, each with the words `common`, `also`, and a word of its own.
    fn filled(messages: i64) -> Store {
        let store = Store::in_memory().expect("a store");
        let rows = format!(
            "insert into person (id, address, name, created_at) values (1, 'a@b.example', '', 0);
             insert into ticket (id, subject, status, priority, requester, created_at, updated_at)
               values (1, '', 'open', 'normal', 1, 0, 0), (2, '', 'open', 'normal', 1, 0, 0);
             with recursive n (i) as (select 1 union all select i + 1 from n where i < {messages})
             insert into message (id, ticket, kind, via, author_name, text, quoted, signature, verified,
               created_at) select i, 1 + (i = 1), 'customer', 'email', '', '', '', '', 'none', 0 from n;
             insert into words (rowid, subject, text)
               select id, 'common also', 'word' || id || ' ' || case when id < 40 then 'old' else 'new' end
               from message"
        );
        store.write(|tx| Ok(tx.conn().execute_batch(&rows)?)).expect("rows");
        store
    }

    fn cost(store: &Store, bounds: &Bounds, words: &str, most: usize) -> (Hits, u64) {
        let query = query(bounds, words).expect("words");
        store.read(|c| look(c, bounds, &query, most)).expect("a search")
    }

    #[test]
    fn a_search_stops_early_in_a_large_desk() {
        let (small, large, bounds) = (filled(300), filled(6_000), Bounds::default());
        for words in ["common", "common also", "old common", "word29*"] {
            let (few, many) = (cost(&small, &bounds, words, 1), cost(&large, &bounds, words, 1));
            assert_eq!(many.0.tickets, [1], "{words}");
            assert!(many.1 <= few.1 + 400, "{words}: {} became {}", few.1, many.1);
        }
    }

    #[test]
    fn a_search_that_costs_too_much_says_what_it_found_so_far() {
        let (store, bounds) = (filled(6_000), Bounds::default());
        let whole = cost(&store, &bounds, "common", 10);
        assert_eq!((whole.0.tickets.as_slice(), whole.0.more), ([1, 2].as_slice(), false), "newest first");
        let tight = Bounds { search_steps_max: 1_000, ..bounds.clone() };
        let (hits, steps) = cost(&store, &tight, "common", 10);
        assert_eq!((hits.tickets.as_slice(), hits.more), ([1].as_slice(), true));
        assert!(steps <= 1_500, "{steps}");
        let tight = Bounds { search_first_steps_max: 0, ..bounds };
        let (hits, _) = cost(&store, &tight, "wo*", 10);
        assert_eq!((hits.tickets.as_slice(), hits.more), ([].as_slice(), true), "no hit so far");
        // The connection is as it was.
        let n: i64 = store
            .read(|c| sql::one(c, "select count(*) from message, ticket", [], |r| r.get(0)))
            .expect("a count");
        assert_eq!(n, 12_000);
    }
}
