//! Probes: mails of the desk to itself that must come back (`maildesk probe`, T104).

mod mail;
#[cfg(test)]
mod tests;
mod verdict;

pub use super::model::probe::{Back, Kind, Probe, Returned, Seen, Signature, Stamp};
pub use mail::{Written, id_of, returned, write};
pub use verdict::{Verdict, verdict};
