//! Where an older mail begins that carries no marks of quotation, and where a forwarded one does.

use std::sync::LazyLock;

use regex::Regex;

use super::attribution::{attribution, certain};
use super::fields;
use super::lines::BodyLine;
use super::vocabulary::{FORWARD_PREFIX, FORWARDED, FORWARDED_APPLE, ORIGINAL, any};

/// Separators are short.
const MAX_LINE: usize = 200;

/// What Notes copies of its folded header.
const NOTES: &str = "Inactive hide details for ";

/// What an older mail begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A separator or a block of fields: clients write it above answered and above forwarded mails.
    Block,
    /// A line that says who wrote when: only above answered mails.
    Attribution,
}

struct Patterns {
    original: Regex,
    /// "##- Please type your reply above this line -##", as help desks set it.
    delimiter: Regex,
    /// Any few words between two rules.
    between_rules: Regex,
    forwarded: Regex,
    subject: Regex,
}

static PATTERNS: LazyLock<Option<Patterns>> = LazyLock::new(|| Patterns::new().ok());

impl Patterns {
    fn new() -> Result<Self, regex::Error> {
        let (original, forwarded, apple) = (any(ORIGINAL), any(FORWARDED), any(FORWARDED_APPLE));
        Ok(Self {
            original: Regex::new(&format!(r"(?i)^[\s*]*[-_=]{{2,}}\s*(?:{original})\s*[-_=]*\s*:?[\s*]*$"))?,
            delimiter: Regex::new(concat!(
                r"(?i)^\W*(?:##+\s*-+.{5,120}-+\s*##+",
                r"|[-=_*#]{2,}.{0,60}\b(?:reply|respond|write|answer|antwort\w*|répon\w*|respuesta|risposta)",
                r".{0,40}\b(?:above|oberhalb|au-dessus|encima|sopra)\b.{0,60}",
                r"|(?:please )?(?:reply|(?:type|write|enter) your (?:reply|answer|response))",
                r" above this line\W*)\s*$",
            ))?,
            between_rules: Regex::new(r"^\s*[-=_]{4,}\s*[^-=_\d@:]{3,60}?\s*[-=_]{4,}\s*$")?,
            forwarded: Regex::new(&format!(
                concat!(
                    r"(?i)^[\s*]*(?:[-=_]{{2,}}\s*(?:{})(?:\s.{{0,80}})?[-=_:]*",
                    r"|(?:{})\s*[:：]?)[\s*]*$"
                ),
                forwarded, apple
            ))?,
            subject: Regex::new(&format!(r"(?i)^\s*\[?(?:{})\s*(?:\[\d+\])?\s*[:：]", any(FORWARD_PREFIX)))?,
        })
    }
}

/// Whether a subject is that of a forward: the prefix stands first, so it is the last thing that was done.
pub(super) fn is_forward(subject: &str) -> bool {
    PATTERNS.as_ref().is_some_and(|p| p.subject.is_match(subject))
}

/// Where a forwarded mail begins, if one is in the text. Apple Mail and some web mailers mark it with `>` as
/// a whole: then its first line is the first of its block. GMX sets the fields of the older mail there, and
/// nothing but the subject tells.
pub(super) fn forwarded(lines: &[BodyLine<'_>], subject: &str) -> Option<usize> {
    let patterns = PATTERNS.as_ref()?;
    let by_subject = is_forward(subject);
    let mut above: Option<&BodyLine<'_>> = None;
    for (at, line) in lines.iter().enumerate() {
        if line.is_blank() || (line.is_quoted() && line.bare().is_empty()) {
            continue;
        }
        let first = !line.is_quoted()
            || !above.is_some_and(|a| a.is_quoted() || a.text.trim_end().ends_with([':', '：']));
        if first
            && line.text.len() < MAX_LINE
            && has_letters(line.text)
            && patterns.forwarded.is_match(line.bare())
        {
            return Some(at);
        }
        if first && by_subject && line.is_quoted() {
            let bare: Vec<BodyLine<'_>> = lines[at..].iter().take(14).map(BodyLine::unquoted).collect();
            if fields::block(&bare) {
                return Some(at);
            }
        }
        above = Some(line);
    }
    None
}

/// Where everything to the end is an older mail.
pub(super) fn tail(lines: &[BodyLine<'_>]) -> Option<(usize, Kind)> {
    (0..lines.len()).find_map(|at| {
        let line = lines[at];
        if line.is_blank() || line.is_quoted() {
            return None;
        }
        if line.history || separator(lines, at) || fields::block(&lines[at..]) {
            return Some((above_rule(lines, at), Kind::Block));
        }
        // An attribution whose quotation is not marked with `>`: all below it is old.
        let last = attribution(lines, at)?;
        let below = lines[last + 1..].iter().find(|l| !l.is_blank());
        let unmarked = !below.is_some_and(BodyLine::is_quoted) && certain(lines, at, last);
        unmarked.then_some((above_rule(lines, at), Kind::Attribution))
    })
}

/// A rule alone says nothing; there may be many of them.
fn has_letters(text: &str) -> bool {
    text.contains(char::is_alphabetic)
}

fn separator(lines: &[BodyLine<'_>], at: usize) -> bool {
    let text = lines[at].text;
    if text.len() > MAX_LINE || !has_letters(text) {
        return false;
    }
    if text.starts_with(NOTES) {
        return true;
    }
    let first = text.trim_start_matches([' ', '\t', '*', '[']).chars().next();
    if !first.is_some_and(|c| "-_=#".contains(c)) && !text.contains("above this line") {
        return false;
    }
    let Some(patterns) = PATTERNS.as_ref() else {
        return false;
    };
    let above =
        || ["#", "above", "oberhalb", "au-dessus", "encima", "sopra"].iter().any(|word| text.contains(word));
    // In whatever language, if fields follow.
    let unknown = || patterns.between_rules.is_match(text) && fields::follow(&lines[at + 1..]);
    patterns.original.is_match(text) || (above() && patterns.delimiter.is_match(text)) || unknown()
}

/// A line of underscores or dashes belongs to what is below it (Outlook on the web); so does one that Notes
/// adds.
pub(super) fn above_rule(lines: &[BodyLine<'_>], at: usize) -> usize {
    let mut above = at;
    while above > 0 && lines[above - 1].is_blank() {
        above -= 1;
    }
    let rule = above > 0 && {
        let line = lines[above - 1].text.trim();
        line.len() >= 3 && line.chars().all(|c| "_-=*".contains(c))
    };
    if rule { above - 1 } else { at }
}
