//! `maildesk deliver`: ends with 0 or 75 and nothing else, since a mail server bounces a customer's mail on
//! any other code.

use super::args::Call;
use super::exit::{Done, Exit, Failure};
use super::out;
use crate::app::{Desk, Position};
use crate::config::Config;
use crate::edge::dns;
use crate::mail::AddrSpec;
use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Command, ExitCode};

/// Set in the process that does the work.
const INSIDE: &str = "MAILDESK_DELIVER_INSIDE";

/// Runs `work` in a process of its own, and waits for it in this one, which does nothing that could fail:
/// what ends the other one, as want of memory or a fault of the program, is 75 here.
pub fn guarded(args: &[OsString], work: impl FnOnce() -> Done) -> ExitCode {
    let again = || ExitCode::from(Exit::TryAgain as u8);
    if std::env::var_os(INSIDE).is_some() {
        return match catch_unwind(AssertUnwindSafe(work)) {
            Ok(Ok(_)) => ExitCode::SUCCESS,
            Ok(Err(failure)) => {
                out::complain(&failure.text);
                again()
            }
            Err(_) => again(),
        };
    }
    let inside = std::env::current_exe().and_then(|me| Command::new(me).args(args).env(INSIDE, "1").status());
    match inside {
        Ok(ended) if ended.success() => ExitCode::SUCCESS,
        Ok(ended) => {
            if ended.code() != Some(Exit::TryAgain as i32) {
                out::complain("the program ended before the mail was kept; it must be tried again");
            }
            again()
        }
        Err(e) => {
            out::complain(&format!("the mail cannot be taken now: {e}"));
            again()
        }
    }
}

/// Takes one mail from standard input.
pub fn deliver(config: &Config, call: &Call) -> Done {
    if let Some(odd) = call.unknown.first() {
        let text = format!("{} means nothing to deliver; see maildesk deliver --help", odd.display());
        return Err(Failure::new(Exit::TryAgain, text));
    }
    let mut raw = Vec::new();
    let most = config.limits.mail_bytes_max + 1;
    std::io::stdin().lock().take(most).read_to_end(&mut raw)?;
    if raw.is_empty() {
        return Err(Failure::new(Exit::TryAgain, "there is no mail on standard input"));
    }
    let recipients = call.recipients.iter().filter_map(|a| bare(a)).collect();
    let position = Position::Envelope { recipients, sender: call.sender.as_deref().and_then(sender) };
    let desk = Desk::open(config)?;
    let mut looked = [desk.intake().look(raw, position)];
    dns::with(config.dns_server, |names| names.prove(&desk, &mut looked))??;
    desk.intake().take(&looked)?;
    Ok(Exit::Good)
}

fn bare(address: &OsStr) -> Option<AddrSpec> {
    AddrSpec::parse(address.to_str()?.trim().trim_matches(['<', '>']))
}

/// The reverse-path; `None`: it was not said, or it is an address that nobody can read. `Some(None)`: it is
/// `<>`, or the word that a mail server puts in its place, such as MAILER-DAEMON.
fn sender(said: &OsStr) -> Option<Option<AddrSpec>> {
    match bare(said) {
        None if said.as_encoded_bytes().contains(&b'@') => None,
        read => Some(read),
    }
}
