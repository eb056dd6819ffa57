//! How a command ends: well, or with a sentence for people and an exit code for programs.

use crate::app::{Refusal, Trouble};
use std::fmt::Display;

/// How a command ends (sysexits.h).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Good = 0,
    Negative = 1,
    Usage = 64,
    Data = 65,
    NoInput = 66,
    Unavailable = 69,
    CannotCreate = 73,
    Io = 74,
    TryAgain = 75,
    Config = 78,
}

/// A command that failed: a sentence for people and how it ends.
#[derive(Debug)]
pub struct Failure {
    pub exit: Exit,
    pub text: String,
}

impl Failure {
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
            Refusal::Missing(text) => Self::new(Exit::NoInput, text),
            Refusal::Wrong(text) => Self::new(Exit::Data, text),
            Refusal::Trouble(t) => t.into(),
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(e: std::io::Error) -> Self {
        Self::new(Exit::Io, e)
    }
}

pub type Done = Result<Exit, Failure>;
