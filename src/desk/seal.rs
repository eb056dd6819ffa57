//! Our signature on addresses, ids and pages (T01, T13, T14, T19, T81). One key per purpose and generation,
//! all derived from the desk's key.
//!
//! A reply address is `support+r` and 40 letters of base32: version and key id (four bits each), ticket,
//! person, newest message shown, the day on which it ends, and 80 bits of HMAC-SHA256. Upper case is the
//! same; any other change makes it none.
//!
//! `maildesk keys rotate` begins a new generation. What the older ones sealed is still known for ours, so
//! that a letter which comes back is a loop and a report finds its letter; but it proves nothing any more
//! ([`Tag::Revoked`]).

mod leave;

pub use leave::{leave_token, read_leave};

use super::Moment;
use crate::mail::{AddrSpec, MessageId};
use data_encoding::{BASE32_NOPAD, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::sync::LazyLock;
use subtle::ConstantTimeEq;
use zeroize::Zeroize;

static BASE32_LOWER: LazyLock<Encoding> = LazyLock::new(|| {
    let mut s = BASE32_NOPAD.specification();
    s.symbols = s.symbols.to_ascii_lowercase();
    s.encoding().expect("lower case letters are 32 symbols as well")
});

const VERSION: u8 = 1;
const DAY: i64 = 86_400;
/// Letters of the random part of an id: 96 bits.
const RANDOM_CHARS: usize = 20;
/// Generations of keys that a desk can have: each is tried for what came back to it.
pub const GENERATIONS_MAX: u32 = 1_000;

/// The keys of a desk by purpose. Prints nothing; wiped when dropped.
#[derive(Clone)]
pub struct Keys {
    master: [u8; 32],
    /// One for all generations: the chain goes on over a rotation (T92).
    audit: [u8; 32],
    /// By number, from 1; the last one seals.
    generations: Vec<Generation>,
}

#[derive(Clone)]
struct Generation {
    number: u32,
    reply: [u8; 32],
    letter: [u8; 32],
    loops: [u8; 32],
    page: [u8; 32],
    leave: [u8; 32],
    /// Begins every loop mark, and so is its key id.
    instance: String,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(***)")
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        self.master.zeroize();
        self.audit.zeroize();
    }
}

impl Drop for Generation {
    fn drop(&mut self) {
        for key in [&mut self.reply, &mut self.letter, &mut self.loops, &mut self.page, &mut self.leave] {
            key.zeroize();
        }
    }
}

impl Keys {
    /// `master` are the 32 bytes of the desk's key; `newest` is the number of the generation in force, from 1
    /// to [`GENERATIONS_MAX`].
    pub fn derive(master: &[u8; 32], newest: u32) -> Self {
        let newest = newest.clamp(1, GENERATIONS_MAX);
        let generations = (1..=newest).map(|number| Generation::derive(master, number)).collect();
        Self { master: *master, audit: mac(master, &[b"maildesk/audit"]), generations }
    }

    /// The same desk's keys with all generations up to `newest`.
    pub fn up_to(&self, newest: u32) -> Self {
        Self::derive(&self.master, newest)
    }

    /// The number of the generation in force.
    pub fn newest(&self) -> u32 {
        self.in_force().number
    }

    fn in_force(&self) -> &Generation {
        self.generations.last().expect("there is a first generation")
    }

    /// Those to which a key id of so many bits may belong.
    fn with_id(&self, id: u32, bits: u32) -> impl Iterator<Item = &Generation> {
        self.generations.iter().rev().filter(move |g| g.key_id(bits) == id)
    }

    /// Chain value of an audit row (T92).
    pub fn audit(&self, before: &[u8], row: &[u8]) -> [u8; 32] {
        mac(&self.audit, &[before, b"\0", row])
    }

    /// A hidden value of a page, bound to what it is for (T63, T69). A page that was open over a rotation is
    /// asked for anew.
    pub fn page(&self, purpose: &str, value: &str) -> String {
        BASE32_LOWER.encode(&mac(&self.in_force().page, &[purpose.as_bytes(), b"\0", value.as_bytes()])[..20])
    }
}

