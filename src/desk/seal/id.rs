//! Message-IDs of our letters and probes, and the mark by which we know a mail of ours that comes back (T27,
//! T104).

use super::keys::{BASE32_LOWER, Generation, Keys, mac, random_of};
use crate::desk::model::Moment;
use crate::mail::MessageId;
use subtle::ConstantTimeEq;

/// Letters of the random part of an id: 96 bits.
const RANDOM_CHARS: usize = 20;

pub(super) const LETTER: &[u8] = b"id";

const PROBE: &[u8] = b"probe";

/// The Message-ID of a letter: 96 random bits, 80 bits of HMAC, the desk's domain.
pub fn letter_id(keys: &Keys, domain: &str, moment: &mut Moment) -> MessageId {
    new_id(keys, LETTER, domain, moment)
}

/// The Message-ID of a probe; it cannot be taken for that of a letter.
pub fn probe_id(keys: &Keys, domain: &str, moment: &mut Moment) -> MessageId {
    new_id(keys, PROBE, domain, moment)
}

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
pub enum LoopMark {
    /// Of a letter with this id.
    Letter(MessageId),
    /// Of a probe with this id.
    Probe(MessageId),
}

/// Reads a loop mark; `None`: this desk did not make it. A relay may have replaced the Message-ID (D15), so
/// the mark carries its own.
pub fn read_mark(keys: &Keys, domain: &str, mark: &str) -> Option<LoopMark> {
    let mark = mark.trim();
    let (instance, rest) = mark.split_once('.')?;
    let (random, _) = rest.split_once('.')?;
    let generation = keys.generations.iter().find(|g| g.instance == instance)?;
    let is = |id: &MessageId| bool::from(generation.loop_mark(id).as_bytes().ct_eq(mark.as_bytes()));
    let made = |purpose| generation.id_of(purpose, domain, random).filter(is);
    made(LETTER).map(LoopMark::Letter).or_else(|| made(PROBE).map(LoopMark::Probe))
}

/// Is this a loop mark that this desk made?
pub fn is_loop_mark(keys: &Keys, domain: &str, mark: &str) -> bool {
    read_mark(keys, domain, mark).is_some()
}

impl Generation {
    /// An id of a mail of ours; `None` where `random` is nothing that an id can hold.
    pub(super) fn id_of(&self, purpose: &[u8], domain: &str, random: &str) -> Option<MessageId> {
        let fine = random.len() == RANDOM_CHARS && random.bytes().all(|b| b.is_ascii_alphanumeric());
        let sign = mac(&self.letter, &[purpose, b"\0", random.as_bytes(), b"\0", domain.as_bytes()]);
        let text = format!("{random}.{}@{domain}", BASE32_LOWER.encode(&sign[..10]));
        MessageId::parse(&text).filter(|_| fine)
    }

    fn loop_mark(&self, id: &MessageId) -> String {
        let sign = mac(&self.loops, &[b"mark\0", id.as_str().as_bytes()]);
        format!("{}.{}.{}", self.instance, random_of(id), BASE32_LOWER.encode(&sign[..10]))
    }
}
