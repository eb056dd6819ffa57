//! HTML -> text in one pass: no tree, no recursion, nothing remembered but counters (T49).

use std::borrow::Cow;

use mail_parser::decoders::html::add_html_token;

use super::containers::{Container, container, is_cite};
use crate::mail::quote::{HISTORY, SIGNATURE, unmark};

/// Longest tag that is looked at.
const MAX_TAG: usize = 32 * 1024;
/// Deepest quotation that is marked.
const MAX_QUOTE: usize = 20;

#[derive(Default)]
struct Writer {
    out: String,
    /// Line ends owed before the next word.
    breaks: usize,
    space: bool,
    quote: usize,
    /// What each open div is, and how many of them are a signature or Gmail's frame.
    divs: Vec<Container>,
    signatures: usize,
    gmail_frames: usize,
    /// An older mail begins with the next word.
    history: bool,
    /// For each open blockquote, whether a mail client made it for a quotation.
    cites: Vec<bool>,
    /// Depth of the last word: a blank line between two depths belongs to the lower one.
    last_quote: usize,
    pre: usize,
    /// `None` for a bullet list, else the next number.
    lists: Vec<Option<u32>>,
    /// Address of the open link and where its text begins.
    link: Option<(String, usize)>,
    /// A cell of a table begins before the next word.
    cell: bool,
    /// The open table has header cells, so it holds data and is no mere layout.
    data: bool,
}

/// The words of an HTML part: paragraphs, lists, links and quotations (`> `) as a plain text writer would set
/// them.
pub fn to_text(html: &str) -> String {
    match unmark(&to_marked_text(html)) {
        Cow::Borrowed(text) => text.to_owned(),
        Cow::Owned(text) => text,
    }
}

/// The same with the marks that [`crate::mail::quote`] reads: where the HTML says that a signature or an
/// older mail is.
pub(in crate::mail) fn to_marked_text(html: &str) -> String {
    let mut writer = Writer::default();
    // Looked for once: a search that fails at each of 10^5 openings would be quadratic (T49).
    let last_close = html.rfind('>').unwrap_or(0);
    let last_comment = html.rfind("-->").unwrap_or(0);
    let mut at = 0;
    while at < html.len() {
        let rest = &html[at..];
        if rest.starts_with('<') && at < last_close {
            at += markup(&mut writer, rest, at < last_comment);
            continue;
        }
        let first = rest.chars().next().map_or(1, char::len_utf8);
        let end = rest[first..].find('<').map_or(rest.len(), |n| n + first);
        writer.text(&rest[..end]);
        at += end;
    }
    writer.out.trim_matches('\n').to_owned()
}

/// Handles what begins with `<` and returns its length.
fn markup(writer: &mut Writer, rest: &str, comment_ends: bool) -> usize {
    if comment_ends && rest.starts_with("<!--") {
        return rest.find("-->").map_or_else(|| tag_end(rest), |n| n + 3);
    }
    let body = rest[1..].trim_start_matches('/');
    if !body.starts_with(|c: char| c.is_ascii_alphabetic() || c == '!' || c == '?') {
        writer.text("<");
        return 1;
    }
    let length = tag_end(rest);
    let tag = &rest[..length];
    let closing = rest[1..].starts_with('/');
    let name: String = body
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == ':')
        .take(20)
        .collect::<String>()
        .to_ascii_lowercase();
    if !closing && ["script", "style", "title", "template"].contains(&name.as_str()) {
        return length + skip_content(&rest[length..], &name);
    }
    if closing {
        writer.close(&name)
    } else {
        writer.open(&name, tag)
    }
    length
}

/// Up to and with the end tag; all of it where there is none, so that each byte is searched once.
fn skip_content(rest: &str, name: &str) -> usize {
    let mut from = 0;
    while let Some(at) = rest[from..].find("</") {
        let start = from + at + 2;
        let tail = &rest[start..];
        if tail.len() >= name.len()
            && tail.is_char_boundary(name.len())
            && tail[..name.len()].eq_ignore_ascii_case(name)
        {
            return start + tail.find('>').map_or(tail.len(), |n| n + 1);
        }
        from = start;
    }
    rest.len()
}

/// The length of a tag, quotes honoured; where they do not close, up to the first `>`.
pub(super) fn tag_end(rest: &str) -> usize {
    let mut quote = None;
    for (at, b) in rest.bytes().enumerate().take(MAX_TAG) {
        match (quote, b) {
            (None, b'>') => return at + 1,
            // A quote only opens a value after `=`.
            (None, b'"' | b'\'')
                if rest.as_bytes()[..at].ends_with(b"=") || rest.as_bytes()[..at].ends_with(b"= ") =>
            {
                quote = Some(b)
            }
            (Some(q), b) if q == b => quote = None,
            _ => {}
        }
    }
    rest.find('>').map_or(rest.len(), |n| n + 1)
}

