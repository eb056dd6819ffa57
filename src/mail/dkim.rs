//! DKIM signatures: read strictly, verified by mail-auth over the raw bytes (RFC 6376, 8301, 8463; T106).
//!
//! The library is lenient where a desk must not be: it takes a tag that stands twice, a signature that leaves
//! From out, a key in test. So every rule that needs no arithmetic is looked at here first, on bytes of which
//! both readers see the same fields.

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use mail_auth::AuthenticatedMessage;
use mail_auth::common::crypto::HashAlgorithm;
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::DomainKey;
use sha2::{Digest, Sha256};

use super::address::AddrSpec;
use super::field::{Head, without_mark};

/// Signatures of one mail that are tried (STANDARDS: at most 5); with them the number of keys that are asked
/// for.
pub const MAX_SIGNATURES: usize = 5;
/// Names in `h=` that are looked at.
const MAX_SIGNED: usize = 100;
/// RFC 8301 §3.2.
const MIN_RSA_BITS: usize = 1024;
/// RFC 5322 §3.6 and RFC 2045: fields that stand once. Where one stands twice, the signed one need not be the
/// one that is read.
const ONCE: [&str; 14] = [
    "from",
    "subject",
    "date",
    "to",
    "cc",
    "message-id",
    "in-reply-to",
    "references",
    "reply-to",
    "sender",
    "bcc",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
];

/// A signature that may count once its key is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// `d=`, in lower case.
    pub domain: String,
    /// `s=`, in lower case.
    pub selector: String,
    /// `h=`, in lower case.
    pub signed: Vec<String>,
    /// `b=` without white space.
    pub value: String,
    /// `x=` in seconds since 1970.
    pub expires: Option<i64>,
    /// The domain of `i=` is `d=` itself (RFC 6376 §3.6.1, `t=s`).
    own_identity: bool,
    /// The field, unfolded: by it the library's reading is found.
    field: Vec<u8>,
}

impl Signature {
    /// The name of its key (RFC 6376 §3.6.2.1).
    pub fn key_name(&self) -> String {
        format!("{}._domainkey.{}", self.selector, self.domain)
    }

    /// Whether the field with this name, in lower case, is signed.
    pub fn covers(&self, field: &str) -> bool {
        self.signed.iter().any(|s| s == field)
    }

    /// What is remembered, so that it counts once (T107).
    pub fn fingerprint(&self) -> [u8; 32] {
        Sha256::new().chain_update(&self.domain).chain_update([0]).chain_update(&self.value).finalize().into()
    }
}

/// The signatures of a mail, by the rules that need no key, and why the others do not count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signatures {
    /// At most 5, in the order of their fields.
    pub good: Vec<Signature>,
    /// Why the last of the others does not count; `None`: there is no other.
    pub why_not: Option<&'static str>,
}

/// Reads the DKIM-Signature fields of a header block.
pub(super) fn signatures_of(head: &Head) -> Signatures {
    let mut out = Signatures::default();
    if head.count("dkim-signature") == 0 {
        return out;
    }
    if !head.defects.is_empty() {
        out.why_not = Some("its header can be read in two ways");
        return out;
    }
    if ONCE.iter().any(|name| head.count(name) > 1) {
        out.why_not = Some("a field that stands once in a mail is repeated");
        return out;
    }
    if head.count("dkim-signature") > MAX_SIGNATURES {
        out.why_not = Some("it bears too many signatures");
    }
    for field in head.all("dkim-signature").take(MAX_SIGNATURES) {
        match signature(field) {
            Ok(signature) => out.good.push(signature),
            Err(why) => out.why_not = Some(why),
        }
    }
    out
}

