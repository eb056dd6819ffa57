//! Probes as they are kept: what one finds out, and what came back of it.

use super::policy::Policy;
use crate::mail::MessageId;

/// What a probe finds out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The plain address on both sides.
    Plain,
    /// Does `support+…@` reach the mailbox?
    PlusAddress,
    /// Does the relay let `support+…@` write?
    PlusSender,
    /// As the letters of this desk leave and are answered.
    Letter,
}

impl Kind {
    /// As it is kept and printed.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::PlusAddress => "plus-address",
            Self::PlusSender => "plus-sender",
            Self::Letter => "letter",
        }
    }

    /// `None`: it is no word of ours.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Plain, Self::PlusAddress, Self::PlusSender, Self::Letter]
            .into_iter()
            .find(|k| k.as_str() == word)
    }
}

/// What became of the Authentication-Results: our server's own, and the one that the probe forged in its
/// name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Stamp {
    /// No `authserv_id` is configured.
    #[default]
    NotAsked,
    /// Our server stamped nothing.
    Missing,
    /// Our server stamped, and took the forged one away.
    Ours,
    /// The forged one is still there, where it is not believed.
    Left,
    /// The forged one stands where our server's own would stand.
    Believed,
}

impl Stamp {
    /// As it is kept and printed.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotAsked => "not-asked",
            Self::Missing => "missing",
            Self::Ours => "ours",
            Self::Left => "forged-left",
            Self::Believed => "forged-believed",
        }
    }

    /// As it is kept; what is no word of ours was not asked.
    pub fn from_word(word: &str) -> Self {
        let all = [Self::Missing, Self::Ours, Self::Left, Self::Believed];
        all.into_iter().find(|s| s.as_str() == word).unwrap_or_default()
    }
}

/// A probe that was written, and what is known of it by now.
#[derive(Debug, Clone)]
pub struct Probe {
    /// What it finds out.
    pub kind: Kind,
    /// The address to which it went.
    pub to: String,
    /// Seconds since 1970.
    pub sent_at: i64,
    /// The relay's answer; empty until it has answered.
    pub relay: String,
    /// Why it will not come back: the relay's refusal, or a report about it.
    pub refused: Option<String>,
    /// How it came back; `None`: it has not yet.
    pub back: Option<Back>,
}

/// A probe that came back.
#[derive(Debug, Clone)]
pub struct Back {
    /// Seconds since 1970.
    pub at: i64,
    /// Through which it came back; `None`: through none that has a name.
    pub mailbox: Option<String>,
    /// What it showed.
    pub seen: Seen,
}

/// The signature of the desk's domain on our own mail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Signature {
    /// There is none.
    #[default]
    Missing,
    /// By the key in DNS, here and now.
    Holds,
    /// It does not, and why.
    Fails(String),
}

impl Signature {
    /// `missing`, `holds`, or why not.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Missing => "missing",
            Self::Holds => "holds",
            Self::Fails(why) => why,
        }
    }

    /// As it is kept.
    pub fn from_word(word: &str) -> Self {
        match word {
            "missing" => Self::Missing,
            "holds" => Self::Holds,
            why => Self::Fails(why.to_owned()),
        }
    }
}

/// What the mail that came back shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// It still has the Message-ID under which it left (D15).
    pub id_kept: bool,
    /// What became of Authentication-Results.
    pub stamp: Stamp,
    /// Who stamped Authentication-Results where our own server's stand.
    pub stamped_by: Option<String>,
    /// The signature of our domain.
    pub signature: Signature,
    /// What the desk's domain wants done with mail in its name that is not proven.
    pub policy: Policy,
}

/// What a mail that was taken in says of a probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Returned {
    /// The probe itself, and what it shows.
    Back(MessageId, Seen),
    /// A report about it; inner: it will not come back, in the words of the report.
    Report(MessageId, Option<String>),
}
