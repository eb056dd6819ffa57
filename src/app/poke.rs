//! A word to a daemon on the same folder.

/// Tells a daemon on this folder that a commit made letters; silent where none listens.
pub fn poke(dir: &std::path::Path) {
    if let Ok(socket) = std::os::unix::net::UnixDatagram::unbound() {
        let _ = socket.set_nonblocking(true);
        let _ = socket.send_to(b"wake", dir.join("desk.sock"));
    }
}