/// One signature, by the rules that need no key; `Err`: why it does not count.
fn signature(field: &[u8]) -> Result<Signature, &'static str> {
    let text = std::str::from_utf8(field).map_err(|_| "its signature cannot be read")?;
    let tags = Tags::read(text).ok_or("its signature cannot be read")?;
    if tags.get("v") != Some("1") {
        return Err("its signature has no known version");
    }
    if !matches!(tags.get("a"), Some("rsa-sha256" | "ed25519-sha256")) {
        return Err("its signature uses an algorithm that no longer counts");
    }
    // RFC 6376 §8.2: what stands behind the signed length is anybody's.
    if tags.get("l").is_some() {
        return Err("its signature covers a part of the body only (l=)");
    }
    if tags.get("q").is_some_and(|q| !q.split(':').any(|m| m.trim() == "dns/txt")) {
        return Err("its key is not in DNS");
    }
    let domain = tags.get("d").and_then(name).ok_or("its signature names no domain")?;
    let selector = tags.get("s").and_then(name).ok_or("its signature names no key")?;
    let identity = tags.get("i").map(|i| i.rsplit_once('@').map_or("", |(_, d)| d).to_ascii_lowercase());
    let own_identity = identity.as_ref().is_none_or(|i| *i == domain);
    if !own_identity && !identity.is_some_and(|i| i.ends_with(&format!(".{domain}"))) {
        return Err("its signature speaks for another domain (i=)");
    }
    let signed: Vec<String> = tags
        .get("h")
        .unwrap_or_default()
        .split(':')
        .map(|h| h.trim().to_ascii_lowercase())
        .take(MAX_SIGNED + 1)
        .collect();
    if signed.len() > MAX_SIGNED {
        return Err("its signature covers too many fields");
    }
    if !["from", "subject"].iter().all(|must| signed.iter().any(|s| s == must)) {
        return Err("its signature leaves out From or Subject");
    }
    let expires = match tags.get("x") {
        Some(x) => {
            Some(x.parse::<u32>().map_err(|_| "its signature ends at no time that can be read")?.into())
        }
        None => None,
    };
    let value: String = tags.get("b").unwrap_or_default().split_ascii_whitespace().collect();
    Ok(Signature { domain, selector, signed, value, expires, own_identity, field: field.to_vec() })
}

/// A domain name in lower case, as the domain of an address is read.
fn name(text: &str) -> Option<String> {
    let label = |l: &str| {
        !l.is_empty() && l.len() <= 63 && l.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
    };
    let fine = text.len() <= 253 && text.split('.').all(label);
    fine.then(|| text.to_ascii_lowercase())
}

/// Does each signature hold with one of the records found at its name? In the order of `all`.
pub fn verify(raw: &[u8], all: &[(&Signature, &[String])]) -> Vec<Result<(), &'static str>> {
    let wire = wire(raw);
    let done = catch_unwind(AssertUnwindSafe(|| {
        let message = AuthenticatedMessage::parse(&wire).filter(|m| same_fields(&wire, m));
        let one = |(signature, records): &(&Signature, &[String])| match &message {
            Some(message) => holds(message, signature, records),
            None => Err("its header can be read in two ways"),
        };
        all.iter().map(one).collect()
    }));
    done.unwrap_or_else(|_| vec![Err("its signature cannot be read"); all.len()])
}

/// Both readers see the same fields, the same body and the same sender.
fn same_fields(wire: &[u8], message: &AuthenticatedMessage<'_>) -> bool {
    let head = Head::split(wire);
    let from = head.first("from").map(|v| super::mailbox::sender(std::iter::once(v)));
    let sender = from.as_ref().and_then(|f| f.address()).map(AddrSpec::as_str);
    let [other] = message.from.as_slice() else { return false };
    message.body_offset() == head.body
        && message.headers.len() == head.fields().count()
        && sender.is_some_and(|sender| sender.eq_ignore_ascii_case(other))
}

fn holds(
    message: &AuthenticatedMessage<'_>,
    signature: &Signature,
    records: &[String],
) -> Result<(), &'static str> {
    let unfolded = |value: &[u8]| {
        let bare: Vec<u8> = value.iter().copied().filter(|b| !b"\r\n".contains(b)).collect();
        bare.trim_ascii() == signature.field
    };
    let header =
        message.dkim_headers.iter().find(|h| unfolded(h.value)).ok_or("its signature cannot be read")?;
    let read = &header.header;
    if !read.d.eq_ignore_ascii_case(&signature.domain) || !read.s.eq_ignore_ascii_case(&signature.selector) {
        return Err("its signature can be read in two ways");
    }
    let algorithm = HashAlgorithm::from(read.a);
    let hash =
        message.body_hashes.iter().find(|(c, a, l, _)| *c == read.cb && *a == algorithm && *l == read.l);
    if hash.is_none_or(|(.., hash)| *hash != read.bh) {
        return Err("its body is not the one that was signed");
    }
    let stripped = without_value(header.value);
    let mut why = "there is no key for its signature";
    for record in records {
        let key = match key(record, signature) {
            Ok(key) => key,
            Err(fault) => {
                why = fault;
                continue;
            }
        };
        let mut fields = message.signed_headers(&read.h, header.name, &stripped);
        match key.p.verify(&mut fields, &read.b, read.ch, read.a) {
            Ok(()) => return Ok(()),
            Err(_) => why = "its header is not the one that was signed",
        }
    }
    Err(why)
}

