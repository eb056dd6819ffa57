//! What forms of pages bring, as far as the store keeps it or answers for it: sessions and links.

use crate::mail::AddrSpec;

/// A session as it begins; cookie and form token are drawn by whoever hands them to the browser.
#[derive(Debug, Clone)]
pub struct SessionStart {
    /// SHA-256 of the cookie (T62).
    pub hash: [u8; 32],
    /// The value that every form of this session carries (T69).
    pub form_token: String,
    /// Address of the visitor (D05).
    pub ip: String,
    /// Their browser, at most 200 characters (D05).
    pub agent: String,
}

/// Requests for links so far, those that sent none included (T30).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LinksAsked {
    /// For this address, in 15 minutes.
    pub address_quarter: u32,
    /// For this address, in a day.
    pub address_day: u32,
    /// From this network, in 15 minutes.
    pub network_quarter: u32,
    /// Letters to this address in this day that this network asked for.
    pub address_by_network_day: u32,
}

/// A link that can still be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveLink {
    /// Whom it signs in.
    pub person: i64,
    /// The ticket that it leads to; `None`: the list.
    pub ticket: Option<i64>,
    /// The person's address.
    pub address: AddrSpec,
}
