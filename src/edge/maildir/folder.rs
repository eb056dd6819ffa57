//! The folder of a Maildir: which files lie there, their bytes, and their way from `new` to `cur`. Whoever
//! delivers here may put down anything, so only regular files are opened, and nothing is overwritten.

use crate::app::{FileRead, FileSeen};
use rustix::fs::{CWD, Mode, OFlags, RenameFlags, renameat_with};
use rustix::io::Errno;
use sha2::{Digest, Sha256};
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs::{self, DirEntry, Metadata};
use std::io::{self, ErrorKind, Read};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The parts of a Maildir in which mail lies. One that is moved from the first to the second while both are
/// listed is found twice, and never missed.
pub const PARTS: [&str; 2] = ["new", "cur"];
/// Where mail lies that no mail program has seen.
pub const NEW: usize = 0;
/// Of a mail beyond the limit so much is read: its header (T37).
const HEAD_BYTES: u64 = 256 << 10;

/// A regular file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// As the folder lists it.
    pub seen: FileSeen,
    /// Where it is.
    pub path: PathBuf,
    /// In which of the [`PARTS`].
    pub part: usize,
}

impl File {
    /// Files are taken in in this order.
    pub fn key(&self) -> (&str, &Path) {
        (&self.seen.name, &self.path)
    }
}

/// What lies in a part of a Maildir.
pub enum Entry {
    /// It may be a mail.
    File(File),
    /// Its name; it is a pipe, a link, a folder or the like.
    Odd(String),
}

/// Device, file number, and the times of its content and of its rights: how a folder was found.
pub type Stamp = (u64, u64, [i64; 4]);

/// How the parts of a Maildir are found. The error names one.
pub fn stamps(folder: &Path) -> Result<[Stamp; 2], String> {
    let stamp = |part: &str| -> Result<Stamp, String> {
        let dir = folder.join(part);
        let found = fs::metadata(&dir).map_err(|e| cannot_read(&dir, &e))?;
        let times = [found.mtime(), found.mtime_nsec(), found.ctime(), found.ctime_nsec()];
        Ok((found.dev(), found.ino(), times))
    };
    Ok([stamp(PARTS[0])?, stamp(PARTS[1])?])
}

fn cannot_read(dir: &Path, e: &io::Error) -> String {
    format!("cannot read {}: {e}; is it a Maildir?", dir.display())
}

/// Whatever lies in a part of a Maildir, in no order; hidden files are left out. The errors name the part.
pub fn entries(folder: &Path, part: usize) -> Result<impl Iterator<Item = Result<Entry, String>>, String> {
    let dir = folder.join(PARTS[part]);
    let all = fs::read_dir(&dir).map_err(|e| cannot_read(&dir, &e))?;
    Ok(all
        .filter_map(move |e| e.and_then(|e| entry(&e, part)).map_err(|e| cannot_read(&dir, &e)).transpose()))
}

fn entry(e: &DirEntry, part: usize) -> io::Result<Option<Entry>> {
    let name = e.file_name();
    if name.as_bytes().starts_with(b".") {
        return Ok(None);
    }
    let found = match e.metadata() {
        // It was moved or removed meanwhile.
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        found => found?,
    };
    if !found.is_file() {
        return Ok(Some(Entry::Odd(format!("{}/{}", PARTS[part], exact(name.as_bytes()).escape_debug()))));
    }
    let name = exact(unique(name.as_bytes()));
    let seen = FileSeen { name, size: found.len(), modified_at: nanoseconds(&found) };
    Ok(Some(Entry::File(File { seen, path: e.path(), part })))
}

fn nanoseconds(found: &Metadata) -> i64 {
    found.mtime().saturating_mul(1_000_000_000).saturating_add(found.mtime_nsec())
}

/// The unique name of a file: what stands before its flags.
fn unique(name: &[u8]) -> &[u8] {
    let flags = name.windows(3).position(|w| w == b":2,");
    &name[..flags.unwrap_or(name.len())]
}

/// A name in text that no other name has: a byte that is no UTF-8 stands as a slash, which no name holds, and
/// two digits.
fn exact(name: &[u8]) -> String {
    let mut out = String::with_capacity(name.len());
    for chunk in name.utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(out, "/{byte:02x}");
        }
    }
    out
}

/// All of a regular file, or its beginning where it is beyond the limit (T37). A link is not followed, and a
/// pipe that nobody writes to keeps nobody waiting.
pub fn read(path: &Path, bytes_max: u64) -> io::Result<(Vec<u8>, FileRead)> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = fs::File::from(rustix::fs::open(path, flags, Mode::empty())?);
    let found = file.metadata()?;
    if !found.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    let size = found.len();
    let mut raw = Vec::new();
    let most = if size > bytes_max { HEAD_BYTES } else { bytes_max };
    file.take(most).read_to_end(&mut raw)?;
    let content = Sha256::new_with_prefix(size.to_be_bytes()).chain_update(&raw).finalize().into();
    Ok((raw, FileRead { size, modified_at: nanoseconds(&found), content }))
}

/// Moves a file to `cur` as seen. `more` stands behind its unique name. Where that name is taken there, the
/// error says so, and nothing is moved.
pub fn move_to_cur(folder: &Path, file: &File, more: &str) -> io::Result<()> {
    let name = file.path.file_name().unwrap_or_default();
    let name = [unique(name.as_bytes()), more.as_bytes(), b":2,S"].concat();
    let to = folder.join("cur").join(OsString::from_vec(name));
    match renameat_with(CWD, &file.path, CWD, &to, RenameFlags::NOREPLACE) {
        // Not every file system knows how to rename without overwriting.
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => link_and_remove(&file.path, &to),
        moved => Ok(moved?),
    }
}

fn link_and_remove(from: &Path, to: &Path) -> io::Result<()> {
    let place = |path| fs::symlink_metadata(path).map(|found| (found.dev(), found.ino()));
    match fs::hard_link(from, to) {
        // The last time only its old name could not be removed.
        Err(e) if e.kind() == ErrorKind::AlreadyExists && place(from)? == place(to)? => {}
        linked => linked?,
    }
    fs::remove_file(from)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a\xff` and `a\xfe` were one name, so the second mail was never taken in.
    #[test]
    fn no_two_names_are_one() {
        assert_eq!(exact(b"1700000000.M1P2.host"), "1700000000.M1P2.host", "as it was kept before");
        assert_eq!(exact("a\u{fffd}ü".as_bytes()), "a\u{fffd}ü");
        assert_eq!((exact(b"a\xff"), exact(b"a\xfe")), ("a/ff".into(), "a/fe".into()));
        assert_eq!(unique(b"a\xff:2,RS"), b"a\xff");
        assert_eq!(unique(b":2,S"), b"");
    }

    #[test]
    fn where_no_rename_without_overwriting_exists_a_link_does_the_same() {
        let dir = tempfile::tempdir().expect("a folder");
        let [from, to] = ["from", "to"].map(|name| dir.path().join(name));
        fs::write(&from, "a").expect("a file");
        link_and_remove(&from, &to).expect("moved");
        assert!(!from.exists() && fs::read(&to).expect("the file") == b"a");
        fs::write(&from, "b").expect("a file");
        assert_eq!(link_and_remove(&from, &to).expect_err("taken").kind(), ErrorKind::AlreadyExists);
        assert!(from.exists() && fs::read(&to).expect("the file") == b"a");
        fs::remove_file(&from).expect("removed");
        fs::hard_link(&to, &from).expect("both names");
        link_and_remove(&from, &to).expect("the old name goes");
        assert!(!from.exists() && to.exists());
    }
}
