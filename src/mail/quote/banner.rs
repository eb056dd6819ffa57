//! Warnings that mail servers put above a mail from outside (T118): no words of its writer.
//!
//! A banner is recognised as a whole: each of its sentences says that the mail is from outside, or what to
//! beware of. In doubt it is none, and its lines are words.

use std::sync::LazyLock;

use regex::Regex;

use super::lines::BodyLine;
use super::vocabulary::any;
use super::warnings::{ADVICE, DANGERS, FROM_OUTSIDE, LABELS, LEADS, ORIGINS, UNLESS};

/// Lines at the top that are looked at, and of one paragraph; a longer line is nobody's banner.
const LINES_MAX: usize = 40;
const PARAGRAPH_LINES_MAX: usize = 12;
const LINE_BYTES_MAX: usize = 1500;
/// Of a label in brackets.
const LABEL_BYTES_MAX: usize = 100;
/// Around a banner of Proofpoint stand such marks, with letters before them that differ by customer.
const MARKED_BEGIN: &str = "BannerStart";
const MARKED_END: &str = "BannerEnd";

struct Patterns {
    /// The mail is from outside, in a sentence.
    origin: Regex,
    /// A word or two that say so: only where the line shows that it is a label.
    label: Regex,
    /// What to beware of, beside one of those.
    advice: Regex,
    danger: Regex,
    unless: Regex,
    lead: Regex,
    link: Regex,
}

static PATTERNS: LazyLock<Option<Patterns>> = LazyLock::new(|| Patterns::new().ok());

impl Patterns {
    fn new() -> Result<Self, regex::Error> {
        let begin = format!(r"^(?:(?:{})\b\W*)*", any(LEADS));
        let outside = FROM_OUTSIDE.map(|[mail, between, outside]| {
            let (mail, between, outside) = (any(mail), any(between), any(outside));
            format!(r"(?:{mail})\s+(?:(?:{between})\s+|\pL{{1,4}}['’])*(?:{outside})\b")
        });
        let word = |list: &str| Regex::new(&format!(r"(?:^|[^\pL])(?:{})(?:[^\pL]|$)", any(list)));
        Ok(Self {
            origin: Regex::new(&format!("{begin}(?:{}|{})", outside.join("|"), any(ORIGINS)))?,
            label: Regex::new(&format!("{begin}(?:{})$", any(LABELS)))?,
            advice: Regex::new(&format!("{begin}(?:{})", any(ADVICE)))?,
            danger: word(DANGERS)?,
            unless: word(UNLESS)?,
            lead: Regex::new(&format!("{begin}$"))?,
            link: Regex::new(r"<?\b(?:https?://|mailto:)[^\s>]*>?")?,
        })
    }

    /// What a sentence is to a banner; `None`: it is words.
    fn sentence(&self, sentence: &str) -> Option<Sentence> {
        let bare = sentence.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        if bare.is_empty() || self.lead.is_match(&bare) {
            Some(Sentence::Nothing)
        } else if self.origin.is_match(&bare) {
            Some(Sentence::Origin)
        } else if is_set_apart(sentence) && self.label.is_match(&bare) {
            Some(Sentence::Label)
        } else if self.advice.is_match(&bare) && self.danger.is_match(&bare) {
            Some(Sentence::Advice { certain: self.unless.is_match(&bare) })
        } else {
            None
        }
    }
}

/// What a sentence of a banner says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sentence {
    /// A mark, or a word such as "Caution".
    Nothing,
    /// The mail is from outside.
    Origin,
    /// The same as a label.
    Label,
    /// What to beware of. `certain`: no writer says that of their own mail.
    Advice { certain: bool },
}

