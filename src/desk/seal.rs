//! Our signature on addresses, ids and pages (T01, T13, T14, T19). One key per purpose, all derived from the desk's key.
//!
//! A reply address is `support+r` and 40 letters of base32: version, key id, ticket, person, newest message shown, the day
//! on which it ends, and 80 bits of HMAC-SHA256. Upper case is the same; any other change makes it none.

use super::Moment;
use crate::mail::{AddrSpec, MessageId};
use data_encoding::{BASE32_NOPAD, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::sync::LazyLock;
use subtle::ConstantTimeEq;

static BASE32_LOWER: LazyLock<Encoding> = LazyLock::new(|| {
    let mut s = BASE32_NOPAD.specification();
    s.symbols = s.symbols.to_ascii_lowercase();
    s.encoding().expect("lower case letters are 32 symbols as well")
});

const VERSION: u8 = 1;
const DAY: i64 = 86_400;

/// The keys of a desk by purpose. Prints nothing.
#[derive(Clone)]
pub struct Keys {
    reply: [u8; 32],
    letter: [u8; 32],
    loops: [u8; 32],
    page: [u8; 32],
    audit: [u8; 32],
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(***)")
    }
}

impl Keys {
    /// `master` are the 32 bytes of the desk's key.
    pub fn derive(master: &[u8; 32]) -> Self {
        let key = |purpose: &str| mac(master, &[b"maildesk/", purpose.as_bytes()]);
        Self { reply: key("reply-address"), letter: key("letter"), loops: key("loop"), page: key("page"), audit: key("audit") }
    }

    /// Chain value of an audit row (T92).
    pub fn audit(&self, before: &[u8], row: &[u8]) -> [u8; 32] {
        mac(&self.audit, &[before, b"\0", row])
    }

    /// A hidden value of a page, bound to what it is for (T63, T69).
    pub fn page(&self, purpose: &str, value: &str) -> String {
        BASE32_LOWER.encode(&mac(&self.page, &[purpose.as_bytes(), b"\0", value.as_bytes()])[..20])
    }
}

fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut m = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes any key");
    for p in parts {
        m.update(p);
    }
    m.finalize().into_bytes().into()
}

/// What a valid reply address says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reply {
    pub ticket: i64,
    pub person: i64,
    /// The newest message that its reader had seen; 0: none.
    pub message: i64,
    /// The address proves nothing from here on (seconds since 1970).
    pub ends_at: i64,
}

/// What an address of ours carries behind its separator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tag {
    Reply(Reply),
    /// A bounce address: the id of the letter.
    Bounce(MessageId),
}

/// The subaddress for a reply address.
pub fn reply_tag(keys: &Keys, reply: &Reply) -> String {
    let mut bytes = Vec::with_capacity(25);
    bytes.push(VERSION);
    for part in [reply.ticket, reply.person, reply.message] {
        bytes.extend_from_slice(&u32::try_from(part).unwrap_or(u32::MAX).to_be_bytes());
    }
    bytes.extend_from_slice(&u16::try_from(reply.ends_at / DAY).unwrap_or(u16::MAX).to_be_bytes());
    let sign = mac(&keys.reply, &[&bytes]);
    bytes.extend_from_slice(&sign[..10]);
    format!("r{}", BASE32_LOWER.encode(&bytes))
}

/// The subaddress of a bounce address (table H, `B(x)`).
pub fn bounce_tag(keys: &Keys, id: &MessageId) -> String {
    let random = id.as_str().split('.').next().unwrap_or_default();
    let sign = mac(&keys.letter, &[b"bounce\0", random.as_bytes()]);
    format!("b-{random}-{}", BASE32_LOWER.encode(&sign[..10]))
}

/// The Message-ID of a letter: 96 random bits, 80 bits of HMAC, the desk's domain.
pub fn letter_id(keys: &Keys, domain: &str, moment: &mut Moment) -> MessageId {
    id_of(keys, domain, &BASE32_LOWER.encode(&moment.draw()[..12]))
}

fn id_of(keys: &Keys, domain: &str, random: &str) -> MessageId {
    let sign = mac(&keys.letter, &[b"id\0", random.as_bytes(), b"\0", domain.as_bytes()]);
    MessageId::parse(&format!("{random}.{}@{domain}", BASE32_LOWER.encode(&sign[..10]))).expect("base32 and a domain")
}

/// The value of X-Maildesk-Loop: instance and HMAC over it and the letter's id.
pub fn loop_mark(keys: &Keys, id: &MessageId) -> String {
    let instance = BASE32_LOWER.encode(&mac(&keys.loops, &[b"instance"])[..8]);
    let sign = mac(&keys.loops, &[b"mark\0", id.as_str().as_bytes()]);
    format!("{instance}.{}.{}", id.as_str().split('.').next().unwrap_or_default(), BASE32_LOWER.encode(&sign[..10]))
}

