//! The service manager: sd_notify(3), READY, STATUS, WATCHDOG, STOPPING. Without one, all of it does nothing.

use sd_notify::NotifyState;
use std::time::Duration;

/// Every mailbox was tried, the web listens.
pub fn ready() {
    tell(&[NotifyState::Ready]);
}

pub fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// One line for `systemctl status`.
pub fn status(line: &str) {
    tell(&[NotifyState::Status(&line.replace(['\n', '\r'], " "))]);
}

/// How often [`watchdog`] is due: half of what the manager waits for. `None`: nobody waits.
pub fn watchdog_interval() -> Option<Duration> {
    sd_notify::watchdog_enabled().map(|limit| (limit / 2).max(Duration::from_millis(100)))
}

pub fn watchdog() {
    tell(&[NotifyState::Watchdog]);
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(e) = sd_notify::notify(states) {
        tracing::debug!(kind = %e.kind(), "the service manager could not be told");
    }
}
