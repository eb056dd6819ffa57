//! The command line: arguments in, tables or JSON out (INTERFACE, Program). Verbs that need no server are
//! carried out here.

pub mod args;
mod deliver;
mod explain;
mod held;
pub mod json;
mod keys;
pub mod man;
pub mod out;
mod outbox;
mod replay;
mod staff;
mod tickets;

use crate::app::{Refusal, Trouble};
use crate::config::Config;
pub use args::{Args, Command};
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

/// Carries out a command that needs the desk's database and no server.
pub fn run(command: &Command, config: &Config) -> Done {
    let desk = || crate::app::Desk::open(config).map_err(Failure::from);
    match command {
        Command::Ticket(verb) => tickets::run(&desk()?, verb),
        Command::Staff(verb) => staff::run(&desk()?, verb),
        Command::Outbox(verb) => outbox::run(&desk()?, verb),
        Command::Held(verb) => held::run(&desk()?, verb),
        Command::Keys(verb) => keys::run(&desk()?, verb),
        Command::Backup { file } => outbox::backup(&desk()?, file),
        Command::Replay { json } => replay::run(&desk()?, *json),
        _ => unreachable!("main sends only these here"),
    }
}

pub use deliver::deliver;
pub use explain::explain;
