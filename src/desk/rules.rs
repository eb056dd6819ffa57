//! The settings that policy depends on, as values.

use super::model::StaffProof;
use super::seal::Keys;
use super::time::due_date::Targets;
use crate::mail::{AddrSpec, Line};

/// What the operator configured, as far as decisions depend on it.
#[derive(Debug, Clone)]
pub struct Rules {
    pub name: String,
    pub address: AddrSpec,
    /// `https://support.example.net`, without a slash at the end.
    pub url: String,
    pub prefix: String,
    pub categories: Vec<String>,
    /// Saved answers by name, as customers read them (`#answer`).
    pub answers: std::collections::BTreeMap<String, String>,
    pub zone: jiff::tz::TimeZone,
    pub own: Own,
    pub plus_addressing: bool,
    pub separator: char,
    pub plus_sender: bool,
    pub null_sender: bool,
    /// `[smtp] headers`.
    pub extra: Vec<(String, Line)>,
    pub confirm: Confirm,
    pub staff_proof: StaffProof,
    /// Whose Authentication-Results are believed (T11).
    pub authserv_id: Option<String>,
    /// The topmost of them is believed where it bears no id (T12).
    pub topmost_without_id: bool,
    pub trusted_arc_sealers: Vec<String>,
    /// Senders whose Reply-To is the customer (T10).
    pub web_forms: Vec<AddrSpec>,
    pub own_lists: Vec<String>,
    /// (mailbox, category, staff)
    pub routes: Vec<(Option<String>, Option<String>, Vec<AddrSpec>)>,
    /// `[targets]`.
    pub targets: Targets,
    pub link_minutes: u32,
    /// Life of a session (D24).
    pub session_days: u32,
    /// Links for an address in 15 minutes and in a day, and from a network in 15 minutes (T30).
    pub links_per_address_quarter: u32,
    pub links_per_address_day: u32,
    pub links_per_network_quarter: u32,
    pub letters_per_address_day: u32,
    pub letters_per_domain_hour: u32,
    pub letters_per_desk_hour: u32,
    pub tickets_per_sender_hour: u32,
    pub answers_per_staff_hour: u32,
    pub reply_address_days: u32,
    pub reply_address_days_closed: u32,
    /// Bytes of files that a letter carries along; larger ones are named only.
    pub files_bytes_max: u64,
    pub keys: Keys,
}

/// `[trust] confirm`: who gets a confirmation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Confirm {
    #[default]
    All,
    /// Senders with domain proof.
    Proven,
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

    pub fn token(&self, number: i64) -> String {
        format!("{}-{number}", self.prefix)
    }

    /// The address for T25: subaddresses with `+` count as one.
    pub fn counted(&self, address: &AddrSpec) -> AddrSpec {
        address.split_tag('+').0
    }
}