/// An attribute's value, entities decoded.
pub(super) fn attribute(tag: &str, name: &str) -> Option<String> {
    let lower = tag.to_ascii_lowercase();
    let mut from = 0;
    let at = loop {
        let at = from + lower[from..].find(name)?;
        let before =
            lower[..at].ends_with(|c: char| c.is_ascii_whitespace() || c == '"' || c == '\'' || c == '/');
        let after = lower[at + name.len()..].trim_start();
        if before && after.starts_with('=') {
            break at + name.len();
        }
        from = at + name.len();
    };
    let value = tag[at..].trim_start().strip_prefix('=')?.trim_start();
    let value = match value.chars().next()? {
        q @ ('"' | '\'') => value[1..].split(q).next()?,
        _ => value.split(|c: char| c.is_ascii_whitespace() || c == '>').next()?,
    };
    Some(entities(value))
}

/// Character references decoded; those that are none stay as they are.
fn entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest
            .bytes()
            .skip(1)
            .take(33)
            .position(|b| !(b.is_ascii_alphanumeric() || b == b'#'))
            .map_or(0, |n| n + 1);
        if end > 1 && rest.as_bytes()[end] == b';' {
            add_html_token(&mut out, &rest.as_bytes()[..=end], false);
            rest = &rest[end + 1..];
        } else {
            out.push('&');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}

/// Where a link leads, as a reader may use it: a page, or the address of a `mailto:`.
fn target(href: &str) -> Option<String> {
    let lower = href.get(..8).unwrap_or(href).to_ascii_lowercase();
    if lower.starts_with("mailto:") {
        return href[7..].split('?').next().map(str::to_owned);
    }
    (lower.starts_with("http://") || lower.starts_with("https://")).then(|| href.to_owned())
}

impl Writer {
    fn text(&mut self, raw: &str) {
        let text = entities(raw);
        if self.pre > 0 {
            for (number, line) in text.split('\n').enumerate() {
                if number > 0 {
                    self.breaks += 1;
                }
                let line = unmark(line.strip_suffix('\r').unwrap_or(line));
                if !line.is_empty() {
                    self.word(&line);
                }
            }
            return;
        }
        let special =
            [' ', '\t', '\n', '\r', '\u{c}', '\u{200b}', '\u{ad}', '\u{feff}', '\u{a0}', HISTORY, SIGNATURE];
        for piece in text.split_inclusive(special) {
            let word = piece.trim_end_matches(special);
            if !word.is_empty() {
                self.word(word);
            }
            match piece[word.len()..].chars().next() {
                None | Some('\u{200b}' | '\u{ad}' | '\u{feff}' | HISTORY | SIGNATURE) => {}
                Some('\u{a0}') => self.word(" "),
                Some(_) => self.space = true,
            }
        }
    }

    /// Writes owed breaks or the owed space, then the word.
    fn word(&mut self, word: &str) {
        if self.out.is_empty() {
            self.breaks = 0;
            self.begin_line();
        } else if self.breaks > 0 {
            let between = self.quote.min(self.last_quote);
            for number in 0..self.breaks {
                self.out.push('\n');
                if number + 1 == self.breaks {
                    self.begin_line();
                } else {
                    self.out.push_str(&">".repeat(between));
                }
            }
        } else if self.cell && self.data {
            self.out.push_str(if self.out.ends_with(' ') { "| " } else { " | " });
        } else if (self.space || self.cell) && !self.out.ends_with([' ', '\n']) {
            self.out.push(' ');
        }
        (self.breaks, self.space, self.cell, self.last_quote) = (0, false, false, self.quote);
        self.out.push_str(word);
    }

    fn begin_line(&mut self) {
        if std::mem::take(&mut self.history) {
            self.out.push(HISTORY);
        }
        if self.signatures > 0 {
            self.out.push(SIGNATURE);
        }
        self.out.push_str(&">".repeat(self.quote));
        self.out.push_str(if self.quote > 0 { " " } else { "" });
    }

    /// At least `count` line ends before the next word.
    fn gap(&mut self, count: usize) {
        self.breaks = self.breaks.max(count);
        self.space = false;
    }

    fn open(&mut self, name: &str, tag: &str) {
        match name {
            "br" => {
                self.breaks += 1;
                self.space = false;
            }
            "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "dl" => self.gap(2),
            "table" => {
                self.gap(2);
                (self.cell, self.data) = (false, false);
            }
            "ul" | "ol" => {
                self.gap(if self.lists.is_empty() { 2 } else { 1 });
                if self.lists.len() < 20 {
                    let start = attribute(tag, "start")
                        .and_then(|n| n.trim().parse::<u16>().ok())
                        .map_or(1, u32::from);
                    self.lists.push((name == "ol").then_some(start));
                }
            }
            "li" => self.item(),
            "pre" => {
                self.gap(2);
                self.pre += 1;
            }
            "blockquote" => {
                self.gap(2);
                // Deeper than 20 nobody reads, and each level costs (T49).
                let cite = self.quote < MAX_QUOTE && is_cite(tag, self.gmail_frames > 0);
                self.quote += usize::from(cite);
                self.cites.push(cite);
            }
            "hr" => {
                self.gap(1);
                self.history |= container(tag) == Container::History;
                self.word("---");
                self.gap(1);
            }
            "td" | "th" => {
                self.cell = true;
                self.data |= name == "th";
            }
            "img" => {
                let words = attribute(tag, "alt").unwrap_or_default();
                let words: Vec<&str> = words.split_whitespace().collect();
                if !words.is_empty() {
                    self.word(&format!("[{}]", words.join(" ")));
                }
            }
            "a" => {
                self.link = attribute(tag, "href").and_then(|h| target(h.trim())).map(|a| (a, self.out.len()))
            }
            "div" => self.open_div(tag),
            "tr" | "section" | "article" | "header" | "footer" | "dt" | "dd" | "center" | "address"
            | "body" | "form" | "caption" | "figure" => {
                self.gap(1);
                self.cell = false;
            }
            "span" if container(tag) == Container::History => {
                self.gap(1);
                self.history = true;
            }
            _ => {}
        }
    }

