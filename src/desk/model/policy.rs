//! What a domain publishes about mail in its name (RFC 9989), as far as the desk needs it.

/// What the domain owner wants to happen to mail that is not proven.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Policy {
    /// It could not be looked up.
    #[default]
    Unknown,
    /// None, none that is in force (`t=y`), or `p=none`.
    Lax,
    /// `p=quarantine` or `p=reject`.
    Strict,
}

impl Policy {
    /// As it is kept.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Lax => "lax",
            Self::Strict => "strict",
        }
    }

    /// As it is kept; what is no word of ours is not known.
    pub fn from_word(word: &str) -> Self {
        [Self::Lax, Self::Strict].into_iter().find(|p| p.as_str() == word).unwrap_or_default()
    }
}
