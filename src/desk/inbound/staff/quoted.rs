//! Of quotations, a customer gets only what its reader wrote or was sent (T72). Words are compared by letters
//! and digits alone, since every client wraps and marks quoted lines in its own way.

use crate::desk::letter::{notification, result};
use crate::desk::model::{ForeignWords, LetterKind, Person, Snapshot, TicketFacts};

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
    for reader in readers {
        let had = words_that_reached(known, facts, reader.id);
        let unseen =
            |line: &&str| is_quoted(line) && !had.iter().any(|text| text.contains(&letters_and_digits(line)));
        if words.lines().any(|line| unseen(&line)) {
            return Some(ForeignWords::Quoted(reader.address.clone()));
        }
    }
    None
}

/// Everything in this ticket that a person wrote, or was sent as an answer.
fn words_that_reached(known: &Snapshot, facts: &TicketFacts, person: i64) -> Vec<String> {
    let wrote = facts.messages.iter().filter(|m| m.author == Some(person)).map(|m| m.id);
    let sent = facts
        .letters
        .iter()
        .filter(|l| l.kind == LetterKind::Answer && l.person == person)
        .filter_map(|l| l.message);
    wrote.chain(sent).filter_map(|id| known.said.get(&id)).map(|text| letters_and_digits(text)).collect()
}

/// Letters and digits, in lower case.
fn letters_and_digits(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests;
