//! Why a report in prose says that a mail failed: RFC 3463 numbers, RFC 5321 reply codes, else its words.

use std::cell::Cell;

use super::fields;
use super::patterns::{CODE, CODE_LAST, DELAYED, FAILED, PASSING, STILL, hit};
use super::whom::{self, Found, Places};
use crate::mail::inbound::{ReportKind, ReportedRecipient};
use crate::mail::text::clean_line;

/// Characters of what the other side said that are kept.
const MAX_DIAGNOSTIC: usize = 500;
/// Bytes that are looked at for one recipient, and for all of one report together: were there 200 who share
/// their words, each would be looked at for all of them.
const MAX_BLOCK: usize = 8 * 1024;
const MAX_BLOCKS: usize = 64 * 1024;

/// The reason for one recipient, as far as the words tell.
#[derive(Default, Clone)]
pub(super) struct Why {
    /// `5.1.1` (RFC 3463).
    pub status: Option<String>,
    /// What the other side said, at most 500 characters.
    pub diagnostic: Option<String>,
    class: Option<char>,
    passing: bool,
}

/// The words of a report, and what they say of all its recipients; read once, however many those are.
pub(super) struct Reasons<'a> {
    words: &'a str,
    listed: Found,
    places: Places,
    /// The first status and code of the words.
    whole: Why,
    /// The first line that says what the report is about.
    sentence: &'a str,
    permanent: bool,
    /// Octets that may still be looked at, for all recipients together.
    room: Cell<usize>,
}

impl Why {
    fn is_known(&self) -> bool {
        self.class.is_some()
    }

    fn recipient(self, address: String, kind: ReportKind) -> ReportedRecipient {
        let permanent = kind == ReportKind::Failure && self.class.map_or(!self.passing, |c| c == '5');
        ReportedRecipient { address, status: self.status, diagnostic: self.diagnostic, permanent }
    }
}

impl<'a> Reasons<'a> {
    /// Reads the words of a report once.
    pub fn of(words: &'a str) -> Self {
        let says = |l: &&str| hit(&FAILED, l) || hit(&STILL, l) || hit(&DELAYED, l);
        let sentence = words.split('\n').take(200).find(says).map_or("", |l| cut(l, MAX_BLOCK / 8));
        let permanent = words.to_lowercase().contains("permanent");
        Self {
            words,
            listed: whom::in_fields(words),
            places: Places::of(words),
            whole: why(words),
            sentence,
            permanent,
            room: Cell::new(MAX_BLOCKS),
        }
    }

    /// The recipients that were found in the words, each with its reason.
    pub fn recipients(&self, found: &Found, kind: ReportKind) -> Vec<ReportedRecipient> {
        let blocks: Vec<&str> = blocks(self.words, found).into_iter().map(|b| self.seen(b)).collect();
        let own: Vec<Why> = blocks.iter().map(|block| why(block)).collect();
        let shared = found.len() == 1 || !own.iter().any(Why::is_known);
        let each = found.iter().zip(blocks).zip(own).map(|(((_, address), block), own)| {
            let why = if own.is_known() { own } else { self.elsewhere(address, shared) };
            self.with_words(why, address, block).recipient(address.clone(), kind)
        });
        each.collect()
    }

    /// Recipients that are known from elsewhere; they share what the words say.
    pub fn all_of(&self, addresses: Vec<String>, kind: ReportKind) -> Vec<ReportedRecipient> {
        let each =
            addresses.into_iter().map(|a| self.with_words(self.whole.clone(), &a, "").recipient(a, kind));
        each.collect()
    }

    /// What the words say of one address; for reports whose fields do not say it.
    pub fn reason(&self, address: &str, alone: bool) -> Why {
        let listed = self.listed.iter().find(|(_, a)| a == address).map(|(at, _)| *at);
        let block = listed
            .or_else(|| self.places.get(address).first().copied())
            .map_or("", |at| self.seen(cut(&self.words[at..], MAX_BLOCK)));
        self.with_words(self.elsewhere(address, alone), address, block)
    }

