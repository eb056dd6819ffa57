//! Lines such as "On Mon, 1 Jan 2024 at 10:00, Ann <ann@example.com> wrote:", in the languages of clients, on
//! one line, wrapped over several or set behind the last words.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::lines::BodyLine;
use super::vocabulary::{FIRST_PERSON, OPENERS, QUOTING, WROTE, WROTE_CJK, any};

/// Lines over which an attribution is wrapped at most, and its longest line.
const MAX_LINES: usize = 4;
const MAX_LINE: usize = 400;
/// Blank lines that clients leave between it and the quotation.
const MAX_BLANK: usize = 8;

/// What a line is made of, each compiled once.
struct Patterns {
    /// With the signs around it: a word boundary of Unicode would need the slow engine.
    verb: Regex,
    opener: Regex,
    /// Begins with a day, a date or a time: "ср, 30 апр. 2025", "2021/04/07", "11:00 AM".
    dated: Regex,
    /// A year, a time or a whole date.
    when: Regex,
    time: Regex,
    address: Regex,
    /// A name or nothing, and an address in brackets, at the begin.
    named: Regex,
    /// The address in its brackets, wherever it stands.
    bracketed: Regex,
    first_person: Regex,
    /// "---- Ann wrote ----", as Zoho, Android and Notes set it.
    between_rules: Regex,
    /// Nothing but a name before the verb.
    bare_name: Regex,
    behind: Regex,
    quoting: Regex,
    signs: Regex,
}

const ADDRESS: &str = r"[^\s<>@()]+@[^\s<>@()]+";
/// A word of a name: a capital or a script without capitals, or what may stand between.
const NAME_WORD: &str = concat!(
    r"[\p{Lu}\p{Lo}\d(][^\s<>@!?:;]*|-|&|\||de|del|della|di|da|dos|das|du|van|von|vom|der|den|ter",
    r"|la|le|el|al|bin|ibn|y|e|zu|af|av|from|via",
);
/// Words that languages set between the writer and the verb.
const AUXILIARY: [&str; 16] = [
    "a",
    "à",
    "je",
    "ezt",
    "şunu",
    "şunları",
    "đã",
    "het",
    "volgende",
    "va",
    "ne",
    "az",
    "następująco",
    "folgendes",
    "följande",
    "følgende",
];
/// Writers that are no names.
const ADDRESSED: [&str; 10] = ["you", "du", "sie", "vous", "tu", "tú", "usted", "você", "u", "вы"];
/// Words between the address and the verb at most: more tell a story.
const MAX_BETWEEN: usize = 3;
const MAX_BETWEEN_NAME: usize = 7;

static PATTERNS: LazyLock<Option<Patterns>> = LazyLock::new(|| Patterns::new().ok());

impl Patterns {
    fn new() -> Result<Self, regex::Error> {
        let (wrote, cjk, openers) = (any(WROTE), any(WROTE_CJK), any(OPENERS));
        Ok(Self {
            verb: Regex::new(&format!(r"(?i)(?:^|[^\p{{L}}])(?:{wrote})(?:[^\p{{L}}]|$)|{cjk}"))?,
            opener: Regex::new(&format!(r"(?i)^\W{{0,3}}(?:{openers})(?:[^\p{{L}}']|$)"))?,
            dated: Regex::new(concat!(
                r"^\W{0,3}(?:[\p{L}\p{M}]{1,14}\.?,?\s+(?:den\s+|d\.\s*)?",
                r"|\p{L}{1,10},\s*\p{L}{1,10}\.?\s+)?\(?\d",
            ))?,
            when: Regex::new(
                r"(?:^|\D)(?:19|20|٢٠|۲۰)\d\d(?:\D|$)|\d{1,2}[:.]\d{2}|\d{1,4}[./-] ?\d{1,2}[./-] ?\d{1,4}",
            )?,
            time: Regex::new(r"\d{1,2}[:.h]\d{2}")?,
            address: Regex::new(ADDRESS)?,
            named: Regex::new(&format!(
                concat!(
                    r#"^["'“]?[\p{{Lu}}\p{{Lo}}][^\s<>@!?:;]*(?:\s+(?:{}))"#,
                    r"{{0,6}}\s*[<(]\s*(?:mailto:)?{}"
                ),
                NAME_WORD, ADDRESS
            ))?,
            bracketed: Regex::new(&format!(
                r"[<(]\s*(?:mailto:)?{ADDRESS}(?:\s*<mailto:{ADDRESS}>)?\s*[>)]+"
            ))?,
            first_person: Regex::new(&format!(r"(?i)^(?:{})$", any(FIRST_PERSON)))?,
            between_rules: Regex::new(&format!(
                r"(?i)^\s*-{{2,}}\s*[^-\s].{{0,200}}[^\p{{L}}](?:{wrote})\s*:?\s*-{{2,}}\s*$"
            ))?,
            bare_name: Regex::new(r"^(?:\p{Lu}[\p{L}.'’-]*)(?:\s+\p{Lu}[\p{L}.'’-]*){0,3}$")?,
            behind: Regex::new(concat!(
                r"^(?:.*?\S)??(?:\s+|\s*-{2,}\s*)",
                r"((?:On|Le|Am|El|Il|Em|Op|Den|På|W dniu|Dne|Dnia|Vào|Pada|В|На|Στις)",
                r"\s+(?:\p{L}{1,12}\.?,?\s+)?(?:\p{L}{1,12}\.?\s+)?\d.{10,300})$",
            ))?,
            quoting: Regex::new(&format!(r"(?i)^\W{{0,3}}(?:{})\s", any(QUOTING)))?,
            signs: Regex::new(r"[:：]")?,
        })
    }

