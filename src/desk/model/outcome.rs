//! What became of an event, and why a mail is kept without being acted on.

use super::word::words;

/// What became of a mail (INTERFACE, `outcome`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// A new ticket.
    Ticket,
    /// A further message of a ticket.
    Append,
    /// A question of staff, answered by a letter.
    Query,
    /// A mail of staff of which nothing acted; its writer got it back.
    Refused,
    /// Kept without being acted on, until somebody who may decides.
    Held,
    /// Taken for forged or hostile; an operator alone releases it.
    Quarantine,
    /// A report about a letter of ours.
    Report,
    /// A mail of our own that came back; nothing follows.
    Loop,
    /// It was taken in before; nothing is written.
    Duplicate,
}

/// How a held mail ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HeldEnd {
    /// Somebody who may let it go.
    Released,
    /// Somebody who may said that nothing becomes of it.
    Dropped,
    /// A crossed answer, whose writer said it in newer words; or a mail without bytes, whose bytes came.
    Superseded,
}

/// Why a mail is kept without being acted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    /// Taken for forged or hostile: an operator alone releases it.
    Quarantine,
    /// In the name of staff without enough proof: that person may confirm or discard it.
    Unproven,
    /// An answer of staff that something newer crossed: its writer may send it with `#send`.
    Crossed,
    /// Whatever else nobody but an operator can judge.
    Other,
}

impl Cause {
    /// `kind` of `held list`.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Quarantine => "quarantine",
            Self::Unproven | Self::Crossed | Self::Other => "held",
        }
    }
}

words!(HeldEnd {
    Released = "released", Dropped = "dropped", Superseded = "superseded",
});

words!(Cause { Quarantine = "quarantine", Unproven = "unproven", Crossed = "crossed", Other = "other" });

words!(Outcome {
    Ticket = "ticket", Append = "append", Query = "query", Refused = "refused", Held = "held",
    Quarantine = "quarantine", Report = "report", Loop = "loop", Duplicate = "duplicate",
});
