//! Addresses and ids: strict where they are identity (T08, T09, T16), lenient where they are shown.

use std::borrow::Cow;
use std::fmt;

/// An addr-spec (RFC 5322 §3.4.1) as identity: the canonical key of a person. ASCII-lowercased local part
/// (at most 64 octets), A-label domain; no spaces, controls, quotes or non-ASCII in it (T16, T45).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AddrSpec(String);

/// A mailbox as a person wrote it: display name and address, for showing (T07).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mailbox {
    /// Decoded and cleaned; empty where there is none.
    pub name: String,
    /// As it was written, cleaned; it need not be an address that we would take (T08).
    pub address: String,
}

/// Who a mail says it is from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Sender {
    /// No From field at all, or an empty one.
    #[default]
    Missing,
    /// Exactly one From field with exactly one mailbox that can be read strictly.
    One {
        /// Display name, decoded and cleaned; empty where there is none.
        name: String,
        /// The address.
        address: AddrSpec,
    },
    /// Several fields or mailboxes, a group, or something that two parsers could read in two ways (T08, T09).
    Unclear {
        /// What is wrong, in words.
        why: &'static str,
        /// The first mailbox by a lenient reading, for showing.
        shown: Option<Mailbox>,
    },
}

/// A msg-id (RFC 5322 §3.6.4) without its angle brackets: 1 to 250 octets of 0x21 to 0x7e without `<` and `>`
/// (T43).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageId(String);

impl MessageId {
    /// `text` with or without angle brackets.
    pub fn parse(text: &str) -> Option<Self> {
        let t = text.trim();
        let t = t.strip_prefix('<').and_then(|t| t.strip_suffix('>')).unwrap_or(t);
        let fine = (1..=250).contains(&t.len())
            && t.bytes().all(|b| (0x21..=0x7e).contains(&b) && b != b'<' && b != b'>');
        fine.then(|| Self(t.to_owned()))
    }

    /// Without angle brackets.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}>", self.0)
    }
}

impl AddrSpec {
    /// Strict: anything that two programs could read in two ways is `None`. A domain of other letters than
    /// ASCII becomes its A-labels (RFC 5890), if it is written as UTS 46 would write it.
    pub fn parse(text: &str) -> Option<Self> {
        let (local, domain) = text.trim().rsplit_once('@')?;
        // Odd dots may stand in quotes, as the grammar wants them; nothing else does.
        let bare = local.strip_prefix('"').and_then(|l| l.strip_suffix('"')).filter(|l| odd_dots(l));
        let local = bare.unwrap_or(local);
        let domain = &a_labels(domain)?;
        let atext = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b);
        let local_fine =
            (1..=64).contains(&local.len()) && local.bytes().all(atext) && local.bytes().any(|b| b != b'.');
        let labels = |d: &str| {
            d.split('.').all(|l| {
                (1..=63).contains(&l.len())
                    && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
                    && !l.starts_with('-')
                    && !l.ends_with('-')
            })
        };
        // RFC 2047 §5: an encoded word never stands in an addr-spec; one parser decodes it, another does not
        // (T08).
        let fine = local_fine && !local.contains("=?") && domain.len() <= 190 && labels(domain);
        fine.then(|| Self(format!("{}@{}", local.to_ascii_lowercase(), domain.to_ascii_lowercase())))
    }

    /// Dots stand at its ends or beside each other, as providers in Japan gave them out for years: no atom
    /// of RFC 5322 §3.2.3, and one token to every program.
    pub fn has_odd_dots(&self) -> bool {
        odd_dots(self.local())
    }

    /// As it stands in a letter and in SMTP: odd dots need quotes (RFC 5321 §4.1.2).
    pub fn wire(&self) -> Cow<'_, str> {
        match self.has_odd_dots() {
            true => Cow::Owned(format!("\"{}\"@{}", self.local(), self.domain())),
            false => Cow::Borrowed(&self.0),
        }
    }

    /// `local@domain`, the domain in A-labels.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the `@`, in lower case.
    pub fn local(&self) -> &str {
        self.0.split_once('@').expect("made with one").0
    }

    /// What stands behind the `@`: A-labels in lower case.
    pub fn domain(&self) -> &str {
        self.0.split_once('@').expect("made with one").1
    }

    /// Whether a label of the domain mixes letters of scripts that share shapes (T16).
    pub fn mixes_scripts(&self) -> bool {
        self.domain().contains("xn--")
            && idna::domain_to_unicode(self.domain()).0.split('.').any(mixes_scripts)
    }

    /// The address without its subaddress, and the subaddress (RFC 5233): `a+b@c` is (`a@c`, `b`).
    pub fn split_tag(&self, separator: char) -> (AddrSpec, Option<&str>) {
        match self.local().split_once(separator) {
            Some((user, tag)) if !user.is_empty() => {
                (AddrSpec(format!("{user}@{}", self.domain())), Some(tag))
            }
            _ => (self.clone(), None),
        }
    }
}

