//! A socket in the data folder (mode 0600): another process that made letters wakes the daemon, which then
//! sends at once.
//!
//! What arrives is not read: whoever may write into the folder can only make the daemon look again.

use crate::app::Desk;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tokio::net::UnixDatagram;
use tokio::sync::watch;

const NAME: &str = "desk.sock";

fn socket(dir: &Path) -> PathBuf {
    dir.join(NAME)
}

/// Listens until the daemon stops. A socket that an earlier daemon left behind is removed: the lock on the
/// data folder says that no other daemon uses it.
pub async fn listen(dir: PathBuf, desk: Desk, mut shutdown: watch::Receiver<bool>) {
    let path = socket(&dir);
    let _ = std::fs::remove_file(&path);
    let listener = match bind(&path) {
        Ok(listener) => listener,
        Err(e) => {
            // A timer of 30 s finds what nobody announced.
            tracing::warn!(
                kind = %e.kind(),
                "no wake socket in the data folder; letters of other commands wait up to 30 s"
            );
            let _ = shutdown.wait_for(|ends| *ends).await;
            return;
        }
    };
    let mut byte = [0u8; 16];
    loop {
        tokio::select! {
            _ = shutdown.changed() => break,
            got = listener.recv(&mut byte) => match got {
                Ok(_) => desk.wake().notify_one(),
                Err(_) => tokio::time::sleep(std::time::Duration::from_secs(1)).await,
            }
        }
    }
    let _ = std::fs::remove_file(&path);
}

/// Binds the socket under another name, closes it to other users, then puts it in its place: at no time can
/// another user reach it.
fn bind(path: &Path) -> std::io::Result<UnixDatagram> {
    let early = path.with_extension("new");
    let _ = std::fs::remove_file(&early);
    let listener = UnixDatagram::bind(&early)?;
    std::fs::set_permissions(&early, std::fs::Permissions::from_mode(0o600))?;
    std::fs::rename(&early, path)?;
    Ok(listener)
}
