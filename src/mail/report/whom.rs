//! Whom a report in prose names, and what it says of each (RFC 3463 numbers, RFC 5321 reply codes, else its words).

use super::super::field::Head;
use super::super::mailbox;
use super::super::text::clean_line;
use super::patterns::{
    ANY, CODE, CODE_LAST, DELAYED, EXPANDED, FAILED, FIELD, HEADING, LISTED, NAMED, PASSING, Pattern, STILL, hit,
};
use super::{Inbound, MAX_RECIPIENTS, ReportKind, ReportedRecipient, fields};

/// Characters of what the other side said that are kept.
const MAX_DIAGNOSTIC: usize = 500;

/// Where in the words an address stands (the start of its line), and the address.
type Found = Vec<(usize, String)>;

/// Why a mail failed, as far as a piece of text tells.
#[derive(Default)]
pub(super) struct Why {
    pub status: Option<String>,
    pub diagnostic: Option<String>,
    class: Option<char>,
    passing: bool,
}

impl Why {
    fn told(&self) -> bool {
        self.class.is_some()
    }

    /// With the words that stand for a diagnostic, where no line with a code does.
    fn or_said(mut self, words: &str, address: &str, block: &str) -> Self {
        if self.diagnostic.is_none() {
            self.diagnostic = said(words, address, block);
            let text = self.diagnostic.as_deref().unwrap_or(words);
            self.passing = hit(&PASSING, text) && !words.to_lowercase().contains("permanent");
        }
        self
    }

    fn recipient(self, address: String, kind: ReportKind) -> ReportedRecipient {
        let permanent = kind == ReportKind::Failure && self.class.map_or(!self.passing, |c| c == '5');
        ReportedRecipient { address, status: self.status, diagnostic: self.diagnostic, permanent }
    }
}

/// The recipients that a report lists, each with its reason.
pub(super) fn listed(head: &Head, mail: &Inbound, words: &str, kind: ReportKind) -> Vec<ReportedRecipient> {
    with_blocks(&on_lists(head, mail, words), words, kind)
}

/// The addresses that stand anywhere in the words: said of a recipient, or at least not the report's own.
pub(super) fn mentioned(mail: &Inbound, words: &str, kind: ReportKind) -> Vec<ReportedRecipient> {
    let own = own(mail);
    let all = [&EXPANDED, &NAMED, &ANY].into_iter().map(|p| foreign(matches(p, words), &own));
    with_blocks(&all.into_iter().find(|found| !found.is_empty()).unwrap_or_default(), words, kind)
}

fn with_blocks(found: &Found, words: &str, kind: ReportKind) -> Vec<ReportedRecipient> {
    let blocks = blocks(words, found);
    let shared = found.len() == 1 || !blocks.iter().any(|block| why(block).told());
    let each = found.iter().zip(blocks).map(|((_, address), block)| {
        let own = Some(why(block)).filter(Why::told);
        let why = own.or_else(|| elsewhere(words, address, shared)).unwrap_or_default();
        why.or_said(words, address, block).recipient(address.clone(), kind)
    });
    each.collect()
}

/// As [`listed`] for addresses that are known from elsewhere; they share what the words say.
pub(super) fn with_reason(addresses: Vec<String>, words: &str, kind: ReportKind) -> Vec<ReportedRecipient> {
    addresses.into_iter().map(|address| why(words).or_said(words, &address, "").recipient(address, kind)).collect()
}

/// What the words say of one address; for reports whose fields do not say it.
pub(super) fn reason(words: &str, address: &str, alone: bool) -> Why {
    let row = matches(&FIELD, words).into_iter().find(|(_, a)| a == address).map(|(at, _)| at);
    let block = row.or_else(|| position(words, address)).map_or("", |at| &words[at..]);
    elsewhere(words, address, alone).unwrap_or_default().or_said(words, address, block)
}

