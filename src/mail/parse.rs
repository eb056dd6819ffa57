//! Bytes -> Inbound. Never fails, never panics: one wrapper around the library (T39).

use super::Inbound;

/// Parses a raw mail. Linear in time, bounded in memory (T36 to T38).
pub fn parse(_raw: &[u8]) -> Inbound {
    unimplemented!()
}

/// The decoded bytes of one attachment, by [`super::Attachment::part`].
pub fn attachment(_raw: &[u8], _part: u32) -> Option<Vec<u8>> {
    unimplemented!()
}
