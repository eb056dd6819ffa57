//! One file per kind of letter (STANDARDS, table H). Here: what they share.

pub mod answer;
pub mod confirmation;
pub mod digest;
pub mod hold;
pub mod link;
pub mod notification;
pub mod result;
pub mod returned;
pub mod summary;

use super::{Rules, TicketFacts};
use crate::mail::MessageId;

/// Ids of letters about this ticket that went to this person, oldest first.
pub fn ids_to(facts: &TicketFacts, person: i64) -> Vec<MessageId> {
    facts.letters.iter().filter(|l| l.person == person).map(|l| l.message_id.clone()).collect()
}

/// The newest message that stood in a letter about this ticket to this person; 0: none did.
pub fn seen_by(facts: &TicketFacts, person: i64) -> i64 {
    facts.letters.iter().filter(|l| l.person == person).filter_map(|l| l.message).max().unwrap_or(0)
}

/// Ids of mails that this person wrote into the ticket, oldest first.
pub fn ids_from(facts: &TicketFacts, person: i64) -> Vec<MessageId> {
    facts.messages.iter().filter(|m| m.author == Some(person)).filter_map(|m| m.message_id.clone()).collect()
}

/// A quiet HTML body from the same words: reads well on a phone, loads nothing, and holds no link but to our own pages.
pub fn html(rules: &Rules, text: &str) -> String {
    let mut body = String::new();
    for paragraph in text.split("\n\n").filter(|p| !p.trim().is_empty()) {
        let quoted = paragraph.lines().all(|l| l.starts_with('>'));
        let style = if quoted { " style=\"margin:0 0 1em;padding-left:.8em;border-left:3px solid #ccc;color:#555\"" } else { "" };
        let lines: Vec<String> =
            paragraph.lines().map(|l| line(rules, if quoted { l.trim_start_matches(['>', ' ']) } else { l })).collect();
        body.push_str(&format!("<p{style}>{}</p>\n", lines.join("<br>\n")));
    }
    format!(
        "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"color-scheme\" content=\"light dark\"></head>\n\
         <body style=\"font:16px/1.5 system-ui,sans-serif;max-width:40em;margin:1em;overflow-wrap:anywhere\">\n{body}</body></html>\n"
    )
}

/// One line: escaped; an address of our own web pages alone on it becomes a link.
fn line(rules: &Rules, line: &str) -> String {
    let plain = escape(line);
    let ours = line.trim().starts_with(&format!("{}/", rules.url)) && !line.trim().contains(char::is_whitespace);
    if ours { format!("<a href=\"{0}\">{0}</a>", plain.trim()) } else { plain }
}

pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Lines of a quotation.
pub fn quoted(text: &str) -> String {
    text.lines().map(|l| format!("> {l}").trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests;