impl Generation {
    fn derive(master: &[u8; 32], number: u32) -> Self {
        let key = |purpose: &str| {
            mac(master, &[b"maildesk/", number.to_string().as_bytes(), b"/", purpose.as_bytes()])
        };
        let loops = key("loop");
        let instance = BASE32_LOWER.encode(&mac(&loops, &[b"instance"])[..8]);
        Self {
            number,
            reply: key("reply-address"),
            letter: key("letter"),
            loops,
            page: key("page"),
            leave: key("leave"),
            instance,
        }
    }

    /// The last bits of the number: several generations may share them, and then each is tried.
    fn key_id(&self, bits: u32) -> u32 {
        self.number & ((1 << bits) - 1)
    }

    /// An id of a mail of ours; `None` where `random` is nothing that an id can hold.
    fn id_of(&self, purpose: &[u8], domain: &str, random: &str) -> Option<MessageId> {
        let fine = random.len() == RANDOM_CHARS && random.bytes().all(|b| b.is_ascii_alphanumeric());
        let sign = mac(&self.letter, &[purpose, b"\0", random.as_bytes(), b"\0", domain.as_bytes()]);
        let text = format!("{random}.{}@{domain}", BASE32_LOWER.encode(&sign[..10]));
        MessageId::parse(&text).filter(|_| fine)
    }

    fn bounce_tag(&self, random: &str) -> String {
        let sign = mac(&self.letter, &[b"bounce\0", random.as_bytes()]);
        let key_id = char::from(BASE32_LOWER.specification().symbols.as_bytes()[self.key_id(5) as usize]);
        format!("b-{random}-{key_id}{}", BASE32_LOWER.encode(&sign[..10]))
    }

    fn leave_id(&self, person: u32) -> String {
        let person = person.to_be_bytes();
        let sign = mac(&self.page, &[b"leave-digest\0", &person]);
        BASE32_LOWER.encode(&[&person[..], &sign[..16]].concat())
    }

    fn loop_mark(&self, id: &MessageId) -> String {
        let sign = mac(&self.loops, &[b"mark\0", id.as_str().as_bytes()]);
        format!("{}.{}.{}", self.instance, random_of(id), BASE32_LOWER.encode(&sign[..10]))
    }
}

fn random_of(id: &MessageId) -> &str {
    id.as_str().split('.').next().unwrap_or_default()
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
    /// A reply address of a generation of keys that is no longer in force: it names its ticket and proves
    /// nothing (T14).
    Revoked(Reply),
    /// A bounce address: the id of the letter.
    Bounce(MessageId),
    /// The address by which a person leaves the daily digest.
    Leave(i64),
}

/// The subaddress for a reply address.
pub fn reply_tag(keys: &Keys, reply: &Reply) -> String {
    let generation = keys.in_force();
    let mut bytes = Vec::with_capacity(25);
    bytes.push(VERSION << 4 | u8::try_from(generation.key_id(4)).expect("four bits"));
    for part in [reply.ticket, reply.person, reply.message] {
        bytes.extend_from_slice(&u32::try_from(part).unwrap_or(u32::MAX).to_be_bytes());
    }
    bytes.extend_from_slice(&u16::try_from(reply.ends_at / DAY).unwrap_or(u16::MAX).to_be_bytes());
    let sign = mac(&generation.reply, &[&bytes]);
    bytes.extend_from_slice(&sign[..10]);
    format!("r{}", BASE32_LOWER.encode(&bytes))
}

/// The subaddress of a bounce address (table H, `B(x)`); its last part begins with the key id.
pub fn bounce_tag(keys: &Keys, id: &MessageId) -> String {
    keys.in_force().bounce_tag(random_of(id))
}

/// The id by which a person leaves the daily digest: opaque, the same in every letter (RFC 8058 §3.1, T105).
pub fn leave_id(keys: &Keys, person: i64) -> String {
    keys.in_force().leave_id(u32::try_from(person).unwrap_or(u32::MAX))
}

