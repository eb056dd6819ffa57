//! The data folder belongs to one daemon at a time (T94).

use crate::edge::cli::{Exit, Failure};
use std::fs;
use std::io::{Read, Seek, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::os::unix::net::UnixDatagram;
use std::path::Path;

const NAME: &str = "desk.lock";

/// Does a daemon hold the data folder? Only looks: a daemon that starts in this moment must find the lock
/// free.
pub fn is_held(dir: &Path) -> bool {
    let Ok(file) = fs::metadata(dir.join(NAME)) else { return false };
    // proc_locks(5): `1: FLOCK  ADVISORY  WRITE 4711 08:01:131072 0 EOF`, the last number of three the inode.
    let locks = fs::read_to_string("/proc/locks").unwrap_or_default();
    let inode = file.ino().to_string();
    let ours = |line: &str| {
        let mut words = line.split_whitespace();
        words.any(|w| w == "FLOCK") && words.any(|w| w.rsplit(':').next() == Some(inode.as_str()))
    };
    let listens = || UnixDatagram::unbound().and_then(|s| s.connect(dir.join("desk.sock"))).is_ok();
    locks.lines().any(ours) || listens()
}

/// Locks the data folder, which is made where it is missing. The lock ends when the file is dropped. Where
/// another daemon holds the folder, the error names its process.
pub fn hold(dir: &Path) -> Result<fs::File, Failure> {
    let cannot = |e: std::io::Error| {
        Failure::new(Exit::CannotCreate, format!("cannot write into the data folder {}: {e}", dir.display()))
    };
    if dir.exists() && !dir.is_dir() {
        return Err(Failure::new(
            Exit::Config,
            format!("{} is a file; [data] dir must be a folder", dir.display()),
        ));
    }
    if !dir.exists() {
        use std::os::unix::fs::DirBuilderExt;
        fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(cannot)?;
    }
    let path = dir.join(NAME);
    let open =
        fs::OpenOptions::new().create(true).truncate(false).read(true).write(true).mode(0o600).open(path);
    let mut file = open.map_err(cannot)?;
    if file.try_lock().is_err() {
        let mut who = String::new();
        let _ = file.read_to_string(&mut who);
        let text = format!("another daemon (process {}) holds {}; stop it first", who.trim(), dir.display());
        return Err(Failure::new(Exit::TryAgain, text));
    }
    let _ =
        file.set_len(0).and_then(|()| file.rewind()).and_then(|()| write!(file, "{}", std::process::id()));
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_looks_takes_no_lock() {
        let dir = tempfile::tempdir().expect("a folder");
        assert!(!is_held(dir.path()), "nobody ever held it");
        let lock = hold(dir.path()).expect("the lock");
        assert!(is_held(dir.path()));
        drop(lock);
        assert!(!is_held(dir.path()), "it was held");
        hold(dir.path()).expect("it is free");
    }
}
