//! Leads each command to the file of this folder that carries it out.

use super::args::{Command, Held, Keys, Outbox, Staff, Ticket};
use super::exit::{Done, Failure};
use super::{held, keys, outbox, replay, staff, tickets};
use crate::app::Desk;
use crate::config::Config;

/// Carries out a command that needs the desk's database and no server.
pub fn run(command: &Command, config: &Config) -> Done {
    let desk = || match only_looks(command) {
        true => Desk::look(config).map_err(Failure::from),
        false => Desk::open(config).map_err(Failure::from),
    };
    match command {
        Command::Ticket(verb) => tickets::run(&desk()?, verb),
        Command::Staff(verb) => staff::run(&desk()?, verb, &config.staff),
        Command::Outbox(verb) => outbox::run(&desk()?, verb),
        Command::Held(verb) => held::run(&desk()?, verb),
        Command::Keys(verb) => keys::run(&desk()?, verb),
        Command::Backup { file } => outbox::backup(&desk()?, file),
        Command::Replay { json } => replay::run(&desk()?, *json),
        _ => unreachable!("main sends only these here"),
    }
}

/// A command that only looks changes nothing, whatever configuration it is given (T121).
fn only_looks(command: &Command) -> bool {
    match command {
        Command::Ticket(verb) => {
            matches!(verb, Ticket::List { .. } | Ticket::Show { .. } | Ticket::Search { .. })
        }
        Command::Staff(verb) => matches!(verb, Staff::List { .. }),
        Command::Outbox(verb) => matches!(verb, Outbox::List { .. }),
        Command::Held(verb) => matches!(verb, Held::List { .. } | Held::Show { .. }),
        Command::Keys(verb) => matches!(verb, Keys::List { .. }),
        Command::Backup { .. } => true,
        _ => false,
    }
}
