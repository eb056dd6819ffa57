//! Of quotations, a customer gets only what its reader wrote or was sent (T72). Words are compared by letters
//! and digits alone, since every client wraps and marks quoted lines in its own way.

use crate::desk::letter::{notification, result};
use crate::desk::model::bounds::QUOTES_SEARCHED_BYTES_MAX;
use crate::desk::model::{ForeignWords, LetterKind, Person, Snapshot, TicketFacts};
use std::collections::{BTreeMap, BTreeSet};

/// Does a text quote at all?
pub fn quotes(text: &str) -> bool {
    text.lines().any(is_quoted)
}

fn is_quoted(line: &str) -> bool {
    line.trim_start().starts_with('>')
}

/// Why these words may not go to all of `readers`; `None`: they may. `signature`: what was cut off below
/// them.
pub fn why_not_theirs(
    known: &Snapshot,
    facts: &TicketFacts,
    readers: &[Person],
    words: &str,
    signature: &str,
) -> Option<ForeignWords> {
    // A quotation that is not recognised as one ends in the last line of what was answered.
    let all = letters_and_digits(words) + &letters_and_digits(signature);
    if [notification::HELP_LINE, result::STAFF_LINE]
        .iter()
        .any(|line| all.contains(&letters_and_digits(line)))
    {
        return Some(ForeignWords::WholeLetter);
    }
    let mut once = BTreeSet::new();
    let quoted = words.lines().filter(|line| is_quoted(line)).map(letters_and_digits);
    let quoted: Vec<String> = quoted.filter(|line| once.insert(line.clone())).collect();
    if quoted.is_empty() {
        return None;
    }
    let said = known.said.iter().map(|(id, text)| (*id, letters_and_digits(text))).collect();
    let mut search = Search { room: QUOTES_SEARCHED_BYTES_MAX, place: None };
    let foreign = readers.iter().find(|reader| {
        let had = words_that_reached(&said, facts, reader.id);
        search.place = None;
        !quoted.iter().all(|line| search.finds(&had, line))
    });
    foreign.map(|reader| ForeignWords::Quoted(reader.address.clone()))
}

/// Looks for quoted lines in what their reader had. A quotation mostly goes on where its line before ended,
/// which costs no search; all searches together look at so many octets, and what is beyond is not found.
struct Search {
    /// Octets that may still be looked at.
    room: usize,
    /// The text in which the line before was found, and where it ended there.
    place: Option<(usize, usize)>,
}

impl Search {
    fn finds(&mut self, had: &[&str], line: &str) -> bool {
        if let Some((number, end)) = self.place
            && had[number][end..].starts_with(line)
        {
            self.place = Some((number, end + line.len()));
            return true;
        }
        for (number, text) in had.iter().enumerate() {
            if text.len() > self.room {
                return false;
            }
            let found = text.find(line);
            self.room -= found.map_or(text.len(), |at| at + line.len());
            if let Some(at) = found {
                self.place = Some((number, at + line.len()));
                return true;
            }
        }
        false
    }
}

/// Everything in this ticket that a person wrote, or was sent as an answer.
fn words_that_reached<'a>(said: &'a BTreeMap<i64, String>, facts: &TicketFacts, person: i64) -> Vec<&'a str> {
    let wrote = facts.messages.iter().filter(|m| m.author == Some(person)).map(|m| m.id);
    let sent = facts
        .letters
        .iter()
        .filter(|l| l.kind == LetterKind::Answer && l.person == person)
        .filter_map(|l| l.message);
    let mut all: Vec<i64> = wrote.chain(sent).collect();
    all.sort_unstable();
    all.dedup();
    all.iter().filter_map(|id| said.get(id)).map(String::as_str).collect()
}

/// Letters and digits, in lower case.
fn letters_and_digits(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests;
