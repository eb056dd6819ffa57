//! The ledger of a Maildir: each file has exactly one outcome, by its name and its content.

use super::error::Trouble;
use super::handles::Ledger;
use super::values::{FileIs, FileRead, FileSeen};
use crate::store::maildir::{self, BEFORE, File, FileRow, HISTORY};

/// As the ledger keeps it.
fn number(octets: u64) -> i64 {
    i64::try_from(octets).unwrap_or(i64::MAX)
}

/// A file as the ledger knows it; `None`: it was not read.
pub(super) fn file<'a>(mailbox: &'a str, name: &'a str, read: Option<&'a FileRead>) -> File<'a> {
    File {
        mailbox,
        name,
        content: read.map_or(&[], |r| &r.content),
        said: read.map(|r| (number(r.size), r.modified_at)),
    }
}

impl Ledger<'_> {
    /// Was this Maildir looked at before, and everything noted that was there then?
    pub fn maildir_is_begun(&self, mailbox: &str) -> Result<bool, Trouble> {
        Ok(self.0.store().read(|c| maildir::is_begun(c, mailbox))?)
    }

    /// Begins a Maildir: these files are there. They are taken in without a letter where `start_all`, else
    /// left as they are. All of it or nothing is noted, so whatever ends the program later changes nothing.
    pub fn begin_maildir(&self, mailbox: &str, there: &[FileSeen], start_all: bool) -> Result<(), Trouble> {
        let outcome = if start_all { HISTORY } else { BEFORE };
        let rows: Vec<_> = there.iter().map(|f| (f.name.as_str(), number(f.size), f.modified_at)).collect();
        Ok(self.0.store().write(|tx| maildir::begin(tx, mailbox, &rows, outcome))?)
    }

    /// What these files are, in their order.
    pub fn maildir_files(&self, mailbox: &str, files: &[FileSeen]) -> Result<Vec<FileIs>, Trouble> {
        Ok(self
            .0
            .store()
            .read(|c| files.iter().map(|f| Ok(what(&maildir::rows(c, mailbox, &f.name)?, f))).collect())?)
    }

    /// Has a file of this name and content its outcome?
    pub fn maildir_has(&self, mailbox: &str, name: &str, read: &FileRead) -> Result<bool, Trouble> {
        let rows = self.0.store().read(|c| maildir::rows(c, mailbox, name))?;
        Ok(rows.iter().any(|row| row.content == read.content))
    }

    /// These files, which have their outcome, were written anew with the same content.
    pub fn renew_maildir(&self, mailbox: &str, files: &[(String, FileRead)]) -> Result<(), Trouble> {
        Ok(self.0.store().write(|tx| {
            files.iter().try_for_each(|(name, read)| maildir::renew(tx, file(mailbox, name, Some(read))))
        })?)
    }

    /// A file that has its outcome gets another name, without flags.
    pub fn rename_in_maildir(&self, mailbox: &str, seen: &FileSeen, to: &str) -> Result<(), Trouble> {
        let said = Some((number(seen.size), seen.modified_at));
        let file = File { mailbox, name: &seen.name, content: &[], said };
        Ok(self.0.store().write(|tx| maildir::rename(tx, file, to))?)
    }
}

/// What a file is by the rows of its name. Of a file that was never read only its size can be compared.
fn what(rows: &[FileRow], seen: &FileSeen) -> FileIs {
    let size = number(seen.size);
    let same = |row: &&FileRow| match (row.size, row.modified_at) {
        (Some(known), Some(at)) => known == size && (at == seen.modified_at || row.content.is_empty()),
        _ => true,
    };
    match rows.iter().find(same).map(|row| row.outcome.as_str()) {
        Some(HISTORY) => FileIs::New { history: true },
        Some(BEFORE) => FileIs::Before,
        Some(_) => FileIs::Taken,
        None if rows.iter().any(|row| row.size == Some(size)) => FileIs::Unclear,
        None => FileIs::New { history: false },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_name_and_its_content() {
        let seen = |size, modified_at| FileSeen { name: "1".into(), size, modified_at };
        let row = |content: &[u8], said: Option<(i64, i64)>, outcome: &str| {
            let (size, modified_at) = said.unzip();
            FileRow { content: content.to_vec(), size, modified_at, outcome: outcome.into() }
        };
        let read = row(b"x", Some((5, 7)), "ticket");
        assert_eq!(what(&[], &seen(5, 7)), FileIs::New { history: false });
        assert_eq!(what(std::slice::from_ref(&read), &seen(5, 7)), FileIs::Taken);
        assert_eq!(what(std::slice::from_ref(&read), &seen(5, 8)), FileIs::Unclear);
        assert_eq!(what(&[read], &seen(6, 7)), FileIs::New { history: false });
        let never_read = |outcome| [row(b"", Some((5, 7)), outcome)];
        assert_eq!(what(&never_read(BEFORE), &seen(5, 8)), FileIs::Before);
        assert_eq!(what(&never_read(BEFORE), &seen(6, 8)), FileIs::New { history: false });
        assert_eq!(what(&never_read(HISTORY), &seen(5, 7)), FileIs::New { history: true });
        assert_eq!(what(&[row(b"", None, "ticket")], &seen(5, 7)), FileIs::Taken, "of an older version");
    }
}
