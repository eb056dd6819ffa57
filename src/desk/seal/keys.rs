//! The desk's keys: one per purpose and generation, all derived from the one key of the desk (T01, T81).
//!
//! `maildesk keys rotate` begins a new generation. What the older ones sealed is still known for ours, so
//! that a letter which comes back is a loop and a report finds its letter; but it proves nothing any more.

use crate::mail::MessageId;
use data_encoding::{BASE32_NOPAD, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::sync::LazyLock;
use zeroize::{Zeroize, ZeroizeOnDrop};

pub(super) static BASE32_LOWER: LazyLock<Encoding> = LazyLock::new(|| {
    let mut s = BASE32_NOPAD.specification();
    s.symbols = s.symbols.to_ascii_lowercase();
    s.encoding().expect("lower case letters are 32 symbols as well")
});

/// Generations of keys that a desk can have: each is tried for what came back to it.
pub const GENERATIONS_MAX: u32 = 1_000;

/// The keys of a desk by purpose. Prints nothing; wiped when dropped.
#[derive(Clone)]
pub struct Keys {
    master: [u8; 32],
    /// One for all generations: the chain goes on over a rotation (T92).
    audit: [u8; 32],
    /// By number, from 1; the last one seals.
    pub(super) generations: Vec<Generation>,
}

#[derive(Clone)]
pub(super) struct Generation {
    pub(super) number: u32,
    pub(super) reply: [u8; 32],
    pub(super) letter: [u8; 32],
    pub(super) loops: [u8; 32],
    pub(super) page: [u8; 32],
    pub(super) leave: [u8; 32],
    /// Begins every loop mark, and so is its key id.
    pub(super) instance: String,
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

// Beside its own bytes it drops its generations.
impl ZeroizeOnDrop for Keys {}
impl ZeroizeOnDrop for Generation {}

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

    pub(super) fn in_force(&self) -> &Generation {
        self.generations.last().expect("there is a first generation")
    }

    /// Those to which a key id of so many bits may belong.
    pub(super) fn with_id(&self, id: u32, bits: u32) -> impl Iterator<Item = &Generation> {
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
    pub(super) fn key_id(&self, bits: u32) -> u32 {
        self.number & ((1 << bits) - 1)
    }
}

pub(super) fn random_of(id: &MessageId) -> &str {
    id.as_str().split('.').next().unwrap_or_default()
}

pub(super) fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut m = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes any key");
    for p in parts {
        m.update(p);
    }
    m.finalize().into_bytes().into()
}
