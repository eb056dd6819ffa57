//! A mail that came, with what the edges know about it.

use super::proof::Facts;
use super::seals::Seals;
use crate::mail::Inbound;
use std::borrow::Cow;

/// A mail that came, with what the edges know about it.
pub struct Mailed<'a> {
    /// What was read in it.
    pub mail: &'a Inbound,
    /// What in it is ours.
    pub seals: Cow<'a, Seals>,
    /// Name of the mailbox through which it came; `None`: none has a name.
    pub mailbox: Option<&'a str>,
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
