//! Addresses and ids: strict where they are identity (T08, T09, T16), lenient where they are shown.

use std::fmt;

/// An addr-spec (RFC 5322 §3.4.1) as identity: the canonical key of a person. ASCII-lowercased local part
/// (at most 64 octets), A-label domain; no spaces, controls, quotes or non-ASCII in it (T16, T45).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AddrSpec(String);

/// A mailbox as a person wrote it: display name and address, for showing (T07).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mailbox {
    pub name: String,
    pub address: String,
}

/// Who a mail says it is from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Sender {
    /// No From field at all, or an empty one.
    #[default]
    Missing,
    /// Exactly one From field with exactly one mailbox that can be read strictly.
    One { name: String, address: AddrSpec },
    /// Several fields or mailboxes, a group, or something that two parsers could read in two ways (T08, T09).
    Unclear { why: &'static str, shown: Option<Mailbox> },
}

/// A msg-id (RFC 5322 §3.6.4) without its angle brackets: 1 to 250 octets of 0x21 to 0x7e without `<` and `>` (T43).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageId(String);

impl MessageId {
    /// `text` with or without angle brackets.
    pub fn parse(text: &str) -> Option<Self> {
        let t = text.trim();
        let t = t.strip_prefix('<').and_then(|t| t.strip_suffix('>')).unwrap_or(t);
        let fine = (1..=250).contains(&t.len()) && t.bytes().all(|b| (0x21..=0x7e).contains(&b) && b != b'<' && b != b'>');
        fine.then(|| Self(t.to_owned()))
    }

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
    /// Strict: anything that two programs could read in two ways is `None`.
    pub fn parse(text: &str) -> Option<Self> {
        let (local, domain) = text.trim().rsplit_once('@')?;
        let atext = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b);
        let local_fine = (1..=64).contains(&local.len())
            && local.bytes().all(atext)
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..");
        let labels = |d: &str| {
            d.split('.').all(|l| {
                (1..=63).contains(&l.len())
                    && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
                    && !l.starts_with('-')
                    && !l.ends_with('-')
            })
        };
        // RFC 2047 §5: an encoded word never stands in an addr-spec; one parser decodes it, another does not (T08).
        let fine = local_fine && !local.contains("=?") && domain.len() <= 190 && labels(domain);
        fine.then(|| Self(format!("{}@{}", local.to_ascii_lowercase(), domain.to_ascii_lowercase())))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn local(&self) -> &str {
        self.0.split_once('@').expect("made with one").0
    }

    pub fn domain(&self) -> &str {
        self.0.split_once('@').expect("made with one").1
    }

    /// The address without its subaddress, and the subaddress (RFC 5233): `a+b@c` is (`a@c`, `b`).
    pub fn split_tag(&self, separator: char) -> (AddrSpec, Option<&str>) {
        match self.local().split_once(separator) {
            Some((user, tag)) if !user.is_empty() => (AddrSpec(format!("{user}@{}", self.domain())), Some(tag)),
            _ => (self.clone(), None),
        }
    }
}

impl fmt::Display for AddrSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Sender {
    pub fn address(&self) -> Option<&AddrSpec> {
        match self {
            Sender::One { address, .. } => Some(address),
            _ => None,
        }
    }

    pub fn name(&self) -> &str {
        match self {
            Sender::One { name, .. } => name,
            _ => "",
        }
    }
}
