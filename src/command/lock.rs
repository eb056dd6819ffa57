//! The data folder belongs to one daemon at a time (T94).

use crate::edge::cli::{Exit, Failure};
use std::fs;
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

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
    let path = dir.join("desk.lock");
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
