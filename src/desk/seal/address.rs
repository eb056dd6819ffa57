//! Sealed addresses: reply addresses, bounce addresses, and the address by which a person leaves the digest
//! (T13, T14, T19).
//!
//! A reply address is `support+r` and 40 letters of base32: version and key id (four bits each), ticket,
//! person, newest message shown, the day on which it ends, and 80 bits of HMAC-SHA256. Upper case is the
//! same; any other change makes it none.

use super::id::LETTER;
use super::keys::{BASE32_LOWER, Generation, Keys, mac, random_of};
use super::leave_digest::read_leave_id;
use crate::desk::model::seals::{Reply, Tag};
use crate::mail::{AddrSpec, MessageId};
use subtle::ConstantTimeEq;

const VERSION: u8 = 1;

const DAY: i64 = 86_400;

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

#[cfg(test)]
thread_local! {
    static READS: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
}

/// How many sealed addresses were read by this thread.
#[cfg(test)]
pub fn reads() -> u32 {
    READS.get()
}

/// Reads an address of ours; `None` where it has no subaddress of ours, or one that we did not sign.
pub fn read_address(keys: &Keys, domain: &str, address: &AddrSpec, separator: char) -> Option<Tag> {
    let (_, tag) = address.split_tag(separator);
    let tag = tag?;
    #[cfg(test)]
    READS.set(READS.get() + 1);
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

impl Generation {
    fn bounce_tag(&self, random: &str) -> String {
        let sign = mac(&self.letter, &[b"bounce\0", random.as_bytes()]);
        let key_id = char::from(BASE32_LOWER.specification().symbols.as_bytes()[self.key_id(5) as usize]);
        format!("b-{random}-{key_id}{}", BASE32_LOWER.encode(&sign[..10]))
    }
}