    /// Whether the text, lines joined, is an attribution.
    fn fits(&self, text: &str, start: Start) -> bool {
        // Rules and bold marks around it say nothing.
        let text = text.trim().trim_matches(['-', ' ', '*']);
        let colon = text.ends_with([':', '：']);
        // Cheap, and true of most lines that begin like one.
        if !colon && !text.ends_with("wrote") {
            return false;
        }
        if text.len() > 600 || !self.when.is_match(text) && !self.address.is_match(text) {
            return false;
        }
        // Times, links and a label or two may hold signs of their own.
        if self.signs.find_iter(text).count() > 8 {
            return false;
        }
        let verb = self.verb.find_iter(text).last();
        if start == Start::Name && !self.named.is_match(text) {
            return false;
        }
        let Some(verb) = verb else {
            // Gmail in some languages, Yandex, Mail.ru: a date, a name, an address, and no verb.
            return colon && start == Start::Date && self.address.is_match(text) && self.when.is_match(text);
        };
        if self.is_first_person(text, verb.range()) {
            return false;
        }
        let rest = text[verb.end()..].trim();
        // Zoho leaves out the colon.
        let bare_end = rest.is_empty() && text.is_ascii() && self.when.is_match(text);
        (colon && rest.len() <= 200) || bare_end
    }

    fn is_dated(&self, line: &str) -> bool {
        let line = line.trim_start_matches(['-', ' ', '*']);
        self.opener.is_match(line) || self.dated.is_match(line)
    }

    /// "On 3 May I wrote:" is said by the writer.
    fn is_first_person(&self, text: &str, verb: Range<usize>) -> bool {
        let before = text[..verb.start].split_whitespace().next_back().unwrap_or("");
        let after = text[verb.end..].split_whitespace().next().unwrap_or("");
        self.first_person.is_match(before)
            || (self.first_person.is_match(after) && !["am", "i", "a"].contains(&after))
    }
}

impl Patterns {
    /// Whether it is a client's line and no sentence of the writer. No marks below bear it out, so it is
    /// looked at more closely: between address and verb stands next to nothing, and without an address a name
    /// stands beside the verb.
    fn is_certain(&self, text: &str) -> bool {
        let Some(verb) = self.verb.find_iter(text).last() else {
            return true;
        };
        let between = |end: usize| text.get(end..verb.start()).map_or(0, |t| t.split_whitespace().count());
        if let Some(address) = self.bracketed.find_iter(text).last() {
            let most = if self.named.is_match(text) { MAX_BETWEEN_NAME } else { MAX_BETWEEN };
            return between(address.end()) <= most;
        }
        if let Some(address) = self.address.find_iter(text).last() {
            return between(address.end()) <= MAX_BETWEEN;
        }
        let name = |word: &&str| {
            let word = word.trim_matches(|c: char| !c.is_alphanumeric());
            !word.is_empty() && (!word.starts_with(char::is_lowercase) || ADDRESSED.contains(&word))
        };
        let before = text[..verb.start()].split_whitespace().rev().find(|w| !AUXILIARY.contains(w));
        let after = text[verb.end()..].split_whitespace().next();
        before.is_some_and(|w| name(&w)) || after.is_some_and(|w| name(&w))
    }
}

