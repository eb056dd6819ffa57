//! Wakes the daemon that works on the same folder.

/// Tells the daemon of this folder that a commit made letters; where none runs, nothing happens.
pub fn poke(dir: &std::path::Path) {
    if let Ok(socket) = std::os::unix::net::UnixDatagram::unbound() {
        let _ = socket.set_nonblocking(true);
        let _ = socket.send_to(b"wake", dir.join("desk.sock"));
    }
}
