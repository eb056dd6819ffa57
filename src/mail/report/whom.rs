//! Whom a report in prose names.

use std::collections::HashMap;

use super::patterns::{ANY, EXPANDED, FIELD, HEADING, LISTED, NAMED, Pattern};
use crate::mail::field::Head;
use crate::mail::inbound::Inbound;
use crate::mail::mailbox;

/// Recipients that are looked at in one report (T38).
pub(super) const MAX_RECIPIENTS: usize = 200;

/// Where in the words an address stands (the start of its line), and the address.
pub(super) type Found = Vec<(usize, String)>;

/// Where each address stands in the words, as in [`Found`]; found in one pass, however many are asked for.
pub(super) struct Places(HashMap<String, Vec<usize>>);

impl Places {
    /// Finds all addresses.
    pub fn of(words: &str) -> Self {
        let mut places: HashMap<String, Vec<usize>> = HashMap::new();
        for found in ANY.iter().flat_map(|p| p.find_iter(words)) {
            let known = places.entry(address(found.as_str()).to_ascii_lowercase()).or_default();
            // The first ones tell; a flood of the same address tells no more.
            if known.len() < 20 {
                known.push(line_start(words, found.start()));
            }
        }
        Self(places)
    }

    /// Where an address stands, at most 20 places.
    pub fn get(&self, address: &str) -> &[usize] {
        self.0.get(&address.to_ascii_lowercase()).map_or(&[], Vec::as_slice)
    }
}

/// The recipients that a report lists: the first of these sources that names somebody.
pub(super) fn listed(head: &Head, mail: &Inbound, words: &str) -> Found {
    let failed = head
        .all("x-failed-recipients")
        .flat_map(mailbox::list)
        .map(|m| m.address)
        .filter(|a| a.contains('@'));
    let failed: Vec<String> = failed.take(MAX_RECIPIENTS).collect();
    if !failed.is_empty() {
        let places = Places::of(words);
        return unique(
            failed.into_iter().map(|a| (places.get(&a).first().copied().unwrap_or(words.len()), a)).collect(),
        );
    }
    let own = own(mail);
    let named = matches(&FIELD, words)
        .into_iter()
        .chain(matches(&LISTED, words))
        .map(|(at, a)| (at, expanded(words, at, a)));
    let named = foreign(named.collect(), &own);
    if named.is_empty() { foreign(announced(mail, words), &own) } else { named }
}

/// The addresses that stand anywhere in the words: said of a recipient, or at least not the report's own.
pub(super) fn mentioned(mail: &Inbound, words: &str) -> Found {
    let own = own(mail);
    let all = [&EXPANDED, &NAMED, &ANY].into_iter().map(|p| foreign(matches(p, words), &own));
    all.into_iter().find(|found| !found.is_empty()).unwrap_or_default()
}

/// The rows of fields in the words.
pub(super) fn in_fields(words: &str) -> Found {
    matches(&FIELD, words)
}

/// Without the addresses of the report itself and of its writer, each once.
fn foreign(found: Found, own: &[String]) -> Found {
    let foreign =
        found.into_iter().filter(|(_, a)| !own.iter().any(|o| o.eq_ignore_ascii_case(a)) && !daemon(a));
    unique(foreign.collect())
}

/// The recipients of the returned mail: the last resort.
pub(super) fn addressed<'a>(copies: impl Iterator<Item = &'a Head>) -> Vec<String> {
    let to = copies.flat_map(|h| h.all("to").flat_map(mailbox::list).collect::<Vec<_>>()).map(|m| m.address);
    each_once(to.filter(|a| a.contains('@')).collect())
}

/// The same without repetitions, at most [`MAX_RECIPIENTS`].
pub(super) fn each_once(list: Vec<String>) -> Vec<String> {
    unique(list.into_iter().map(|a| (0, a)).collect()).into_iter().map(|(_, a)| a).collect()
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
        .map_or(text, |(local, domain)| {
            &text[..local.len() + 1 + domain.split("..").next().unwrap_or("").len()]
        })
        .trim_end_matches('.')
        .to_owned()
}

/// Sendmail names what an alias led to, and after it the address that was written to.
fn expanded(words: &str, at: usize, address: String) -> String {
    let next = words[at..].split('\n').nth(1).unwrap_or("");
    let told = EXPANDED.as_ref().and_then(|p| p.captures(next)).and_then(|c| c.get(1));
    told.map_or(address, |m| m.as_str().to_owned())
}

/// What stands below a line that announces recipients, up to an empty line; also names without a domain, as
/// AOL gave them.
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

/// Where the line that holds `at` begins.
pub(super) fn line_start(words: &str, at: usize) -> usize {
    words[..at].rfind('\n').map_or(0, |n| n + 1)
}

fn unique(list: Found) -> Found {
    let mut seen = std::collections::HashSet::new();
    list.into_iter().filter(|(_, a)| seen.insert(a.to_ascii_lowercase())).take(MAX_RECIPIENTS).collect()
}