/// A line with a reply code that names the address; where the words speak of one recipient only, any such line.
fn elsewhere(words: &str, address: &str, alone: bool) -> Option<Why> {
    let lines = words.match_indices(address).take(20).map(|(at, _)| {
        let start = words[..at].rfind('\n').map_or(0, |n| n + 1);
        let end = words[at..].find('\n').map_or(words.len(), |n| at + n);
        why(&words[start..end])
    });
    lines.into_iter().find(Why::told).or_else(|| alone.then(|| why(words)).filter(Why::told))
}

/// What is said of an address where no code is given: its sentence, else what stands below it, else the report's own.
fn said(words: &str, address: &str, block: &str) -> Option<String> {
    let local = address.split('@').next().unwrap_or(address);
    let (before, after) = block.split_once(address).or_else(|| block.split_once(local)).unwrap_or(("", block));
    let below = after.trim_start_matches(|c: char| c.is_whitespace() || ">:;,.])-".contains(c));
    // Further fields of a report are no words about the address.
    let field = below.split_whitespace().next().is_some_and(|word| word.contains('-') && word.ends_with(':'));
    let below = if field { "" } else { paragraph(below) };
    let around = if tells(before) { &block[..block.len() - after.len() + paragraph(after).len()] } else { "" };
    let sentence = words.split('\n').take(200).find(|l| hit(&FAILED, l) || hit(&STILL, l) || hit(&DELAYED, l)).unwrap_or("");
    [around, below, sentence].into_iter().find(|text| tells(text)).map(one_line)
}

/// Are there words, not only marks?
fn tells(text: &str) -> bool {
    text.chars().filter(|c| c.is_alphabetic()).count() > 5
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
    let line = clean_line(text).split_whitespace().collect::<Vec<_>>().join(" ");
    line.trim_end_matches([':', '<', '"', ' ']).chars().take(MAX_DIAGNOSTIC).collect()
}

/// The first status and the first reply code of a text.
fn why(text: &str) -> Why {
    let code = [&CODE, &CODE_LAST].into_iter().find_map(|p| p.as_ref().and_then(|p| p.captures(text)));
    let status = fields::failed_status(text);
    let class = status.as_deref().and_then(|s| s.chars().next()).or_else(|| code.as_ref().and_then(|c| c[1].chars().next()));
    let diagnostic = code.and_then(|c| c.get(0)).map(|line| {
        // The other side's words go on in lines that are indented.
        let more = text[line.end()..].split('\n').skip(1).take_while(|l| l.starts_with([' ', '\t']) && !l.trim().is_empty());
        let whole: Vec<&str> = line.as_str().split_whitespace().chain(more.take(5).flat_map(str::split_whitespace)).collect();
        one_line(&whole.join(" "))
    });
    Why { status, diagnostic, class, passing: false }
}

/// The text from each address to the next.
fn blocks<'a>(words: &'a str, found: &Found) -> Vec<&'a str> {
    let mut starts: Vec<usize> = found.iter().map(|(at, _)| *at).collect();
    starts.sort_unstable();
    found
        .iter()
        .map(|(at, _)| {
            let next = starts.partition_point(|s| s <= at);
            &words[*at..starts.get(next).copied().unwrap_or(words.len())]
        })
        .collect()
}

/// The first of these sources that names somebody.
fn on_lists(head: &Head, mail: &Inbound, words: &str) -> Found {
    let failed = head.all("x-failed-recipients").flat_map(mailbox::list).map(|m| m.address).filter(|a| a.contains('@'));
    let failed: Found = failed.map(|a| (position(words, &a).unwrap_or(0), a)).collect();
    if !failed.is_empty() {
        return unique(failed);
    }
    let own = own(mail);
    let rows = matches(&FIELD, words).into_iter().chain(matches(&LISTED, words)).map(|(at, a)| (at, expanded(words, at, a)));
    let rows = foreign(rows.collect(), &own);
    if rows.is_empty() { foreign(announced(mail, words), &own) } else { rows }
}

