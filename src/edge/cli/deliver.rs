//! `maildesk deliver`: ends with 0 or 75 and nothing else, since a mail server bounces a customer's mail on
//! any other code.

use super::exit::{Done, Exit, Failure};
use crate::app::{Desk, Position};
use crate::config::Config;
use crate::edge::dns;
use crate::mail::AddrSpec;
use std::io::Read;

/// Takes one mail from standard input; `recipient` and `sender` are those of the envelope.
pub fn deliver(config: &Config, recipient: Option<&str>, sender: Option<&str>) -> Done {
    let mut raw = Vec::new();
    let most = config.limits.mail_bytes_max + 1;
    std::io::stdin().lock().take(most).read_to_end(&mut raw)?;
    if raw.is_empty() {
        return Err(Failure::new(Exit::TryAgain, "there is no mail on standard input"));
    }
    let bare = |a: &str| AddrSpec::parse(a.trim().trim_matches(['<', '>']));
    let position = Position::Envelope { recipient: recipient.and_then(bare), sender: sender.map(bare) };
    let desk = Desk::open(config)?;
    let mut looked = [desk.intake().look(raw, position)];
    dns::with(config.dns_server, |names| names.prove(&desk, &mut looked))??;
    desk.intake().take(&looked)?;
    Ok(Exit::Good)
}
