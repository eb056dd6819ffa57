//! What the service manager hears of the daemon: READY, STATUS, WATCHDOG and STOPPING of sd_notify(3).
//! Without a service manager all of it does nothing.

use sd_notify::NotifyState;
use std::time::Duration;

/// The daemon has started: its tasks run and the pages are served.
pub fn ready() {
    notify(&[NotifyState::Ready]);
}

/// The daemon ends.
pub fn stopping() {
    notify(&[NotifyState::Stopping]);
}

/// One line for `systemctl status`.
pub fn status(line: &str) {
    notify(&[NotifyState::Status(&line.replace(['\n', '\r'], " "))]);
}

/// How often [`watchdog`] is due: half of what the manager waits for. `None`: nobody waits.
pub fn watchdog_interval() -> Option<Duration> {
    sd_notify::watchdog_enabled().map(|limit| (limit / 2).max(Duration::from_millis(100)))
}

/// The daemon still works.
pub fn watchdog() {
    notify(&[NotifyState::Watchdog]);
}

fn notify(states: &[NotifyState<'_>]) {
    if let Err(e) = sd_notify::notify(states) {
        tracing::debug!(kind = %e.kind(), "the service manager could not be told");
    }
}
