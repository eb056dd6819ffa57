//! The block of fields (From, Sent, To, Subject) that Outlook, Notes and web mailers write above an older
//! mail.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::lines::BodyLine;
use super::vocabulary::{FIELDS, SENT, entries};

/// Lines of a block that are looked at, and the longest of them.
const MAX_LINES: usize = 14;
const MAX_LINE: usize = 2000;

/// Roles, in the order of the vocabulary.
const FROM: usize = 0;
const DATE: usize = 1;
const TO: usize = 2;
const SUBJECT: usize = 3;
const OTHER: usize = 4;

/// Longest label, in bytes, and the words it has at most.
const MAX_LABEL: usize = 60;
const MAX_LABEL_WORDS: usize = 3;

/// What a label means.
#[derive(Clone, Copy)]
struct Label {
    role: usize,
    /// "Sent" and the like: the date of nothing but a mail.
    sent: bool,
}

/// Labels in small letters without white space.
static LABELS: LazyLock<HashMap<String, Label>> = LazyLock::new(|| {
    let mut labels = HashMap::new();
    let lists =
        FIELDS.iter().enumerate().map(|(role, list)| (role, false, *list)).chain([(DATE, true, SENT)]);
    for (role, sent, list) in lists {
        for name in entries(list) {
            // The first meaning counts: "Od" is From in one language and of the date in none.
            labels.entry(key(&name)).or_insert(Label { role, sent });
        }
    }
    labels
});

fn key(name: &str) -> String {
    name.chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .map(|c| if c == '’' { '\'' } else { c })
        .collect()
}

/// The label in front of a colon, bold or not.
fn label(before: &str) -> Option<Label> {
    let bare = before.trim_matches(|c: char| c.is_whitespace() || "*_".contains(c));
    if bare.len() > MAX_LABEL { None } else { LABELS.get(&key(bare)).copied() }
}

/// The labels of a line: the one at its begin and, where there is one, those further on; some clients set two
/// fields on one line.
fn labels(line: &str) -> Vec<Label> {
    let mut found = Vec::new();
    let mut from = 0;
    for (at, sign) in line.match_indices([':', '：']).take(8) {
        let before = &line[from..at];
        if from == 0 {
            match label(before) {
                Some(first) => found.push(first),
                None => return found,
            }
        } else if let Some(more) =
            last_words(before).find_map(label).filter(|m| found.iter().all(|f| f.role != m.role))
        {
            found.push(more);
        }
        from = at + sign.len();
    }
    found
}

/// The last three, two and one words of a text, none of them all of it.
fn last_words(text: &str) -> impl Iterator<Item = &str> {
    let text = text.trim_end();
    let starts: Vec<usize> = text
        .char_indices()
        .rev()
        .filter(|(_, c)| c.is_whitespace())
        .take(MAX_LABEL_WORDS)
        .map(|(at, _)| at)
        .collect();
    starts.into_iter().rev().map(|at| &text[at..])
}

/// Whether a block begins with the first of these lines. A writer's own list (from Berlin, to Hamburg, date)
/// is none: it has no address, no subject, and nothing was sent.
pub(super) fn block(lines: &[BodyLine<'_>]) -> bool {
    let first = lines[0].text;
    if first.len() > MAX_LINE || labels(first).first().is_none_or(|l| l.role == OTHER) {
        return false;
    }
    let mut found = Found::default();
    let mut strange = 0;
    for line in lines.iter().take(MAX_LINES) {
        if line.is_blank() {
            if found.count() > 1 {
                break;
            }
            continue;
        }
        let labels = if line.text.len() > MAX_LINE { Vec::new() } else { labels(line.text) };
        if labels.is_empty() {
            strange += 1;
            if strange > 3 {
                break;
            }
        }
        // Each field stands once: the second is of the mail below.
        if labels.iter().any(|l| found.seen[l.role]) {
            break;
        }
        found.add(line.text, &labels, strange);
    }
    found.is_block()
}

/// Whether two lines that look like fields, one with an address, follow at once.
pub(super) fn follow(lines: &[BodyLine<'_>]) -> bool {
    let named = |text: &&str| {
        text.len() < MAX_LINE && text.find([':', '：']).is_some_and(|at| (1..=MAX_LABEL).contains(&at))
    };
    let near: Vec<&str> = lines.iter().take(6).map(|l| l.text).filter(named).collect();
    near.len() >= 2 && near.iter().any(|t| t.contains('@'))
}

#[derive(Default)]
struct Found {
    seen: [bool; 5],
    address: bool,
    /// The date's line, or the one below, holds a digit.
    dated: bool,
    /// The date has a name that only mails have.
    sent: bool,
}

impl Found {
    fn add(&mut self, text: &str, labels: &[Label], strange: usize) {
        for label in labels {
            self.seen[label.role] = true;
            self.sent |= label.sent;
        }
        self.address |= text.contains('@') && strange < 2;
        self.dated |= self.seen[DATE] && text.contains(char::is_numeric);
    }

    fn count(&self) -> usize {
        self.seen[..4].iter().filter(|s| **s).count()
    }

    fn is_block(&self) -> bool {
        match self.count() {
            4 => true,
            3 => self.address || (self.seen[FROM] && self.dated && (self.seen[SUBJECT] || self.sent)),
            2 => self.address && self.dated && (self.seen[FROM] || self.seen[TO]),
            _ => false,
        }
    }
}
