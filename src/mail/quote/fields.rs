//! The block of fields (From, Sent, To, Subject) that Outlook, Notes and web mailers write above an older mail.

use std::sync::LazyLock;

use regex::{Regex, RegexSet};

use super::lines::Line;
use super::vocabulary::{FIELDS, SENT, any};

/// Lines of a block that are looked at, and the longest of them.
const MAX_LINES: usize = 14;
const MAX_LINE: usize = 2000;

const FROM: usize = 0;
const DATE: usize = 1;
const TO: usize = 2;
const SUBJECT: usize = 3;

struct Patterns {
    /// A line that begins with the label of each role, bold or not, with a colon of any width or a tab.
    begin: RegexSet,
    sent: Regex,
    /// A label further on in a line: some clients set two fields on one.
    inner: RegexSet,
    /// Anything that looks like a label.
    label: Regex,
}

static PATTERNS: LazyLock<Option<Patterns>> = LazyLock::new(|| Patterns::new().ok());

impl Patterns {
    fn new() -> Result<Self, regex::Error> {
        let mut names = FIELDS.map(any);
        names[DATE] = format!("{}|{}", names[DATE], any(SENT));
        let label = |names: &String| format!(r"(?:{names})[\s*_]*[:：]");
        Ok(Self {
            begin: RegexSet::new(names.iter().map(|n| format!(r"(?i)^[\s*_]*{}", label(n))))?,
            inner: RegexSet::new(names[..4].iter().map(|n| format!(r"(?i).\s[\s*_]*{}", label(n))))?,
            sent: Regex::new(&format!(r"(?i)^[\s*_]*{}", label(&any(SENT))))?,
            label: Regex::new(r"^[\s*_]*[\p{L}\p{M}][\p{L}\p{M} ./'’-]{0,30}[\s*_]*[:：]")?,
        })
    }
}

/// Whether a block begins with the first of these lines. A writer's own list (from Berlin, to Hamburg, date) is none: it has
/// no address, no subject, and nothing was sent.
pub(super) fn block(lines: &[Line<'_>]) -> bool {
    let Some(patterns) = PATTERNS.as_ref() else {
        return false;
    };
    let first = lines[0].text;
    if first.len() > MAX_LINE || !first.contains([':', '：']) {
        return false;
    }
    let begins = patterns.begin.matches(first);
    if ![FROM, DATE, TO, SUBJECT].iter().any(|role| begins.matched(*role)) {
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
        let roles = if line.text.len() > MAX_LINE { Vec::new() } else { patterns.roles(line.text) };
        if roles.is_empty() {
            strange += 1;
            if strange > 3 {
                break;
            }
        }
        // Each field stands once: the second is of the mail below.
        if roles.iter().any(|role| found.seen[*role]) {
            break;
        }
        found.add(line.text, &roles, strange);
        found.sent |= roles.contains(&DATE) && patterns.sent.is_match(line.text);
    }
    found.is_block()
}

/// Whether two lines that look like fields, one with an address, follow at once.
pub(super) fn follow(lines: &[Line<'_>]) -> bool {
    let Some(patterns) = PATTERNS.as_ref() else {
        return false;
    };
    let near: Vec<&str> =
        lines.iter().take(6).map(|l| l.text).filter(|t| t.len() < MAX_LINE && patterns.label.is_match(t)).collect();
    near.len() >= 2 && near.iter().any(|t| t.contains('@'))
}

impl Patterns {
    fn roles(&self, text: &str) -> Vec<usize> {
        let mut roles: Vec<usize> = self.begin.matches(text).into_iter().collect();
        // "De" and "Da" are From in one language and a word of Date or To in another: the first meaning counts.
        roles.truncate(1);
        if !roles.is_empty() {
            let more: Vec<usize> = self.inner.matches(text).into_iter().filter(|r| !roles.contains(r)).collect();
            roles.extend(more);
        }
        roles
    }
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
    fn add(&mut self, text: &str, roles: &[usize], strange: usize) {
        for role in roles {
            self.seen[*role] = true;
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
