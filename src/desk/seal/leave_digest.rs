//! The id in a link by which a person leaves the daily digest (RFC 8058, T105).

use super::keys::{BASE32_LOWER, Generation, Keys, mac};
use subtle::ConstantTimeEq;

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

impl Generation {
    fn leave_id(&self, person: u32) -> String {
        let person = person.to_be_bytes();
        let sign = mac(&self.page, &[b"leave-digest\0", &person]);
        BASE32_LOWER.encode(&[&person[..], &sign[..16]].concat())
    }
}
