//! What can go wrong in a dialogue with an IMAP server, as values; and the server's own words, fit for a log.

use crate::mail::Line;
use std::fmt::{Display, Formatter, Result};

/// Characters of a server's words that are shown.
const WORDS_MAX: usize = 200;

/// How a command, or the whole session, failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// NO or BAD. The session goes on (RFC 9051 §7.1).
    Refused {
        /// The command, without its arguments.
        verb: String,
        /// NO or BAD, its code and its text.
        words: String,
    },
    /// The server said BYE, and why.
    Bye(String),
    /// The connection was cut.
    Cut(String),
    /// The server says nothing more.
    Silent(String),
    /// An answer breaks a limit or has no form at all (T100).
    Unreadable(String, &'static str),
    /// The session could not begin: a sentence for the operator.
    Setup(String),
    /// Our own store cannot keep what came.
    Store(String),
}

impl Fault {
    /// Whether the session can go on after it.
    pub fn session_lives(&self) -> bool {
        matches!(self, Self::Refused { .. })
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Refused { verb, words } => write!(f, "the server answers {verb} with {words}"),
            Self::Bye(words) => write!(f, "the server ends the connection: {words}"),
            Self::Cut(verb) => write!(f, "{verb}: the connection was cut"),
            Self::Silent(verb) => write!(f, "{verb}: the server does not answer"),
            Self::Unreadable(verb, why) => write!(f, "{verb}: the server's answer cannot be read: {why}"),
            Self::Setup(why) | Self::Store(why) => f.write_str(why),
        }
    }
}

impl From<Fault> for String {
    fn from(fault: Fault) -> Self {
        fault.to_string()
    }
}

/// The server's words on one line, bounded. Of an address only the domain stays.
pub fn words(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    Line::clean(&text).without_addresses().chars().take(WORDS_MAX).collect()
}

/// The same without this secret, however the server repeats it (T83).
pub fn words_without(bytes: &[u8], secrets: &[&str]) -> String {
    let mut text = String::from_utf8_lossy(bytes).into_owned();
    for secret in secrets.iter().filter(|s| !s.is_empty()) {
        text = text.replace(secret, "...");
    }
    words(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t83_words_of_a_server_hold_no_address_and_no_secret() {
        assert_eq!(
            words(b"NO [OVERQUOTA] bob@x.example is\r\n over"),
            "NO [OVERQUOTA] ...@x.example is over"
        );
        assert_eq!(words_without(b"BAD LOGIN hunter2", &["hunter2", ""]), "BAD LOGIN ...");
        assert_eq!(words(&[b'x'; 500]).len(), WORDS_MAX);
    }
}