/// Is this a loop mark that this desk made? A relay may have replaced the Message-ID (D15), so the mark carries its own.
pub fn is_loop_mark(keys: &Keys, domain: &str, mark: &str) -> bool {
    let mut parts = mark.trim().splitn(3, '.');
    let (Some(_), Some(random), Some(_)) = (parts.next(), parts.next(), parts.next()) else { return false };
    if random.len() != 20 {
        return false;
    }
    let wanted = loop_mark(keys, &id_of(keys, domain, random));
    wanted.as_bytes().ct_eq(mark.trim().as_bytes()).into()
}

/// Reads an address of ours; `None` where it has no subaddress of ours, or one that we did not sign.
pub fn read(keys: &Keys, domain: &str, address: &AddrSpec, separator: char) -> Option<Tag> {
    let (_, tag) = address.split_tag(separator);
    let tag = tag?;
    if let Some(bounce) = tag.strip_prefix("b-") {
        let (random, _) = bounce.split_once('-')?;
        if random.len() != 20 {
            return None;
        }
        let id = id_of(keys, domain, random);
        return bool::from(bounce_tag(keys, &id).as_bytes().ct_eq(tag.as_bytes())).then_some(Tag::Bounce(id));
    }
    let bytes = BASE32_LOWER.decode(tag.strip_prefix('r')?.as_bytes()).ok()?;
    let (body, sign) = (bytes.len() == 25 && bytes[0] == VERSION).then(|| bytes.split_at(15))?;
    if !bool::from(mac(&keys.reply, &[body])[..10].ct_eq(sign)) {
        return None;
    }
    let number = |at: usize| i64::from(u32::from_be_bytes(body[at..at + 4].try_into().expect("four bytes")));
    let day = u16::from_be_bytes(body[13..15].try_into().expect("two bytes"));
    Some(Tag::Reply(Reply { ticket: number(1), person: number(5), message: number(9), ends_at: i64::from(day) * DAY }))
}

/// Puts a subaddress onto the desk's address.
pub fn with_tag(address: &AddrSpec, separator: char, tag: &str) -> AddrSpec {
    AddrSpec::parse(&format!("{}{separator}{tag}@{}", address.local(), address.domain())).unwrap_or_else(|| address.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t13_no_change_but_case_is_accepted() {
        let keys = Keys::derive(&[7; 32]);
        let desk = AddrSpec::parse("support@desk.example").expect("an address");
        let reply = Reply { ticket: 12, person: 34, message: 56, ends_at: 20_000 * DAY };
        let address = with_tag(&desk, '+', &reply_tag(&keys, &reply));
        assert!(address.local().len() <= 64);
        assert_eq!(read(&keys, "desk.example", &address, '+'), Some(Tag::Reply(reply)));
        let upper = AddrSpec::parse(&address.as_str().to_uppercase()).expect("an address");
        assert_eq!(read(&keys, "desk.example", &upper, '+'), Some(Tag::Reply(reply)));
        for i in "support+".len()..address.local().len() {
            let mut bytes = address.as_str().as_bytes().to_vec();
            bytes[i] = if bytes[i] == b'a' { b'b' } else { b'a' };
            let flipped = AddrSpec::parse(std::str::from_utf8(&bytes).expect("ascii")).expect("an address");
            assert_eq!(read(&keys, "desk.example", &flipped, '+'), None, "{flipped}");
        }
        assert_eq!(read(&Keys::derive(&[8; 32]), "desk.example", &address, '+'), None);
    }

    #[test]
    fn bounce_addresses_and_loop_marks_are_ours_alone() {
        let (keys, other) = (Keys::derive(&[7; 32]), Keys::derive(&[8; 32]));
        let desk = AddrSpec::parse("support@desk.example").expect("an address");
        let id = letter_id(&keys, "desk.example", &mut Moment::new(0, [1; 32]));
        let bounce = with_tag(&desk, '+', &bounce_tag(&keys, &id));
        assert!(bounce.local().len() <= 64);
        assert_eq!(read(&keys, "desk.example", &bounce, '+'), Some(Tag::Bounce(id.clone())));
        assert_eq!(read(&other, "desk.example", &bounce, '+'), None);
        let mark = loop_mark(&keys, &id);
        assert!(is_loop_mark(&keys, "desk.example", &mark));
        assert!(!is_loop_mark(&other, "desk.example", &mark) && !is_loop_mark(&keys, "desk.example", "a.b.c"));
    }
}
