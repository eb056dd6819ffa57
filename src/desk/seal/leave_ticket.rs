//! The value in a link by which a participant leaves a ticket: both numbers, hidden and sealed. It has no end
//! (T105).

use super::keys::{BASE32_LOWER, Generation, Keys, mac};
use subtle::ConstantTimeEq;

/// The value for this ticket and person: 39 letters of base32.
pub fn leave_token(keys: &Keys, ticket: i64, person: i64) -> String {
    let part = |n: i64| u32::try_from(n).unwrap_or(u32::MAX).to_be_bytes();
    let plain: [u8; 8] = [part(ticket), part(person)].concat().try_into().expect("twice four bytes");
    let generation = keys.in_force();
    let sign = generation.leave_sign(&plain);
    BASE32_LOWER.encode(&[sign.as_slice(), &generation.leave_mask(&sign, plain)].concat())
}

/// Ticket and person of such a value; `None`: we did not make it. One of an older generation still lets its
/// owner leave: it proves nothing else.
pub fn read_leave(keys: &Keys, token: &str) -> Option<(i64, i64)> {
    let bytes: [u8; 24] = BASE32_LOWER.decode(token.as_bytes()).ok()?.try_into().ok()?;
    let (sign, hidden) = bytes.split_at(16);
    let hidden: [u8; 8] = hidden.try_into().ok()?;
    let plain = keys.generations.iter().rev().find_map(|g| {
        let plain = g.leave_mask(sign, hidden);
        bool::from(g.leave_sign(&plain).ct_eq(sign)).then_some(plain)
    })?;
    let number = |at: usize| i64::from(u32::from_be_bytes(plain[at..at + 4].try_into().expect("four bytes")));
    Some((number(0), number(4)))
}

impl Generation {
    fn leave_sign(&self, plain: &[u8; 8]) -> [u8; 16] {
        mac(&self.leave, &[b"sign\0", plain])[..16].try_into().expect("16 of 32")
    }

    /// Hides eight bytes under a seal, or shows them again.
    fn leave_mask(&self, sign: &[u8], bytes: [u8; 8]) -> [u8; 8] {
        let mask = mac(&self.leave, &[b"mask\0", sign]);
        std::array::from_fn(|i| bytes[i] ^ mask[i])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t105_a_link_to_leave_is_ours_alone_and_tells_nothing() {
        let (keys, other) = (Keys::derive(&[7; 32], 1), Keys::derive(&[8; 32], 1));
        let token = leave_token(&keys, 12, 34);
        assert_eq!(read_leave(&keys, &token), Some((12, 34)));
        assert_eq!(read_leave(&other, &token), None);
        assert_eq!(read_leave(&Keys::derive(&[7; 32], 3), &token), Some((12, 34)), "after a rotation");
        for i in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[i] = if bytes[i] == b'a' { b'b' } else { b'a' };
            assert_eq!(read_leave(&keys, std::str::from_utf8(&bytes).expect("ascii")), None, "{i}");
        }
        let near = leave_token(&keys, 12, 35);
        assert!(token.bytes().zip(near.bytes()).filter(|(a, b)| a == b).count() < 12, "{token} {near}");
        for text in ["", "a", "login", &token[1..], &format!("{token}a"), &token.to_uppercase()] {
            assert_eq!(read_leave(&keys, text), None, "{text}");
        }
    }
}