    fn open_div(&mut self, tag: &str) {
        self.gap(1);
        self.cell = false;
        let kind = match container(tag) {
            Container::Quote if self.quote >= MAX_QUOTE => Container::Plain,
            kind => kind,
        };
        self.quote += usize::from(kind == Container::Quote);
        self.signatures += usize::from(kind == Container::Signature);
        self.gmail_frames += usize::from(kind == Container::GmailFrame);
        self.history |= kind == Container::History;
        self.divs.push(kind);
    }

    fn close_div(&mut self) {
        self.gap(1);
        match self.divs.pop() {
            Some(Container::Quote) => self.quote = self.quote.saturating_sub(1),
            Some(Container::Signature) => self.signatures -= 1,
            Some(Container::GmailFrame) => self.gmail_frames -= 1,
            _ => {}
        }
    }

    fn item(&mut self) {
        self.gap(1);
        let indent = "  ".repeat(self.lists.len().saturating_sub(1));
        let mark = match self.lists.last_mut() {
            Some(Some(number)) => {
                *number += 1;
                format!("{indent}{}.", *number - 1)
            }
            _ => format!("{indent}-"),
        };
        self.word(&mark);
        self.space = true;
    }

    fn close(&mut self, name: &str) {
        match name {
            "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "dl" => self.gap(2),
            "table" => {
                self.gap(2);
                (self.cell, self.data) = (false, false);
            }
            "ul" | "ol" => {
                self.lists.pop();
                self.gap(if self.lists.is_empty() { 2 } else { 1 });
            }
            "pre" => {
                self.pre = self.pre.saturating_sub(1);
                self.gap(2);
            }
            "blockquote" => {
                self.gap(2);
                self.quote -= usize::from(self.cites.pop().unwrap_or(false)).min(self.quote);
            }
            "a" => self.end_of_link(),
            "div" => self.close_div(),
            "tr" | "li" | "section" | "article" | "header" | "footer" | "dt" | "dd" | "center"
            | "address" | "form" | "caption" | "figure" => self.gap(1),
            _ => {}
        }
    }

    /// The address follows the text of its link, unless the text says it already (T50: the reader sees where
    /// it leads).
    fn end_of_link(&mut self) {
        let Some((address, start)) = self.link.take() else {
            return;
        };
        let shown = self.out.get(start..).unwrap_or("").trim();
        let bare = address.split_once("://").map_or(address.as_str(), |(_, rest)| rest).trim_end_matches('/');
        if shown.is_empty() || shown.contains(bare) || address.len() > 2000 {
            return;
        }
        self.out.push_str(" <");
        self.out.extend(address.chars().filter(|c| !c.is_whitespace() && !c.is_control()));
        self.out.push('>');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_reads_well() {
        let check = |input: &str, wanted: &str| assert_eq!(to_text(input), wanted, "{input:?}");
        check("<p>a&nbsp;b &amp; c</p><p>d<br>e</p>", "a b & c\n\nd\ne");
        check("<ul><li>x<li>y</ul><ol><li>z</ol>", "- x\n- y\n\n1. z");
        check("<div>a</div><blockquote type=cite>b<br><br>c</blockquote>d", "a\n\n> b\n>\n> c\n\nd");
        check(
            "<a href='https://x.example/'>here</a> <a href=http://y.example>y.example</a>",
            "here <https://x.example/> y.example",
        );
        check("<style>p{}</style><script>x</script>a<!-- b -->c", "ac");
        check("1 < 2 & 3 &unknown; <3", "1 < 2 & 3 &unknown; <3");
        check("<pre>a\n  b</pre>", "a\n  b");
        check("<table><tr><td>a<td>b<tr><td>c</table>", "a b\nc");
        check(
            "<table><tr><th>a<th>b<tr><td>c</td> <td>d</td></table><table><tr><td>e<td>f</table>",
            "a | b\nc | d\n\ne f",
        );
        check("<ol start=9><li>a</ol><h1>b</h1>c <img alt=' d  e '><img>", "9. a\n\nb\n\nc [d e]");
        check(
            "<a href='MAILTO:x@y.example?subject=z'>write</a> <a href=mailto:a@b>a@b</a>",
            "write <x@y.example> a@b",
        );
        check("ä<b>ö</b>", "äö");
    }
}