/// The person of such an id. A rotation revokes none: all that it can do is to turn one digest off.
pub fn read_leave_id(keys: &Keys, id: &str) -> Option<i64> {
    let id = id.to_ascii_lowercase();
    let bytes = BASE32_LOWER.decode(id.as_bytes()).ok()?;
    let person = u32::from_be_bytes(bytes.get(..4)?.try_into().ok()?);
    let ours = |g: &Generation| bool::from(g.leave_id(person).as_bytes().ct_eq(id.as_bytes()));
    keys.generations.iter().rev().any(ours).then_some(i64::from(person))
}

/// The Message-ID of a letter: 96 random bits, 80 bits of HMAC, the desk's domain.
pub fn letter_id(keys: &Keys, domain: &str, moment: &mut Moment) -> MessageId {
    new_id(keys, LETTER, domain, moment)
}

/// The Message-ID of a probe; it cannot be taken for that of a letter.
pub fn probe_id(keys: &Keys, domain: &str, moment: &mut Moment) -> MessageId {
    new_id(keys, PROBE, domain, moment)
}

const LETTER: &[u8] = b"id";
const PROBE: &[u8] = b"probe";

fn new_id(keys: &Keys, purpose: &[u8], domain: &str, moment: &mut Moment) -> MessageId {
    let random = BASE32_LOWER.encode(&moment.draw()[..12]);
    keys.in_force().id_of(purpose, domain, &random).expect("base32 and a domain")
}

/// Is this the id of a probe that this desk sent?
pub fn is_probe_id(keys: &Keys, domain: &str, id: &MessageId) -> bool {
    let made = |g: &Generation| g.id_of(PROBE, domain, random_of(id));
    keys.generations
        .iter()
        .rev()
        .filter_map(made)
        .any(|ours| ours.as_str().as_bytes().ct_eq(id.as_str().as_bytes()).into())
}

/// The value of X-Maildesk-Loop: instance, the letter's random part, and HMAC over its id.
pub fn loop_mark(keys: &Keys, id: &MessageId) -> String {
    keys.in_force().loop_mark(id)
}

/// Whose mark a mail of ours bears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    Letter(MessageId),
    Probe(MessageId),
}

/// Reads a loop mark; `None`: this desk did not make it. A relay may have replaced the Message-ID (D15), so
/// the mark carries its own.
pub fn read_mark(keys: &Keys, domain: &str, mark: &str) -> Option<Mark> {
    let mark = mark.trim();
    let (instance, rest) = mark.split_once('.')?;
    let (random, _) = rest.split_once('.')?;
    let generation = keys.generations.iter().find(|g| g.instance == instance)?;
    let is = |id: &MessageId| bool::from(generation.loop_mark(id).as_bytes().ct_eq(mark.as_bytes()));
    let made = |purpose| generation.id_of(purpose, domain, random).filter(is);
    made(LETTER).map(Mark::Letter).or_else(|| made(PROBE).map(Mark::Probe))
}

/// Is this a loop mark that this desk made?
pub fn is_loop_mark(keys: &Keys, domain: &str, mark: &str) -> bool {
    read_mark(keys, domain, mark).is_some()
}

/// Reads an address of ours; `None` where it has no subaddress of ours, or one that we did not sign.
pub fn read(keys: &Keys, domain: &str, address: &AddrSpec, separator: char) -> Option<Tag> {
    let (_, tag) = address.split_tag(separator);
    let tag = tag?;
    if let Some(id) = tag.strip_prefix('u') {
        return read_leave_id(keys, id).map(Tag::Leave);
    }
    match tag.strip_prefix("b-") {
        Some(bounce) => read_bounce(keys, domain, tag, bounce),
        None => read_reply(keys, tag.strip_prefix('r')?),
    }
}

fn read_bounce(keys: &Keys, domain: &str, tag: &str, bounce: &str) -> Option<Tag> {
    let (random, sign) = bounce.split_once('-')?;
    let key_id = BASE32_LOWER.specification().symbols.find(sign.chars().next()?)?;
    let mut all = keys.with_id(u32::try_from(key_id).ok()?, 5);
    let made = all.find(|g| g.bounce_tag(random).as_bytes().ct_eq(tag.as_bytes()).into())?;
    made.id_of(LETTER, domain, random).map(Tag::Bounce)
}

