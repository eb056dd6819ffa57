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
use std::process::{Child, Command, ExitCode, ExitStatus};
use std::task::Poll;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Set in the process that does the work.
const INSIDE: &str = "MAILDESK_DELIVER_INSIDE";
/// Between two looks at that process, where no signal tells that it ended.
const AGAIN: Duration = Duration::from_secs(1);

/// Runs `work` in a process of its own, and waits for it in this one, which does nothing that could fail:
/// what ends the other one, as want of memory or a fault of the program, is 75 here.
pub fn guarded(args: &[OsString], work: impl FnOnce() -> Done) -> ExitCode {
    let is_inside = std::env::var_os(INSIDE).is_some();
    let done = catch_unwind(AssertUnwindSafe(|| if is_inside { work() } else { outside(args) }));
    match done {
        Ok(Ok(Exit::Good)) => ExitCode::SUCCESS,
        Ok(Ok(_)) | Err(_) => ExitCode::from(Exit::TryAgain as u8),
        Ok(Err(failure)) => {
            if !failure.text.is_empty() {
                out::complain(&failure.text);
            }
            ExitCode::from(Exit::TryAgain as u8)
        }
    }
}

/// Starts the process that does the work, and waits for it.
fn outside(args: &[OsString]) -> Done {
    let cannot = |e| Failure::new(Exit::TryAgain, format!("the mail cannot be taken now: {e}"));
    let me = std::env::current_exe().map_err(cannot)?;
    // One thread, so that little memory is enough.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(cannot)?;
    runtime.block_on(async {
        // Before the other process exists: it ends with this one.
        let mut ends = Ends::catch().map_err(cannot)?;
        let mut inside = Command::new(me).args(args).env(INSIDE, "1").spawn().map_err(cannot)?;
        match ends.wait(&mut inside).await.map_err(cannot) {
            Ok(Some(ended)) if ended.success() => Ok(Exit::Good),
            // It said what is wrong.
            Ok(Some(ended)) if ended.code() == Some(Exit::TryAgain as i32) => {
                Err(Failure::new(Exit::TryAgain, ""))
            }
            Ok(Some(_)) => {
                let text = "the program ended before the mail was kept; it must be tried again";
                Err(Failure::new(Exit::TryAgain, text))
            }
            other => {
                let _ = inside.kill();
                let _ = inside.wait();
                other.map(|_| Exit::TryAgain)
            }
        }
    })
}

/// Signals that would end this process with another code than 75, and the one that tells that the other
/// process ended. A mail server that ignores the latter hands that down, and then nobody could wait.
struct Ends {
    child: Signal,
    others: Vec<Signal>,
}

impl Ends {
    fn catch() -> std::io::Result<Self> {
        let others = [
            SignalKind::terminate(),
            SignalKind::hangup(),
            SignalKind::interrupt(),
            SignalKind::quit(),
            SignalKind::alarm(),
            SignalKind::user_defined1(),
            SignalKind::user_defined2(),
        ];
        let others = others.into_iter().map(signal).collect::<std::io::Result<_>>()?;
        Ok(Self { child: signal(SignalKind::child())?, others })
    }

    /// How the other process ended; `None`: a signal came first.
    async fn wait(&mut self, inside: &mut Child) -> std::io::Result<Option<ExitStatus>> {
        loop {
            if let Some(ended) = inside.try_wait()? {
                return Ok(Some(ended));
            }
            let ends = std::future::poll_fn(|context| {
                let came = self.others.iter_mut().any(|s| s.poll_recv(context).is_ready());
                if came { Poll::Ready(()) } else { Poll::Pending }
            });
            tokio::select! {
                _ = self.child.recv() => {}
                () = ends => return Ok(None),
                // Where a mail server hands down a mask of signals, nothing tells of the other process.
                () = tokio::time::sleep(AGAIN) => {}
            }
        }
    }
}

/// Takes one mail from standard input.
pub fn deliver(config: &Config, call: &Call) -> Done {
    if let Some(odd) = call.unknown.first() {
        let text = format!("{} means nothing to deliver; see maildesk deliver --help", odd.display());
        return Err(Failure::new(Exit::TryAgain, text));
    }
    let raw = read(std::io::stdin().lock(), config.limits.mail_bytes_max)?;
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

/// All of a mail, or one octet more than may be. The rest is read, too: some mail servers take a pipe that
/// closes early for a failure, and bounce a mail that was taken.
fn read(mut from: impl Read, bytes_max: u64) -> std::io::Result<Vec<u8>> {
    let mut raw = Vec::new();
    from.by_ref().take(bytes_max.saturating_add(1)).read_to_end(&mut raw)?;
    std::io::copy(&mut from, &mut std::io::sink())?;
    Ok(raw)
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