/// So many lines at the top of a mail are a banner; 0: there is none.
pub(super) fn lines_of(lines: &[BodyLine<'_>]) -> usize {
    let Some(patterns) = PATTERNS.as_ref() else { return 0 };
    let top = &lines[..lines.len().min(LINES_MAX)];
    let (mut at, mut end) = (0, 0);
    while let Some(line) = top.get(at) {
        if line.is_blank() || is_frame(line) {
            at += 1;
        } else if let Some(length) = marked(&top[at..]).or_else(|| paragraph(patterns, &top[at..], end > 0)) {
            at += length;
            end = at;
        } else {
            break;
        }
    }
    if end == 0 {
        return 0;
    }
    let below = top[end..].iter().take_while(|l| l.is_blank() || is_frame(l)).count();
    end + below
}

/// A label in brackets that stands on one line with the first words becomes a line of its own.
pub(super) fn set_apart_label(lines: &mut Vec<BodyLine<'_>>) {
    let Some(at) = lines.iter().position(|l| !l.is_blank()) else { return };
    let line = lines[at];
    let label = line.text.trim_start().starts_with('[').then(|| line.text.find(']')).flatten();
    let Some(end) = label.map(|n| n + 1).filter(|n| *n <= LABEL_BYTES_MAX) else { return };
    let (label, words) = line.text.split_at(end);
    if !words.trim().is_empty() && is_banner(label) && !is_banner(line.text) {
        lines[at] = BodyLine { text: words.trim_start(), ..line };
        lines.insert(at, BodyLine { text: label, history: false, ..line });
    }
}

/// The whole text is a banner.
pub fn is_banner(text: &str) -> bool {
    let lines: Vec<BodyLine<'_>> = text.split('\n').map(BodyLine::parse).collect();
    lines_of(&lines) == lines.len()
}

/// A line that was drawn around a banner. The mark of a signature is none.
fn is_frame(line: &BodyLine<'_>) -> bool {
    let text = line.text.trim();
    let drawn = |c: char| !c.is_alphanumeric() && !c.is_whitespace();
    let hashes = text.len() > 2 && text.bytes().all(|b| b == b'#');
    line.text != "-- "
        && text.chars().count() > 2
        && text.chars().all(drawn)
        && (hashes || !text.contains('#'))
}

/// Lines between two marks of Proofpoint, both included.
fn marked(lines: &[BodyLine<'_>]) -> Option<usize> {
    let mark = |line: &BodyLine<'_>, end: &str| {
        let text = line.text.trim();
        text.ends_with(end) && !text.contains(char::is_whitespace) && text.len() > end.len() + 3
    };
    if !mark(lines.first()?, MARKED_BEGIN) {
        return None;
    }
    lines.iter().position(|l| mark(l, MARKED_END)).map(|at| at + 1)
}

/// The most lines of the first paragraph that are a banner. `goes_on`: a banner stands above.
fn paragraph(patterns: &Patterns, lines: &[BodyLine<'_>], goes_on: bool) -> Option<usize> {
    let command = |l: &BodyLine<'_>| l.text.starts_with('#') && !is_frame(l);
    let other = |l: &BodyLine<'_>| l.is_blank() || l.is_quoted() || l.history || command(l);
    let within = |l: &&BodyLine<'_>| l.text.len() <= LINE_BYTES_MAX && !other(l);
    let most = lines.iter().take(PARAGRAPH_LINES_MAX).take_while(within).count();
    (1..=most).rev().find(|&n| says_so(patterns, &lines[..n], goes_on))
}

/// Each sentence warns, and one says why.
fn says_so(patterns: &Patterns, lines: &[BodyLine<'_>], goes_on: bool) -> bool {
    let mut all = Vec::new();
    for piece in joined(lines).split('\n') {
        let piece = patterns.link.replace_all(piece, " ");
        for sentence in sentences(&piece) {
            let Some(what) = patterns.sentence(sentence) else { return false };
            all.push(what);
        }
    }
    let has = |wanted: Sentence| all.contains(&wanted);
    let certain = has(Sentence::Advice { certain: true });
    let advises = certain || has(Sentence::Advice { certain: false });
    has(Sentence::Origin)
        || (has(Sentence::Label) && (certain || !advises))
        || (goes_on && (certain || !advises))
}

/// Lines that were wrapped become one again: what goes on with a small letter.
fn joined(lines: &[BodyLine<'_>]) -> String {
    let mut out = String::new();
    for line in lines {
        let text = line.text.trim();
        if !out.is_empty() {
            out.push(if text.starts_with(char::is_lowercase) { ' ' } else { '\n' });
        }
        out.push_str(text);
    }
    out
}

/// Sentences, and what stands before a colon, a dash or a bar.
fn sentences(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let (mut from, mut before) = (0, ' ');
    let mut rest = text.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        let behind = rest.peek().map_or(' ', |(_, c)| *c);
        let ends = matches!(c, '.' | '!' | '?' | ':' | ';') && (behind.is_whitespace() || behind == '*');
        let parts =
            matches!(c, '-' | '–' | '—' | '|' | '/') && before.is_whitespace() && behind.is_whitespace();
        if ends || parts || matches!(c, '。' | '！' | '：') {
            out.push(&text[from..at + c.len_utf8()]);
            from = at + c.len_utf8();
        }
        before = c;
    }
    out.push(&text[from..]);
    out
}

/// It stands in brackets or the like, in large letters, or is no single word: "[External]", "EXTERNAL".
fn is_set_apart(text: &str) -> bool {
    let drawn = |c: char| !c.is_alphanumeric() && !c.is_whitespace();
    text.trim().starts_with(drawn)
        || !text.chars().any(char::is_lowercase)
        || text.split_whitespace().count() > 1
}

#[cfg(test)]
mod tests;