/// Without the addresses of the report itself and of its writer, each once.
fn foreign(found: Found, own: &[String]) -> Found {
    let foreign = found.into_iter().filter(|(_, a)| !own.iter().any(|o| o.eq_ignore_ascii_case(a)) && !daemon(a));
    unique(foreign.collect())
}

/// The recipients of the returned mail: the last resort.
pub(super) fn addressed<'a>(copies: impl Iterator<Item = &'a Head>) -> Vec<String> {
    let to = copies.flat_map(|h| h.all("to").flat_map(mailbox::list).collect::<Vec<_>>()).map(|m| m.address);
    let to: Found = to.filter(|a| a.contains('@')).map(|a| (0, a)).collect();
    unique(to).into_iter().map(|(_, a)| a).collect()
}

/// The addresses of the mail itself: they are those of whom it tells, not whom it tells of.
fn own(mail: &Inbound) -> Vec<String> {
    mail.to.iter().map(|m| m.address.clone()).chain(mail.from.address().map(ToString::to_string)).collect()
}

fn daemon(address: &str) -> bool {
    let local = address.split('@').next().unwrap_or("").to_lowercase();
    ["mailer-daemon", "postmaster"].contains(&local.as_str())
}

fn matches(pattern: &Pattern, words: &str) -> Found {
    let Some(pattern) = pattern.as_ref() else { return Vec::new() };
    let all = pattern.captures_iter(words).take(MAX_RECIPIENTS * 5).filter_map(|c| c.get(1));
    all.map(|m| (line_start(words, m.start()), address(m.as_str()))).collect()
}

/// `a@b...User unknown`: what follows the points is no domain. `SMTP=a@b` is how X.400 names it.
fn address(text: &str) -> String {
    let text = text.get(..5).filter(|start| start.eq_ignore_ascii_case("smtp=")).map_or(text, |_| &text[5..]);
    text.split_once('@')
        .map_or(text, |(local, domain)| &text[..local.len() + 1 + domain.split("..").next().unwrap_or("").len()])
        .trim_end_matches('.')
        .to_owned()
}

/// Sendmail names what an alias led to, and after it the address that was written to.
fn expanded(words: &str, at: usize, address: String) -> String {
    let next = words[at..].split('\n').nth(1).unwrap_or("");
    let told = EXPANDED.as_ref().and_then(|p| p.captures(next)).and_then(|c| c.get(1));
    told.map_or(address, |m| m.as_str().to_owned())
}

/// What stands below a line that announces recipients, up to an empty line; also names without a domain, as AOL gave them.
fn announced(mail: &Inbound, words: &str) -> Found {
    let Some((heading, any)) = HEADING.as_ref().zip(ANY.as_ref()) else { return Vec::new() };
    let domain = mail.from.address().filter(|a| daemon(a.as_str())).map(|a| a.domain().to_owned());
    let mut out = Found::new();
    for line in heading.find_iter(words).take(20) {
        let below = words[line.end()..].trim_start_matches(['\n', ' ', '\t']);
        let start = line_start(words, words.len() - below.len());
        for row in words[start..].split('\n').take_while(|row| !row.trim().is_empty()).take(MAX_RECIPIENTS) {
            let bare = row.trim().bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
            match (any.find(row), &domain) {
                (Some(m), _) => out.push((start, address(m.as_str()))),
                (None, Some(domain)) if bare => out.push((start, format!("{}@{domain}", row.trim()))),
                _ => {}
            }
        }
        if out.len() >= MAX_RECIPIENTS {
            break;
        }
    }
    out
}

fn line_start(words: &str, at: usize) -> usize {
    words[..at].rfind('\n').map_or(0, |n| n + 1)
}

fn position(words: &str, address: &str) -> Option<usize> {
    words.find(address).map(|at| line_start(words, at))
}

fn unique(list: Found) -> Found {
    let mut seen = std::collections::HashSet::new();
    list.into_iter().filter(|(_, a)| seen.insert(a.to_ascii_lowercase())).take(MAX_RECIPIENTS).collect()
}
