//! The folder of the demo: made anew, for its owner alone, and nothing in it leads elsewhere (T84).

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The Maildirs of the demo.
const PARTS: [&str; 8] = ["in", "in/new", "in/cur", "in/tmp", "out", "out/new", "out/cur", "out/tmp"];
/// The configuration of the demo, by which an earlier one is known.
const CONFIGURATION: &str = "maildesk.toml";

/// Makes the folder with its Maildirs. Without a name it is a new one that nobody can guess; a named one may
/// be there if it is empty or of an earlier demo, and is its owner's.
pub fn make(named: Option<&Path>) -> io::Result<PathBuf> {
    let dir = match named {
        Some(dir) => dir.to_owned(),
        None => {
            let mut random = [0; 16];
            getrandom::fill(&mut random).map_err(io::Error::other)?;
            let name = format!("maildesk-demo-{}", data_encoding::HEXLOWER.encode(&random));
            std::env::temp_dir().join(name)
        }
    };
    match fs::symlink_metadata(&dir) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            if let Some(above) = dir.parent().filter(|above| !above.as_os_str().is_empty()) {
                fs::DirBuilder::new().recursive(true).mode(0o700).create(above)?;
            }
            // Not recursive: whoever was quicker than us is not trusted.
            fs::DirBuilder::new().mode(0o700).create(&dir)?;
        }
        Err(e) => return Err(e),
        Ok(_) if named.is_none() => return Err(io::ErrorKind::AlreadyExists.into()),
        Ok(_) => take_over(&dir)?,
    }
    let dir = dir.canonicalize()?;
    for part in PARTS {
        let part = dir.join(part);
        match fs::symlink_metadata(&part) {
            Ok(about) if about.is_dir() => {}
            Ok(_) => return Err(refused(&part, "is no folder")),
            Err(_) => fs::DirBuilder::new().mode(0o700).create(&part)?,
        }
    }
    Ok(dir)
}

/// A folder that is there already.
fn take_over(dir: &Path) -> io::Result<()> {
    let about = fs::symlink_metadata(dir)?;
    if !about.is_dir() {
        return Err(refused(dir, "is no folder; a link to one does not count"));
    }
    if about.uid() != fs::metadata("/proc/self")?.uid() {
        return Err(refused(dir, "belongs to somebody else"));
    }
    let is_empty = fs::read_dir(dir)?.next().is_none();
    let is_demo = fs::symlink_metadata(dir.join(CONFIGURATION)).is_ok_and(|about| about.is_file());
    if !is_empty && !is_demo {
        return Err(refused(dir, "holds other things; name an empty folder, or one of an earlier demo"));
    }
    fs::set_permissions(dir, fs::Permissions::from_mode(0o700))
}

fn refused(path: &Path, why: &str) -> io::Error {
    io::Error::other(format!("{} {why}", path.display()))
}

/// Writes the configuration; its file.
pub fn configure(dir: &Path, text: &str) -> io::Result<PathBuf> {
    let file = dir.join(CONFIGURATION);
    if file.exists() {
        fs::remove_file(&file)?;
    }
    let mut made = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&file)?;
    made.write_all(text.as_bytes())?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("it is there").permissions().mode() & 0o777
    }

    #[test]
    fn t84_the_folder_of_the_demo_is_its_owners_alone() {
        let room = tempfile::tempdir().expect("a folder");
        let new = room.path().join("a/b");
        let made = make(Some(&new)).expect("a new one");
        for part in PARTS {
            assert_eq!(mode(&made.join(part)), 0o700, "{part}");
        }
        let file = configure(&made, "x = 1\n").expect("its configuration");
        assert_eq!((mode(&made), mode(&file)), (0o700, 0o600));
        fs::set_permissions(&made, fs::Permissions::from_mode(0o755)).expect("chmod");
        assert_eq!(mode(&make(Some(&new)).expect("an earlier one")), 0o700);

        let link = room.path().join("link");
        std::os::unix::fs::symlink(&made, &link).expect("a link");
        assert!(make(Some(&link)).is_err(), "a link");
        fs::remove_dir(made.join("in/new")).expect("empty");
        std::os::unix::fs::symlink("/", made.join("in/new")).expect("a link");
        assert!(make(Some(&new)).is_err(), "a link in it");
        let other = room.path().join("other");
        fs::create_dir(&other).expect("a folder");
        fs::write(other.join("thesis"), "").expect("a file");
        assert!(make(Some(&other)).is_err() && mode(&other) != 0o700, "what is somebody's stays as it is");

        let (one, two) = (make(None).expect("one"), make(None).expect("another"));
        assert!(one != two && mode(&one) == 0o700);
        for dir in [one, two] {
            fs::remove_dir_all(dir).expect("removed");
        }
    }
}