fn odd_dots(local: &str) -> bool {
    local.starts_with('.') || local.ends_with('.') || local.contains("..")
}

/// `None` where UTS 46 maps the domain to something else (`ⅾesk`, full-width letters) or an A-label is none
/// (T16).
fn a_labels(domain: &str) -> Option<String> {
    let lower = domain.to_ascii_lowercase();
    if lower.is_ascii() && !lower.contains("xn--") {
        return Some(lower);
    }
    if lower.len() > 250 {
        return None;
    }
    let ascii = idna::domain_to_ascii(&lower).ok()?;
    let (unicode, fine) = idna::domain_to_unicode(&ascii);
    // What was written is one of the two forms of the same name, letter by letter.
    let same = lower == unicode || lower == ascii;
    (fine.is_ok() && same && !unicode.is_ascii()).then_some(ascii)
}

/// Latin, Greek, Cyrillic, Armenian and Cherokee have letters that look the same.
fn mixes_scripts(label: &str) -> bool {
    let script = |c: char| match u32::from(c) {
        0x41..=0x5a | 0x61..=0x7a | 0xc0..=0x24f | 0x1e00..=0x1eff => 1_u8,
        0x370..=0x3ff | 0x1f00..=0x1fff => 2,
        0x400..=0x52f => 4,
        0x531..=0x58f => 8,
        0x13a0..=0x13ff | 0xab70..=0xabbf => 16,
        _ => 0,
    };
    label.chars().fold(0, |all, c| all | script(c)).count_ones() > 1
}

impl fmt::Display for AddrSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Sender {
    /// The one address of the sender; `None` where there is no sender or more than one way to read it.
    pub fn address(&self) -> Option<&AddrSpec> {
        match self {
            Sender::One { address, .. } => Some(address),
            _ => None,
        }
    }

    /// Its display name; empty where there is none, or no clear sender.
    pub fn name(&self) -> &str {
        match self {
            Sender::One { name, .. } => name,
            _ => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t16_one_key_for_one_address() {
        let check = |text: &str, wanted: Option<&str>| {
            assert_eq!(AddrSpec::parse(text).as_ref().map(AddrSpec::as_str), wanted, "{text:?}");
        };
        check("Mike@Desk.Example", Some("mike@desk.example"));
        check("mike@exampIe.org", Some("mike@exampie.org"));
        check("mike+tag@desk.example", Some("mike+tag@desk.example"));
        check("mike@b\u{fc}cher.example", Some("mike@xn--bcher-kva.example"));
        check("mike@XN--Bcher-kva.example", Some("mike@xn--bcher-kva.example"));
        check("mike@\u{65e5}\u{672c}.example", Some("mike@xn--wgv71a.example"));
        // They can be read in one way only.
        check("mi..ke.@desk.example", Some("mi..ke.@desk.example"));
        check("\"mi..ke\"@desk.example", Some("mi..ke@desk.example"));
        let odd = AddrSpec::parse("mike.@desk.example").expect("an address");
        assert_eq!(odd.wire(), "\"mike.\"@desk.example");
        for held in [
            "m\u{131}ke@desk.example",
            "mi\u{212a}e@desk.example",
            "mi\u{17f}e@desk.example",
            "mike@\u{217e}esk.example",
            "mike@\u{ff44}esk.example",
            "mike@de\u{17f}k.example",
            "mike@B\u{dc}CHER.example",
            "mike@desk\u{3002}example",
            "mike@de\u{ad}sk.example",
            "mike@de\u{200d}sk.example",
            "mike@xn--example-.org",
            "mike@xn--a.example",
            "mike@xn--.example",
            "mike@desk.example.",
            "mike@.desk.example",
            "mike@desk..example",
            "\"mike\"@desk.example",
            "mi ke@desk.example",
            "mike@desk.example@evil.example",
            "mike@[192.0.2.1]",
            "mike@-desk.example",
            "=?utf-8?q?mike?=@desk.example",
            "mike\0@desk.example",
            "...@desk.example",
            "\"mi ke.\"@desk.example",
            "@desk.example",
            "mike@",
            "mike",
        ] {
            check(held, None);
        }
    }

    #[test]
    fn t16_mixed_scripts_are_seen() {
        let check = |text: &str, wanted: bool| {
            assert_eq!(AddrSpec::parse(text).expect(text).mixes_scripts(), wanted, "{text}");
        };
        check("mike@desk.example", false);
        check("mike@b\u{fc}cher.example", false);
        check("mike@\u{43f}\u{43e}\u{447}\u{442}\u{430}.example", false);
        check("mike@\u{65e5}\u{672c}desk.example", false);
        check("mike@d\u{435}sk.example", true);
        check("mike@desk.\u{3b1}b", true);
    }
}