/// A key that may speak for a mail (RFC 6376 §3.6.1).
fn key(record: &str, signature: &Signature) -> Result<DomainKey, &'static str> {
    let tags = Tags::read(record).ok_or("the key of its signature cannot be read")?;
    let lists = |tag: &str, wanted: &str| {
        tags.get(tag).is_some_and(|v| v.split(':').any(|w| w.trim().eq_ignore_ascii_case(wanted)))
    };
    if tags.get("v").is_some_and(|v| v != "DKIM1") {
        return Err("the key of its signature cannot be read");
    }
    if lists("t", "y") {
        return Err("the key of its signature is a test (t=y)");
    }
    if lists("t", "s") && !signature.own_identity {
        return Err("its signature speaks for another domain (i=)");
    }
    if tags.get("h").is_some() && !lists("h", "sha256")
        || tags.get("s").is_some() && !lists("s", "*") && !lists("s", "email")
    {
        return Err("the key of its signature is for something else");
    }
    if tags.get("p").is_none_or(str::is_empty) {
        return Err("the key of its signature was revoked");
    }
    let key = DomainKey::parse(record.as_bytes()).map_err(|_| "the key of its signature cannot be read")?;
    if key.p.public_key_bits() < MIN_RSA_BITS {
        return Err("the key of its signature is too short");
    }
    Ok(key)
}

/// RFC 6376 §3.7: the field is signed with the value of `b=` taken out, and without the line end behind it.
fn without_value(field: &[u8]) -> Vec<u8> {
    let field = field.strip_suffix(b"\r\n").unwrap_or(field);
    let mut out = Vec::with_capacity(field.len());
    for (i, tag) in field.split(|b| *b == b';').enumerate() {
        if i > 0 {
            out.push(b';');
        }
        let equals = tag.iter().position(|b| *b == b'=').filter(|at| tag[..*at].trim_ascii() == b"b");
        out.extend_from_slice(equals.map_or(tag, |at| &tag[..=at]));
    }
    out
}

/// The bytes as they travelled: a store that keeps lines with LF alone gets its CR back, and an mbox line
/// goes.
fn wire(raw: &[u8]) -> Cow<'_, [u8]> {
    let raw = without_mark(raw);
    let raw = match raw.starts_with(b"From ") {
        true => &raw[raw.iter().position(|b| *b == b'\n').map_or(0, |at| at + 1)..],
        false => raw,
    };
    if raw.contains(&b'\r') {
        return Cow::Borrowed(raw);
    }
    let mut out = Vec::with_capacity(raw.len() + raw.len() / 30);
    for line in raw.split_inclusive(|b| *b == b'\n') {
        match line.strip_suffix(b"\n") {
            Some(line) => out.extend_from_slice(&[line, b"\r\n"].concat()),
            None => out.extend_from_slice(line),
        }
    }
    Cow::Owned(out)
}

/// A tag list (RFC 6376 §3.2), also of a DMARC record (RFC 9989 §4.7). One in which a tag stands twice is
/// none.
pub struct Tags<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Tags<'a> {
    const MAX: usize = 100;

    /// `None`: it does not follow the grammar, or has more than 100 tags.
    pub fn read(text: &'a str) -> Option<Self> {
        let mut all: Vec<(&str, &str)> = Vec::new();
        for piece in text.split(';') {
            let piece = piece.trim_ascii();
            if piece.is_empty() {
                continue;
            }
            let (tag, value) = piece.split_once('=')?;
            let tag = tag.trim_ascii();
            let fine = tag.starts_with(|c: char| c.is_ascii_alphabetic())
                && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            if !fine || all.len() >= Self::MAX || all.iter().any(|(t, _)| t.eq_ignore_ascii_case(tag)) {
                return None;
            }
            all.push((tag, value.trim_ascii()));
        }
        Some(Self(all))
    }

    /// RFC 6376 §3.2: tags are case-sensitive.
    pub fn get(&self, tag: &str) -> Option<&'a str> {
        self.0.iter().find(|(t, _)| *t == tag).map(|(_, v)| *v)
    }

    /// The first tag: the one that must be `v=` (RFC 7489 §6.3).
    pub fn first(&self) -> Option<(&'a str, &'a str)> {
        self.0.first().copied()
    }
}
