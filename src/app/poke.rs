//! The daemon that works on the same folder: is there one, and how it is woken.

use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};

fn socket(dir: &Path) -> PathBuf {
    dir.join("desk.sock")
}

/// Does a daemon work on this folder? Nothing is sent, written or locked. A socket that a daemon left behind
/// when it was killed takes nobody.
pub(super) fn daemon_listens(dir: &Path) -> bool {
    UnixDatagram::unbound().is_ok_and(|s| s.connect(socket(dir)).is_ok())
}

/// Tells the daemon of this folder that a commit made letters; where none runs, nothing happens.
pub fn poke(dir: &Path) {
    if let Ok(from) = UnixDatagram::unbound() {
        let _ = from.set_nonblocking(true);
        let _ = from.send_to(b"wake", socket(dir));
    }
}
