//! Probes: mails of the desk to itself that must come back (`maildesk probe`, T104).

mod mail;
#[cfg(test)]
mod tests;
mod verdict;

pub use mail::{Back, Kind, Probe, Returned, Seen, Signature, Stamp, Written, id_of, returned, write};
pub use verdict::{Verdict, verdict};
