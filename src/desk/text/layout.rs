//! Our words as people read them: wrapped for the text part, as quiet HTML, quoted, cut short.

use crate::desk::rules::Rules;

/// Columns of our own sentences in a text part; RFC 5322 §2.1.1 asks for 78, two of which a quotation takes.
const COLUMNS: usize = 76;

/// Our own sentences, wrapped for the text part. What others wrote (`>`), commands and what is indented stay
/// as they are.
pub fn wrapped(text: &str) -> String {
    let keep = |line: &str| line.starts_with(['>', '#', ' ']) || line.chars().count() <= COLUMNS;
    let lines =
        text.split('\n').map(|line| if keep(line) { line.to_owned() } else { fill(line, COLUMNS, 0) });
    lines.collect::<Vec<_>>().join("\n")
}

/// The words of a text in lines of at most so many columns, each with an indent; the last line has no end.
pub fn fill(text: &str, columns: usize, indent: usize) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut width = columns;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if width + 1 + length > columns {
            out.push_str(&format!("{}{}{word}", if out.is_empty() { "" } else { "\n" }, " ".repeat(indent)));
            width = indent + length;
        } else {
            out.push_str(&format!(" {word}"));
            width += 1 + length;
        }
    }
    out
}

/// A quiet HTML body from the same words: reads well on a phone, loads nothing, and holds no link but to our
/// own pages. Colours are left to the reader, who may have a dark screen.
pub fn to_html(rules: &Rules, text: &str) -> String {
    let below = text.rfind("\n-- \n").map_or(text.len(), |at| at + 1);
    let body = paragraphs(rules, &text[..below], "")
        + &paragraphs(rules, &text[below..], ";font-size:.9em;opacity:.75");
    format!(
        "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\">\
         <meta name=\"color-scheme\" content=\"light dark\"></head>\n\
         <body style=\"font:16px/1.5 \
         system-ui,sans-serif;max-width:40em;margin:1em;overflow-wrap:anywhere\">\n{body}</body></html>\n"
    )
}

/// `dir="auto"`: each paragraph runs as its first letter does, so that Arabic and Hebrew stand right.
fn paragraphs(rules: &Rules, text: &str, style: &str) -> String {
    let mut out = String::new();
    for paragraph in text.split("\n\n").map(|p| p.trim_matches('\n')).filter(|p| !p.trim().is_empty()) {
        let quoted = paragraph.lines().all(|l| l.starts_with('>'));
        let mark = if quoted { ";padding-left:.8em;border-left:3px solid #888;opacity:.8" } else { "" };
        let lines: Vec<String> = paragraph
            .lines()
            .map(|l| {
                line_to_html(
                    rules,
                    if quoted { l.trim_start_matches('>').strip_prefix(' ').unwrap_or_default() } else { l },
                )
            })
            .collect();
        out.push_str(&format!(
            "<p dir=\"auto\" style=\"margin:0 0 1em{style}{mark}\">{}</p>\n",
            lines.join("<br>\n")
        ));
    }
    out
}

/// One line: escaped; an address of our own web pages alone on it becomes a link; spaces that HTML would
/// swallow stay.
fn line_to_html(rules: &Rules, line: &str) -> String {
    let plain = escape(line);
    let ours =
        line.trim().starts_with(&format!("{}/", rules.url)) && !line.trim().contains(char::is_whitespace);
    if ours {
        return format!("<a href=\"{0}\">{0}</a>", plain.trim());
    }
    let words = plain.replace('\t', "    ");
    let bare = words.trim_start_matches(' ');
    let indent = "&nbsp;".repeat(words.len() - bare.len());
    format!("{indent}{}", bare.replace("  ", " &nbsp;"))
}

/// The first characters of a subject, and a mark where it goes on.
pub fn shortened(text: &str, chars_max: usize) -> String {
    let head: String = text.chars().take(chars_max).collect();
    if head.len() < text.len() { format!("{}\u{2026}", head.trim_end()) } else { head }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Lines of a quotation.
pub fn quoted(text: &str) -> String {
    text.lines().map(|l| format!("> {l}").trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}