fn read_reply(keys: &Keys, tag: &str) -> Option<Tag> {
    let bytes = BASE32_LOWER.decode(tag.as_bytes()).ok()?;
    let (body, sign) = (bytes.len() == 25 && bytes[0] >> 4 == VERSION).then(|| bytes.split_at(15))?;
    let mut all = keys.with_id(u32::from(bytes[0] & 0xf), 4);
    let made = all.find(|g| mac(&g.reply, &[body])[..10].ct_eq(sign).into())?;
    let number = |at: usize| i64::from(u32::from_be_bytes(body[at..at + 4].try_into().expect("four bytes")));
    let day = u16::from_be_bytes(body[13..15].try_into().expect("two bytes"));
    let reply =
        Reply { ticket: number(1), person: number(5), message: number(9), ends_at: i64::from(day) * DAY };
    Some(if made.number == keys.newest() { Tag::Reply(reply) } else { Tag::Revoked(reply) })
}

/// Puts a subaddress onto the desk's address.
pub fn with_tag(address: &AddrSpec, separator: char, tag: &str) -> AddrSpec {
    AddrSpec::parse(&format!("{}{separator}{tag}@{}", address.local(), address.domain()))
        .unwrap_or_else(|| address.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOMAIN: &str = "desk.example";
    const REPLY: Reply = Reply { ticket: 12, person: 34, message: 56, ends_at: 20_000 * DAY };

    fn keys(newest: u32) -> Keys {
        Keys::derive(&[7; 32], newest)
    }

    fn address(tag: &str) -> AddrSpec {
        with_tag(&AddrSpec::parse("support@desk.example").expect("an address"), '+', tag)
    }

    fn read_tag(keys: &Keys, tag: &str) -> Option<Tag> {
        read(keys, DOMAIN, &address(tag), '+')
    }

    #[test]
    fn t13_no_change_but_case_is_accepted() {
        let keys = keys(1);
        let tag = reply_tag(&keys, &REPLY);
        assert_eq!(read_tag(&keys, &tag), Some(Tag::Reply(REPLY)));
        assert_eq!(read_tag(&keys, &tag.to_uppercase()), Some(Tag::Reply(REPLY)));
        for (i, c) in tag.char_indices() {
            for other in "abcdefghijklmnopqrstuvwxyz234567".chars().filter(|o| *o != c) {
                let flipped = format!("{}{other}{}", &tag[..i], &tag[i + 1..]);
                assert_eq!(read_tag(&keys, &flipped), None, "{flipped}");
            }
            assert_eq!(read_tag(&keys, &tag[..i]), None, "cut after {i}");
            assert_eq!(read_tag(&keys, &tag[i..]), if i == 0 { Some(Tag::Reply(REPLY)) } else { None });
        }
        assert_eq!(read_tag(&Keys::derive(&[8; 32], 1), &tag), None, "another desk's key");
        assert_eq!(read_tag(&keys, &format!("{tag}a")), None, "and more");
        assert_eq!(read_tag(&keys, "r12"), None, "no unsigned form");
    }

    /// What is signed for one ticket or person says nothing about another one, whoever puts the bytes
    /// together.
    #[test]
    fn t13_tickets_persons_and_key_ids_cannot_be_swapped() {
        let keys = keys(2);
        let bytes =
            |reply: &Reply| BASE32_LOWER.decode(&reply_tag(&keys, reply).as_bytes()[1..]).expect("base32");
        let (mine, other) =
            (bytes(&REPLY), bytes(&Reply { ticket: 13, person: 35, message: 57, ends_at: 20_001 * DAY }));
        for part in [1..5, 5..9, 9..13, 13..15, 1..15] {
            let mut mixed = mine.clone();
            mixed[part.clone()].copy_from_slice(&other[part.clone()]);
            assert_eq!(read_tag(&keys, &format!("r{}", BASE32_LOWER.encode(&mixed))), None, "{part:?}");
        }
        for first in (0..=255).filter(|b| *b != mine[0]) {
            let mut mixed = mine.clone();
            mixed[0] = first;
            assert_eq!(
                read_tag(&keys, &format!("r{}", BASE32_LOWER.encode(&mixed))),
                None,
                "version and key id {first:x}"
            );
        }
    }

    #[test]
    fn t13_addresses_keep_to_64_octets() {
        let keys = keys(GENERATIONS_MAX);
        let largest = u32::MAX.into();
        let reply = Reply { ticket: largest, person: largest, message: largest, ends_at: 65_535 * DAY };
        let id = letter_id(&keys, DOMAIN, &mut Moment::new(0, [1; 32]));
        for desk in ["support@desk.example", "customer-services-4711@desk.example"] {
            let desk = AddrSpec::parse(desk).expect("an address");
            for tag in [reply_tag(&keys, &reply), bounce_tag(&keys, &id)] {
                let tagged = with_tag(&desk, '+', &tag);
                assert!(tagged.local().ends_with(&tag) && tagged.local().len() <= 64, "{tagged}");
            }
        }
        assert_eq!(read_tag(&keys, &reply_tag(&keys, &reply)), Some(Tag::Reply(reply)));
    }

    /// Also where two generations share a key id.
    #[test]
    fn t14_a_rotation_revokes_reply_addresses() {
        for newest in [2, 3, 17, 18, 40] {
            let (old, new) = (keys(1), keys(newest));
            let tag = reply_tag(&old, &REPLY);
            assert_eq!(read_tag(&new, &tag), Some(Tag::Revoked(REPLY)), "{newest}");
            let renewed = reply_tag(&new, &REPLY);
            assert_ne!(tag, renewed);
            assert_eq!(read_tag(&new, &renewed), Some(Tag::Reply(REPLY)), "{newest}");
            assert_eq!(read_tag(&old, &renewed), None, "a generation to come");
        }
        assert_ne!(keys(1).page("sign-in", "x"), keys(2).page("sign-in", "x"));
    }

    #[test]
    fn t81_older_generations_are_still_ours() {
        let moment = &mut Moment::new(0, [1; 32]);
        for (made, newest) in [(1, 1), (1, 2), (2, 40), (40, 40)] {
            let (then, now) = (keys(made), keys(newest));
            let id = letter_id(&then, DOMAIN, moment);
            assert_eq!(
                read_mark(&now, DOMAIN, &loop_mark(&then, &id)),
                Some(Mark::Letter(id.clone())),
                "{made}, {newest}"
            );
            assert_eq!(read_tag(&now, &bounce_tag(&then, &id)), Some(Tag::Bounce(id.clone())));
            assert!(!is_probe_id(&now, DOMAIN, &id));
            let probe = probe_id(&then, DOMAIN, moment);
            assert_eq!(read_mark(&now, DOMAIN, &loop_mark(&then, &probe)), Some(Mark::Probe(probe.clone())));
            assert!(is_probe_id(&now, DOMAIN, &probe));
            assert_eq!(now.audit(b"before", b"row"), then.audit(b"before", b"row"), "the chain goes on");
        }
    }

    #[test]
    fn bounce_addresses_and_loop_marks_are_ours_alone() {
        let (keys, other) = (keys(1), Keys::derive(&[8; 32], 1));
        let id = letter_id(&keys, DOMAIN, &mut Moment::new(0, [1; 32]));
        let bounce = bounce_tag(&keys, &id);
        assert_eq!(read_tag(&keys, &bounce), Some(Tag::Bounce(id.clone())));
        assert_eq!(read_tag(&other, &bounce), None);
        assert!((0..bounce.len()).all(|i| read_tag(&keys, &bounce[..i]).is_none()));
        let mark = loop_mark(&keys, &id);
        assert!(is_loop_mark(&keys, DOMAIN, &mark) && !is_loop_mark(&other, DOMAIN, &mark));
        let (instance, _) = mark.split_once('.').expect("three parts");
        for forged in [
            "a.b.c".to_owned(),
            format!("{instance}.b.c"),
            format!("{instance}.<@ \u{e4}            >.c"),
            String::new(),
        ] {
            assert!(!is_loop_mark(&keys, DOMAIN, &forged), "{forged}");
        }
    }
}
