//! Where a signature begins: RFC 3676 §4.3, the lines phones add, a name behind a dash, legal notices, the
//! footers of lists.
//!
//! A closing ("Best regards, Ann") is not one: the writer wrote it, and an answer without it would be rude.

use std::sync::LazyLock;

use regex::Regex;

use super::lines::{BodyLine, Heap};
use super::vocabulary::{
    ADDED, CARRIER, DEVICES, EXCUSE, NOTICE_OPENING, NOTICE_WORDS, SENT_FROM, SENT_LAST, any,
};

/// More lines than this below `-- ` are words, not a signature; fewer below what only looks like it.
const MAX_LINES: usize = 16;
const MAX_LOOSE_LINES: usize = 10;
/// A legal notice is longer than a remark of the writer.
const MIN_NOTICE: usize = 100;

struct Patterns {
    phone: Regex,
    phone_last: Regex,
    link: Regex,
    /// `-Ann Smith`, `— Ann`.
    name: Regex,
    notice: Regex,
    notice_word: Regex,
    added: Regex,
}

static PATTERNS: LazyLock<Option<Patterns>> = LazyLock::new(|| Patterns::new().ok());

impl Patterns {
    fn new() -> Result<Self, regex::Error> {
        let (from, last, devices) = (any(SENT_FROM), any(SENT_LAST), any(DEVICES));
        let (carrier, excuse) = (any(CARRIER), any(EXCUSE));
        Ok(Self {
            phone: Regex::new(&format!(
                concat!(
                    r"(?i)^\W*(?:{})(?:[^,;!?:]{{0,20}}\b(?:{})[^,;!?:]{{0,20}}, (?:an? )?)?",
                    r"[^,;!?:]{{0,90}}?(?:{})(?:[^,;!?:.\p{{L}}\d][^,;!?:.]{{0,60}}|\d[^,;!?:.]{{0,30}})?",
                    r"\s*[.!]?(?:[-–,.;]?\s*(?:{})\b.{{0,80}})?\W*$",
                ),
                from, carrier, devices, excuse
            ))?,
            phone_last: Regex::new(&format!(
                r"(?i)^\W*[^,;!?:]{{0,60}}?(?:{devices})[^,;!?:]{{0,40}}(?:{last})\W*$"
            ))?,
            link: Regex::new(r"<?(?:https?|mailto):[^\s>]*>?|\([^()]*https?:[^()]*\)")?,
            name: Regex::new(r"^(?:-{1,2}|[–—~]\s?)\p{Lu}[\p{L}'’-]+\.?(?: \p{Lu}[\p{L}.'’-]*){0,3}$")?,
            notice: Regex::new(&format!(r"(?i)^[\W_]*(?:{})", any(NOTICE_OPENING)))?,
            notice_word: Regex::new(&format!(r"(?i)(?:{})", any(NOTICE_WORDS)))?,
            added: Regex::new(&format!(r"(?i)^\W*(?:{})", any(ADDED)))?,
        })
    }

    fn is_phone(&self, line: &str) -> bool {
        if line.len() > 300 {
            return false;
        }
        let bare = self.link.replace_all(line, "");
        self.phone.is_match(bare.trim()) || self.phone_last.is_match(bare.trim())
    }
}

