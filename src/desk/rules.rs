//! The settings that policy depends on, as values.

use super::model::{Bounds, StaffProof};
use super::seal::Keys;
use super::time::due_date::Targets;
use crate::mail::{AddrSpec, Line};

/// What the operator configured, as far as decisions depend on it.
#[derive(Debug, Clone)]
pub struct Rules {
    /// `[desk] name`: the public name.
    pub name: String,
    /// `[desk] address`: where the desk is written to.
    pub address: AddrSpec,
    /// `https://support.example.net`, without a slash at the end.
    pub url: String,
    /// `[desk] prefix`: begins every token.
    pub prefix: String,
    /// `[desk] categories`, as they are spelled; may be empty.
    pub categories: Vec<String>,
    /// Saved answers by name, as customers read them (`#answer`).
    pub answers: std::collections::BTreeMap<String, String>,
    /// `[desk] zone`: in which days and hours are meant.
    pub zone: jiff::tz::TimeZone,
    /// The addresses that are the desk itself.
    pub own: Own,
    /// Answers go to sealed subaddresses; else they are known by ids and token alone.
    pub plus_addressing: bool,
    /// Between local part and subaddress, mostly `+`.
    pub separator: char,
    /// `[smtp] plus_sender`: the relay sends for subaddresses.
    pub plus_sender: bool,
    /// `[smtp] null_sender`: confirmations leave with the reverse-path `<>`.
    pub null_sender: bool,
    /// `[smtp] headers`.
    pub extra: Vec<(String, Line)>,
    /// `[trust] confirm`.
    pub confirm: Confirm,
    /// `[trust] staff_proof`.
    pub staff_proof: StaffProof,
    /// Whose Authentication-Results are believed (T11).
    pub authserv_id: Option<String>,
    /// The topmost of them is believed where it bears no id (T12).
    pub topmost_without_id: bool,
    /// Domains whose ARC seals are believed for customers (T15).
    pub trusted_arc_sealers: Vec<String>,
    /// Senders whose Reply-To is the customer (T10).
    pub web_forms: Vec<AddrSpec>,
    /// List-Ids of lists in front of the desk: their mail is no list mail.
    pub own_lists: Vec<String>,
    /// (mailbox, category, staff)
    pub routes: Vec<(Option<String>, Option<String>, Vec<AddrSpec>)>,
    /// `[targets]`.
    pub targets: Targets,
    /// When a backup was restored last; seconds since 1970. `None`: never.
    pub restored_at: Option<i64>,
    /// How long a magic link is good; minutes.
    pub link_minutes: u32,
    /// Life of a session (D24).
    pub session_days: u32,
    /// T30: links for an address in 15 minutes.
    pub links_per_address_quarter: u32,
    /// T30: links for an address in a day.
    pub links_per_address_day: u32,
    /// T30: links from a network in 15 minutes.
    pub links_per_network_quarter: u32,
    /// T25: automatic letters.
    pub letters_per_address_day: u32,
    /// T26: automatic letters; then the breaker of the domain opens.
    pub letters_per_domain_hour: u32,
    /// T26: automatic letters; then the breaker of the desk opens.
    pub letters_per_desk_hour: u32,
    /// T29: new tickets that are confirmed and announced singly.
    pub tickets_per_sender_hour: u32,
    /// T25, T108: result letters.
    pub answers_per_staff_hour: u32,
    /// Life of a reply address; days.
    pub reply_address_days: u32,
    /// How long after a close it still proves its owner; days.
    pub reply_address_days_closed: u32,
    /// Bytes of files that a letter carries along; larger ones are named only.
    pub files_bytes_max: u64,
    /// Numbers of time and amount that no setting changes.
    pub bounds: Bounds,
    /// Of the desk.
    pub keys: Keys,
}

/// `[trust] confirm`: who gets a confirmation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Confirm {
    /// Every writer who may be answered.
    #[default]
    All,
    /// Senders with domain proof.
    Proven,
    /// Nobody.
    None,
}

/// The addresses that are the desk itself (T27).
#[derive(Debug, Clone, Default)]
pub struct Own {
    /// (address, separator of its subaddresses)
    pub addresses: Vec<(AddrSpec, char)>,
    /// In an explanation without configuration every recipient is the desk.
    pub everybody: bool,
}

impl Own {
    /// Is this address the desk, with or without a subaddress?
    pub fn contains(&self, address: &AddrSpec) -> bool {
        self.addresses
            .iter()
            .any(|(own, separator)| own == address || address.split_tag(*separator).0 == *own)
    }
}

impl Rules {
    /// The domain of ids and list ids.
    pub fn domain(&self) -> &str {
        self.address.domain()
    }

    /// The public name of a ticket, such as `DESK-7`.
    pub fn token(&self, number: i64) -> String {
        format!("{}-{number}", self.prefix)
    }

    /// The address for T25: subaddresses with `+` count as one.
    pub fn counted(&self, address: &AddrSpec) -> AddrSpec {
        address.split_tag('+').0
    }
}
