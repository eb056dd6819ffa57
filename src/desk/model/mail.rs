//! A mail that came, with what the edges know about it.

use super::proof::Facts;
use crate::mail::{AddrSpec, Inbound};
use std::borrow::Cow;

/// Where the bytes of a mail are. They are asked for only when a letter carries its files, and may lie packed
/// until then.
pub trait Raw {
    /// The whole mail as it came.
    fn bytes(&self) -> Cow<'_, [u8]>;
}

impl Raw for &[u8] {
    fn bytes(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(self)
    }
}

/// A mail that came, with what the edges know about it.
pub struct Mailed<'a> {
    /// What was read in it.
    pub mail: &'a Inbound,
    /// The mail as it came.
    pub raw: &'a dyn Raw,
    /// Name of the mailbox through which it came; `None`: none has a name.
    pub mailbox: Option<&'a str>,
    /// `--recipient` of `deliver`.
    pub recipient: Option<&'a AddrSpec>,
    /// `--sender` of `deliver`: inner `None` is `<>`.
    pub null_sender: bool,
    /// Mail that was there at the first connect, or import: it causes no letters (T18).
    pub history: bool,
    /// When the server got it; seconds since 1970. Older than a day: an outage, and no letters to customers
    /// (T18).
    pub arrived_at: i64,
    /// What is known of it beside its own words.
    pub facts: Facts,
}