/// Marks signatures between the words. `last`: nothing but quotation follows these lines.
pub(super) fn mark(lines: &[BodyLine<'_>], heaps: &mut [Heap], last: bool) {
    // What the HTML itself calls a signature, unless there is nothing else.
    if (0..lines.len()).any(|at| heaps[at] == Heap::Text && !lines[at].signature && !lines[at].is_blank()) {
        let mut open = false;
        for (at, line) in lines.iter().enumerate() {
            open = line.signature || (open && line.is_blank());
            if open {
                heaps[at] = Heap::Signature;
            }
        }
    }
    delimiter(lines, heaps);
    footer(lines, heaps);
    if last && let Some(patterns) = PATTERNS.as_ref() {
        notice(patterns, lines, heaps);
        phone(patterns, lines, heaps);
        name(patterns, lines, heaps);
    }
}

/// What is beyond doubt: a short one below its exact mark (RFC 3676 §4.3) and below words, at the end.
pub(super) fn mark_certain(lines: &[BodyLine<'_>], heaps: &mut [Heap]) {
    let Some(at) = lines.iter().rposition(|l| l.text == "-- ") else { return };
    let words = |lines: &[BodyLine<'_>]| lines.iter().filter(|l| !l.is_blank()).count();
    if words(&lines[..at]) > 0 && words(&lines[at + 1..]) <= MAX_LINES {
        heaps[at..].fill(Heap::Signature);
    }
}

/// `-- ` begins a signature that ends at a quotation or at the end.
fn delimiter(lines: &[BodyLine<'_>], heaps: &mut [Heap]) {
    let mut from = 0;
    while from < lines.len() {
        let end = (from..lines.len()).find(|&n| heaps[n] != Heap::Text).unwrap_or(lines.len());
        if let Some(at) = begin(&lines[from..end], from > 0) {
            heaps[from + at..end].fill(Heap::Signature);
        }
        from = (end..lines.len()).find(|&n| heaps[n] == Heap::Text).unwrap_or(lines.len());
    }
}

/// Where the signature of one run of new words begins. The first exact mark counts where what follows is
/// short, else the last. Many clients lose the space behind `--`, and some write other rules: what follows
/// must look like a signature, too, and words must stand above.
fn begin(lines: &[BodyLine<'_>], below_other: bool) -> Option<usize> {
    let few =
        |at: usize, max: usize| lines[at..].iter().filter(|l| !l.is_blank()).take(max + 2).count() <= max + 1;
    let exact = |l: &BodyLine<'_>| l.text == "-- ";
    let first = lines.iter().position(exact).filter(|&at| few(at, MAX_LINES));
    if first.is_some() {
        return first;
    }
    let last = lines.iter().rposition(exact);
    if last.is_some() {
        return last;
    }
    let loose = |l: &BodyLine<'_>| is_rule(l.text.trim_end());
    let at = lines
        .iter()
        .rposition(loose)
        .filter(|&at| below_other || lines[..at].iter().any(|l| !l.is_blank()))?;
    let rule = lines[at].text.trim_end();
    let dashes = rule == "--";
    let max = if dashes { MAX_LINES } else { MAX_LOOSE_LINES };
    // A long rule may stand below a headline: then a number or an address must show whose lines these are.
    let contact =
        |l: &BodyLine<'_>| l.text.contains(['@', '+']) || l.text.contains("www.") || l.text.contains("://");
    if rule.chars().count() > 3 && !lines[at + 1..].iter().take(max).any(contact) {
        return None;
    }
    let below = lines[at + 1..].iter().filter(|l| !l.is_blank());
    if !few(at, max)
        || below.clone().next().is_none()
        || (!dashes && below.clone().any(|l| is_sentence(l.text)))
    {
        return None;
    }
    // Two rules, one below the other, are one.
    let mut start = at;
    while start > 1 && loose(&lines[start - 1]) {
        start -= 1;
    }
    Some(start)
}

/// A line of nothing but dashes or underscores, not so long that it closes a table.
fn is_rule(line: &str) -> bool {
    let count = line.chars().take(42).count();
    let long = (2..=40).contains(&count) || matches!(line, "—" | "–");
    long && line.chars().all(|c| "-–—_".contains(c))
}

/// A name, a title, a number, a slogan are short; what has many words and ends like a sentence was written
/// now.
fn is_sentence(line: &str) -> bool {
    let words = line.split_whitespace().count();
    words > 14 || (words > 4 && line.trim_end().ends_with(['.', '?', '!', ':', ',', '。', '？']))
}

fn last_words(lines: &[BodyLine<'_>], heaps: &[Heap]) -> Option<usize> {
    (0..lines.len()).rfind(|&at| heaps[at] == Heap::Text && !lines[at].is_blank())
}

/// The last lines of the new words, written by a phone or a program.
fn phone(patterns: &Patterns, lines: &[BodyLine<'_>], heaps: &mut [Heap]) {
    for _ in 0..3 {
        let Some(at) = last_words(lines, heaps) else {
            return;
        };
        if !patterns.is_phone(lines[at].text) {
            return;
        }
        heaps[at] = Heap::Signature;
    }
}

/// A name behind a dash as the last line: a list would have more than one such line, or a line above it that
/// ends in a colon.
fn name(patterns: &Patterns, lines: &[BodyLine<'_>], heaps: &mut [Heap]) {
    let Some(at) = last_words(lines, heaps) else {
        return;
    };
    let text = lines[at].text.trim();
    // Below a quotation it would be an answer.
    if (0..at).rfind(|&n| !lines[n].is_blank()).is_some_and(|n| heaps[n] != Heap::Text) {
        return;
    }
    let Some(above) = last_words(&lines[..at], &heaps[..at]) else {
        return;
    };
    let above = lines[above].text.trim();
    let list = above.starts_with(['-', '–', '—', '*', '•']) || above.ends_with([':', '：']);
    // A single word directly below others may be an answer: "-Yes".
    let apart = lines[at - 1].is_blank() || text.contains(' ');
    if text.len() < 80 && !list && apart && patterns.name.is_match(text) {
        heaps[at] = Heap::Signature;
    }
}

/// Legal notices, and what mail scanners add, as the last paragraphs.
fn notice(patterns: &Patterns, lines: &[BodyLine<'_>], heaps: &mut [Heap]) {
    for _ in 0..8 {
        let Some(end) = last_words(lines, heaps) else {
            return;
        };
        let start =
            (0..end).rfind(|&at| heaps[at] != Heap::Text || lines[at].is_blank()).map_or(0, |at| at + 1);
        let first = lines[start].text;
        let bytes: usize = lines[start..=end].iter().map(|l| l.text.len()).sum();
        let legal = bytes >= MIN_NOTICE && patterns.notice.is_match(clip(first)) && {
            let words = lines[start..=end]
                .iter()
                .take(40)
                .map(|l| patterns.notice_word.find_iter(clip(l.text)).take(2).count());
            words.sum::<usize>() >= 2
        };
        let alone = last_words(&lines[..start], &heaps[..start]).is_none();
        if alone || !(legal || (first.len() < 400 && patterns.added.is_match(first))) {
            return;
        }
        heaps[start..=end].fill(Heap::Signature);
    }
}

/// The first 4000 bytes or so: notices are not longer.
fn clip(line: &str) -> &str {
    let mut end = line.len().min(4000);
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    &line[..end]
}

/// A rule of at least 20 underscores and at most six lines below it, at the end: the footer of a mailing
/// list.
fn footer(lines: &[BodyLine<'_>], heaps: &mut [Heap]) {
    let rule =
        |l: &BodyLine<'_>| l.text.trim_end().len() >= 20 && l.text.trim_end().bytes().all(|b| b == b'_');
    let Some(at) = lines.iter().rposition(rule) else {
        return;
    };
    let below = lines[at + 1..].iter().filter(|l| !l.is_blank()).count();
    if (1..=6).contains(&below) && lines[at..].iter().all(|l| !l.is_quoted()) {
        heaps[at..].fill(Heap::Signature);
    }
}
