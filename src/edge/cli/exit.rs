//! How a command ends: it succeeds, or it fails with a sentence for people and an exit code for programs.

use crate::app::{Refusal, Trouble};
use std::fmt::Display;

/// How a command ends (sysexits.h).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It did what it was told.
    Good = 0,
    /// The answer is no: a fault was found, or nothing was changed.
    Negative = 1,
    /// The arguments make no sense.
    Usage = 64,
    /// A value or a backup is wrong.
    Data = 65,
    /// There is no such ticket, person, mail or file.
    NoInput = 66,
    /// A server does not answer.
    Unavailable = 69,
    /// A part of the daemon ended: its service manager starts it anew.
    Software = 70,
    /// A new file or folder cannot be made.
    CannotCreate = 73,
    /// Input or output failed: a full disk, a damaged database.
    Io = 74,
    /// Somebody else is at work: the same command may succeed later.
    TryAgain = 75,
    /// The configuration, the key or the rights of files must be set right.
    Config = 78,
}

/// A command that failed: a sentence for people and how it ends.
#[derive(Debug)]
pub struct Failure {
    /// The code that the program ends with.
    pub exit: Exit,
    /// What is wrong and what to do.
    pub text: String,
}

impl Failure {
    /// From anything that prints as a sentence.
    pub fn new(exit: Exit, text: impl Display) -> Self {
        Self { exit, text: text.to_string() }
    }
}

impl From<Trouble> for Failure {
    fn from(t: Trouble) -> Self {
        let exit = match &t {
            Trouble::Busy(_) => Exit::TryAgain,
            Trouble::Full(_) | Trouble::Broken(_) => Exit::Io,
            Trouble::Setup(_) => Exit::Config,
        };
        Self::new(exit, t)
    }
}

impl From<Refusal> for Failure {
    fn from(r: Refusal) -> Self {
        match r {
            Refusal::Refused(why) if why.is_missing() => Self::new(Exit::NoInput, why.to_string()),
            Refusal::Refused(why) => Self::new(Exit::Data, why.to_string()),
            Refusal::Trouble(t) => t.into(),
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(e: std::io::Error) -> Self {
        Self::new(Exit::Io, e)
    }
}

/// How a command ended.
pub type Done = Result<Exit, Failure>;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::Refused;

    /// A busy store is tried again, a full one is an error of output; an order in a transaction says the
    /// same.
    #[test]
    fn the_trouble_of_the_store_reaches_the_exit_code() {
        for (trouble, exit) in [
            (Trouble::Busy as fn(String) -> Trouble, Exit::TryAgain),
            (Trouble::Full, Exit::Io),
            (Trouble::Broken, Exit::Io),
            (Trouble::Setup, Exit::Config),
        ] {
            let plain = Failure::from(trouble("wait a little".into()));
            let ordered = Failure::from(Refusal::Trouble(trouble("wait a little".into())));
            for failure in [plain, ordered] {
                assert_eq!((failure.exit, failure.text.as_str()), (exit, "wait a little"));
            }
        }
        assert_eq!(Failure::from(Refusal::Refused(Refused::NoTicket(1))).exit, Exit::NoInput);
        assert_eq!(Failure::from(Refusal::Refused(Refused::NoWords)).exit, Exit::Data);
    }
}
