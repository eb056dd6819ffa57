//! The question in the subject of a mail (INTERFACE, Mail; T108): read before anybody knows who wrote it.

use crate::desk::model::search::star_is_early;
use crate::desk::model::{Query, QuestionFault};
use crate::desk::order::command;
use crate::desk::rules::Rules;
use crate::mail::Line;

/// Characters of a search that are looked for.
const SEARCH_CHARS_MAX: usize = 200;

/// The question in a subject: `None` where it is none, `Err` where it lacks something.
pub fn parse_question(subject: &str, rules: &Rules) -> Option<Result<Query, QuestionFault>> {
    let subject = Line::clean(subject);
    let (word, rest) =
        subject.as_str().trim().split_once(char::is_whitespace).unwrap_or((subject.as_str().trim(), ""));
    let rest = rest.trim();
    match (word.to_ascii_lowercase().as_str(), rest) {
        ("list", "") => Some(Ok(Query::List)),
        ("mine", "") => Some(Ok(Query::Mine)),
        ("help", "") => Some(Ok(Query::Help)),
        ("show", "") => Some(Err(QuestionFault::ShowWhat)),
        // "show me the lamp" is the subject of an ordinary mail.
        ("show", one) if !one.contains(char::is_whitespace) => {
            Some(command::parse_number(one, rules).map(Query::Show).map_err(QuestionFault::Number))
        }
        ("search", "") => Some(Err(QuestionFault::SearchWhat)),
        ("search", words) => Some(search(words)),
        _ => None,
    }
}

/// A search, should its words be such that it can be carried out.
pub fn search(words: &str) -> Result<Query, QuestionFault> {
    match words.split_whitespace().find(|word| star_is_early(word)) {
        Some(word) => Err(QuestionFault::StarEarly(word.to_owned())),
        None => Ok(Query::Search(words.chars().take(SEARCH_CHARS_MAX).collect())),
    }
}