    /// A line with a reply code that names the address; where the words speak of one recipient only, any such
    /// line.
    fn elsewhere(&self, address: &str, alone: bool) -> Why {
        let lines = self.places.get(address).iter();
        let lines =
            lines.map(|at| self.words[*at..].split('\n').next().unwrap_or("")).map(|l| cut(l, MAX_BLOCK / 8));
        let mut lines = lines.map(|line| why(self.seen(line)));
        lines.find(Why::is_known).unwrap_or_else(|| if alone { self.whole.clone() } else { Why::default() })
    }

    /// As much of a text as may still be looked at.
    fn seen<'t>(&self, text: &'t str) -> &'t str {
        let seen = cut(text, self.room.get());
        self.room.set(self.room.get() - seen.len());
        seen
    }

    /// With the words that stand for a diagnostic, where no line with a code does.
    fn with_words(&self, mut why: Why, address: &str, block: &str) -> Why {
        if why.diagnostic.is_none() {
            why.diagnostic = said(self.sentence, address, block);
            why.passing =
                !self.permanent && why.diagnostic.as_deref().is_some_and(|text| hit(&PASSING, text));
        }
        why
    }
}

/// At most so many bytes of a text.
fn cut(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    &text[..end]
}

/// The text from each address to the next.
fn blocks<'a>(words: &'a str, found: &Found) -> Vec<&'a str> {
    let mut starts: Vec<usize> = found.iter().map(|(at, _)| *at).collect();
    starts.sort_unstable();
    found
        .iter()
        .map(|(at, _)| {
            let next = starts.partition_point(|s| s <= at);
            cut(&words[*at..starts.get(next).copied().unwrap_or(words.len())], MAX_BLOCK)
        })
        .collect()
}

/// What is said of an address where no code is given: its sentence, else what stands below it, else the
/// report's own.
fn said(sentence: &str, address: &str, block: &str) -> Option<String> {
    let local = address.split('@').next().unwrap_or(address);
    let (before, after) =
        block.split_once(address).or_else(|| block.split_once(local)).unwrap_or(("", block));
    let below = after.trim_start_matches(|c: char| c.is_whitespace() || ">:;,.])-".contains(c));
    // Further fields of a report are no words about the address.
    let field = below.split_whitespace().next().is_some_and(|word| word.contains('-') && word.ends_with(':'));
    let below = if field { "" } else { paragraph(below) };
    let around =
        if tells(before) { &block[..block.len() - after.len() + paragraph(after).len()] } else { "" };
    [around, below, sentence].into_iter().find(|text| tells(text)).map(one_line)
}

/// Are there words, not only marks?
fn tells(text: &str) -> bool {
    text.chars().filter(|c| c.is_alphabetic()).nth(5).is_some()
}

/// The text up to an empty line; what ends with a colon goes on below it.
fn paragraph(text: &str) -> &str {
    let end = text.find("\n\n").unwrap_or(text.len());
    if !text[..end].ends_with(':') {
        return &text[..end];
    }
    let rest = text[end..].trim_start();
    let start = text.len() - rest.len();
    &text[..start + rest.find("\n\n").unwrap_or(rest.len())]
}

fn one_line(text: &str) -> String {
    let line = clean_line(cut(text, MAX_BLOCK)).split_whitespace().collect::<Vec<_>>().join(" ");
    line.trim_end_matches([':', '<', '"', ' ']).chars().take(MAX_DIAGNOSTIC).collect()
}

/// The first status and the first reply code of a text.
fn why(text: &str) -> Why {
    let code = [&CODE, &CODE_LAST].into_iter().find_map(|p| p.as_ref().and_then(|p| p.captures(text)));
    let status = fields::failed_status(text);
    let class = status
        .as_deref()
        .and_then(|s| s.chars().next())
        .or_else(|| code.as_ref().and_then(|c| c[1].chars().next()));
    let diagnostic = code.and_then(|c| c.get(0)).map(|line| {
        // The other side's words go on in lines that are indented.
        let more = text[line.end()..]
            .split('\n')
            .skip(1)
            .take_while(|l| l.starts_with([' ', '\t']) && !l.trim().is_empty());
        let whole: Vec<&str> =
            line.as_str().split_whitespace().chain(more.take(5).flat_map(str::split_whitespace)).collect();
        one_line(&whole.join(" "))
    });
    Why { status, diagnostic, class, passing: false }
}
