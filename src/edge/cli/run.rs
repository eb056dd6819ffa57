//! Leads each command to the file of this folder that carries it out.

use super::args::Command;
use super::exit::{Done, Failure};
use super::{held, keys, outbox, replay, staff, tickets};
use crate::app::Desk;
use crate::config::Config;

/// Carries out a command that needs the desk's database and no server.
pub fn run(command: &Command, config: &Config) -> Done {
    let desk = || Desk::open(config).map_err(Failure::from);
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
