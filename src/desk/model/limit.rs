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

    /// The breaker that this limit opens, for this domain or for the desk (T26); `None`: it opens none.
    pub fn breaker(self, domain: &str) -> Option<Breaker> {
        match self {
            Self::Domain => Some(Breaker::Domain(domain.to_owned())),
            Self::Desk => Some(Breaker::Desk),
            Self::Again | Self::Address | Self::Tickets | Self::Notices | Self::Results => None,
        }
    }
}

/// What is open while too many automatic letters left in an hour (T26).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Breaker {
    /// Of the whole desk.
    Desk,
    /// Of letters to this domain.
    Domain(String),
    /// Letters to staff were given up: somebody has to look after them (T113).
    LettersToStaff,
}

/// The name of the breaker of the desk.
const OF_DESK: &str = "breaker:desk";
/// The name of the alarm about letters to staff.
const OF_STAFF: &str = "letters:staff";
/// How the names of the breakers of domains begin; the domain follows.
const OF_DOMAIN: &str = "breaker:domain:";

/// As it is kept and logged: `breaker:desk`, `breaker:domain:evil.example`.
impl std::fmt::Display for Breaker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Desk => f.write_str(OF_DESK),
            Self::Domain(domain) => write!(f, "{OF_DOMAIN}{domain}"),
            Self::LettersToStaff => f.write_str(OF_STAFF),
        }
    }
}

impl Breaker {
    /// As it is kept; `None`: it is no word of ours.
    pub fn from_word(word: &str) -> Option<Self> {
        match word.strip_prefix(OF_DOMAIN) {
            Some(domain) => Some(Self::Domain(domain.to_owned())),
            None if word == OF_STAFF => Some(Self::LettersToStaff),
            None => (word == OF_DESK).then_some(Self::Desk),
        }
    }

    /// What the operator is told when it opens.
    pub fn sentence(&self) -> String {
        let rest = "mail is kept as ever and gets no confirmation until the breaker closes by itself";
        match self {
            Self::Domain(domain) => format!(
                "the breaker of the domain {domain} is open, which got its automatic letters of this hour: \
                 its {rest}"
            ),
            Self::Desk => format!(
                "the breaker of the desk is open, which sent its automatic letters of this hour: {rest}"
            ),
            Self::LettersToStaff => {
                "letters to staff could not be delivered, so staff may not have heard of \
                                     a mail: look at maildesk outbox list, then maildesk outbox retry or \
                                     cancel"
                    .into()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Breaker;

    #[test]
    fn a_breaker_is_read_as_it_is_kept() {
        for breaker in [Breaker::Desk, Breaker::LettersToStaff, Breaker::Domain("evil.example".into())] {
            assert_eq!(Breaker::from_word(&breaker.to_string()), Some(breaker));
        }
        assert_eq!(Breaker::from_word("breaker:moon"), None);
    }
}