/// As [`attribution`], where the quotation has no marks.
pub(super) fn certain(lines: &[BodyLine<'_>], at: usize, last: usize) -> bool {
    let texts: Vec<&str> = lines[at..=last].iter().map(|l| l.text.trim()).collect();
    PATTERNS.as_ref().is_some_and(|p| p.is_certain(&texts.join(" ")))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Start {
    Date,
    Name,
}

/// If an attribution begins at `at`, its last line.
pub(super) fn attribution(lines: &[BodyLine<'_>], at: usize) -> Option<usize> {
    let patterns = PATTERNS.as_ref()?;
    let first = lines[at].text;
    // Most lines are none: no digit, no address here or at the begin of the next, no words behind a rule.
    let broken = || lines.get(at + 1).is_some_and(|l| l.text.trim_start().starts_with('<'));
    let ruled = || first.trim_start().starts_with("--") && first.contains(char::is_alphabetic);
    let promising = first.contains(|c: char| c.is_numeric() || "@<".contains(c)) || ruled() || broken();
    if !promising {
        return None;
    }
    if first.len() <= MAX_LINE && patterns.between_rules.is_match(first) {
        return Some(at);
    }
    begins(patterns, lines, at, Start::Date).or_else(|| begins(patterns, lines, at, Start::Name))
}

fn begins(patterns: &Patterns, lines: &[BodyLine<'_>], at: usize, start: Start) -> Option<usize> {
    // A weekday and its number stand on one line; "Hello" above a date is none.
    if start == Start::Date && !patterns.is_dated(lines[at].text) {
        return None;
    }
    let mut joined = String::new();
    for (number, line) in lines[at..].iter().take(MAX_LINES + 1).enumerate() {
        if line.is_blank() {
            // Polymail breaks before the address and leaves a line empty.
            let more = number == 1 && lines.get(at + 2).is_some_and(|l| l.text.trim_start().starts_with('<'));
            if !more {
                return None;
            }
            continue;
        }
        if line.text.len() > MAX_LINE || (line.is_quoted() && number > 0) {
            return None;
        }
        joined.push_str(if number > 0 { " " } else { "" });
        joined.push_str(line.text.trim());
        if patterns.fits(&joined, start) {
            return Some(at + number);
        }
        if ends_sentence(line.text) {
            return None;
        }
    }
    None
}

/// A line that ends a sentence does not go on as an attribution; "p.m." and "г." end none.
fn ends_sentence(line: &str) -> bool {
    let line = line.trim_end();
    let last = line.split_whitespace().next_back().unwrap_or("");
    line.ends_with(['!', '?', ':', '。', '？', '！'])
        || (line.ends_with('.') && last.chars().count() > 5 && !last.contains(".m"))
}

/// The lines of the attribution that stands above the quoted block at `block`.
pub(super) fn above(lines: &[BodyLine<'_>], block: usize) -> Option<(usize, usize)> {
    let patterns = PATTERNS.as_ref()?;
    let mut end = block;
    while end > 0 && lines[end - 1].is_blank() && block - end < MAX_BLANK {
        end -= 1;
    }
    if end == 0 || lines[end - 1].is_quoted() {
        return None;
    }
    let last = end - 1;
    // The longest form that begins with a date first: a wrapped line's second half may look whole.
    let starts = last.saturating_sub(MAX_LINES)..=last;
    let whole = |start: Start| starts.clone().find(|&at| begins(patterns, lines, at, start) == Some(last));
    let found = whole(Start::Date).or_else(|| whole(Start::Name));
    let line = lines[last].text.trim();
    let found = found.or_else(|| (line.len() <= MAX_LINE && patterns.above_marks(line)).then_some(last));
    found.map(|start| (start, end))
}

impl Patterns {
    /// Directly above marked lines less is needed, in whatever language.
    fn above_marks(&self, line: &str) -> bool {
        if self.between_rules.is_match(line) {
            return true;
        }
        let colon = line.ends_with([':', '：']);
        let words = line.split_whitespace().count();
        let address = self.bracketed.find_iter(line).last();
        let near = address.is_some_and(|a| line[a.end()..].split_whitespace().count() <= MAX_BETWEEN);
        let full = colon && near && words < 20 && self.when.is_match(line);
        // Gmail before 2012: "2011/4/7 Ann <ann@example.com>".
        let old_gmail = line.ends_with('>')
            && self.address.is_match(line)
            && line.starts_with(|c: char| c.is_ascii_digit());
        // mutt and old Thunderbird: "Ann Smith wrote:".
        let verb =
            self.verb.find_iter(line).last().filter(|v| line[v.end()..].trim_matches([':', ' ']).is_empty());
        let name = verb.map(|v| line[..v.start()].trim());
        let named = colon
            && name.is_some_and(|n| {
                self.bare_name.is_match(n)
                    && !["As", "Like", "What", "I", "Ich", "Wie", "Comme", "Como"].contains(&n)
            });
        // A date and a verb: the year is not needed, or the first word is not known.
        let dated = self.time.is_match(line) || (self.is_dated(line) && line.contains(char::is_numeric));
        let said = colon && verb.is_some() && dated && words < 16;
        full || old_gmail || named || said || (colon && words < 12 && self.quoting.is_match(line))
    }
}

/// Where in a line an attribution begins that was set behind the last words of the answer.
pub(super) fn behind_words(line: &str, quoted_below: bool) -> Option<usize> {
    if line.len() > MAX_LINE
        || !line.trim_end().ends_with([':', '：'])
        || !line.contains(|c: char| c.is_ascii_digit())
    {
        return None;
    }
    let patterns = PATTERNS.as_ref()?;
    let found = patterns.behind.captures(line)?.get(1)?;
    let before = line[..found.start()].trim();
    let itself =
        (patterns.is_dated(line) && patterns.fits(line, Start::Date)) || patterns.fits(line, Start::Name);
    if before.trim_matches(['-', ' ']).is_empty() || itself {
        return None;
    }
    let whole = patterns.fits(found.as_str(), Start::Date) && patterns.verb.is_match(found.as_str());
    let sure =
        quoted_below || (patterns.address.is_match(found.as_str()) && patterns.time.is_match(found.as_str()));
    (whole && sure).then(|| line[..found.start()].trim_end_matches(['-', ' ']).len())
}
