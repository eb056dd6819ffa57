//! The limits at which a letter is kept back, and the breakers that some of them open (T25, T26, T29, T31).

use super::word::words;

/// A limit at which a letter is kept back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Limit {
    /// One automatic answer per address and ticket (T25).
    Again,
    /// Automatic letters per address and day (T25).
    Address,
    /// Breaker of a domain (T26).
    Domain,
    /// Breaker of the desk (T26).
    Desk,
    /// New tickets per sender and hour (T29).
    Tickets,
    /// Notices per ticket and person in ten minutes (T31).
    Notices,
    /// Results per staff member and hour (T25, T108).
    Results,
}

words!(Limit {
    Again = "again", Address = "address", Domain = "domain", Desk = "desk", Tickets = "tickets",
    Notices = "notices", Results = "results",
});

impl Limit {
    /// In words, as the reason of a decision tells it.
    pub fn why(self) -> &'static str {
        match self {
            Self::Again => "this address got its answer about this ticket",
            Self::Address => "this address got its letters for today",
            Self::Domain => "this domain got its letters for this hour",
            Self::Desk => "the desk sent its letters for this hour",
            Self::Tickets => "its sender opened too many tickets in an hour",
            Self::Notices => "this person got their notices about this ticket for now",
            Self::Results => "this person got their results for this hour",
        }
    }

    /// What the operator is told when this limit shuts the gate: what opened, and in words (T26).
    pub fn alarm(self, domain: &str) -> Option<(String, String)> {
        let rest = "mail is kept as ever and gets no confirmation until the breaker closes by itself";
        match self {
            Self::Domain => Some((
                format!("{BREAKER_DOMAIN}{domain}"),
                format!(
                    "the breaker of the domain {domain} is open, which got its automatic letters of this \
                     hour: its {rest}"
                ),
            )),
            Self::Desk => Some((
                BREAKER_DESK.to_owned(),
                format!(
                    "the breaker of the desk is open, which sent its automatic letters of this hour: {rest}"
                ),
            )),
            Self::Again | Self::Address | Self::Tickets | Self::Notices | Self::Results => None,
        }
    }
}

/// Name of the alarm of the desk's breaker, and how those of domains begin.
pub const BREAKER_DESK: &str = "breaker:desk";

/// How the names of the alarms of domains' breakers begin; the domain follows.
pub const BREAKER_DOMAIN: &str = "breaker:domain:";
