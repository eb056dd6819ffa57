//! Compares what lies in a Maildir with the ledger, a window at a time: however many files there are, few are
//! in memory.

use super::folder::{self, Entry, File, NEW};
use super::memory::Left;
use crate::app::{Desk, FileIs, FileRead, Trouble};
use std::path::{Path, PathBuf};

/// Files that are found at once.
const WINDOW_FILES: usize = 5_000;
/// Files that the ledger is asked about at once.
const ASKED_FILES: usize = 500;

/// Why a Maildir could not be compared with the ledger.
#[derive(Debug, thiserror::Error)]
pub enum MaildirError {
    /// The folder, in words that name it.
    #[error("{0}")]
    Folder(String),
    /// Our own store cannot be read.
    #[error(transparent)]
    Desk(#[from] Trouble),
}

/// A file for which something is to be done.
#[derive(Debug, Clone)]
pub struct Found {
    /// Where it is.
    pub file: File,
    /// What is to be done.
    pub to_do: ToDo,
}

/// What is to be done for a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToDo {
    /// It is taken in.
    Take {
        /// It was there before the desk, so it causes no letter.
        history: bool,
    },
    /// It was taken in, and lies in `new` all the same.
    Move,
}

/// The next files for which something is to be done.
#[derive(Debug, Default)]
pub struct Window {
    /// In their order.
    pub files: Vec<Found>,
    /// Files that have their outcome and were written anew with the same content.
    pub same: Vec<(String, FileRead)>,
    /// What is no file, by the part in which it lies.
    pub left: [Left; 2],
    /// There are more behind the last one.
    pub more: bool,
    /// So many files the ledger was asked about.
    pub asked: usize,
}

/// A Maildir beside its ledger.
#[derive(Clone, Copy)]
pub struct Beside<'a> {
    /// The ledger.
    pub desk: &'a Desk,
    /// Its name in the configuration.
    pub mailbox: &'a str,
    /// Where it is.
    pub folder: &'a Path,
    /// Of a larger mail only the beginning is read.
    pub bytes_max: u64,
}

impl Beside<'_> {
    /// The next files of these parts, behind one of them; `None`: the first ones.
    pub fn window(&self, parts: [bool; 2], behind: Option<&File>) -> Result<Window, MaildirError> {
        let mut window = Window::default();
        for part in (0..2).filter(|n| parts[*n]) {
            let mut some = Vec::new();
            for entry in folder::entries(self.folder, part).map_err(MaildirError::Folder)? {
                match entry.map_err(MaildirError::Folder)? {
                    Entry::Odd(name) => window.left[part].odd.add(|| name),
                    Entry::File(file) if behind.is_some_and(|b| file.key() <= b.key()) => {}
                    Entry::File(file) => some.push(file),
                }
                if some.len() == ASKED_FILES {
                    self.compare(std::mem::take(&mut some), &mut window)?;
                }
            }
            self.compare(some, &mut window)?;
        }
        window.cut(WINDOW_FILES);
        Ok(window)
    }

    fn compare(&self, files: Vec<File>, window: &mut Window) -> Result<(), MaildirError> {
        let seen: Vec<_> = files.iter().map(|f| f.seen.clone()).collect();
        let known = self.desk.ledger().maildir_files(self.mailbox, &seen)?;
        window.asked += files.len();
        for (file, is) in files.into_iter().zip(known) {
            let to_do = match is {
                FileIs::Before => continue,
                FileIs::New { history } => ToDo::Take { history },
                FileIs::Taken => ToDo::Move,
                FileIs::Unclear => self.clear(&file, window)?,
            };
            if to_do != ToDo::Move || file.part == NEW {
                window.files.push(Found { file, to_do });
            }
        }
        if window.files.len() > 2 * WINDOW_FILES {
            window.cut(WINDOW_FILES);
        }
        Ok(())
    }

    /// Only the content of such a file tells whether it was taken in.
    fn clear(&self, file: &File, window: &mut Window) -> Result<ToDo, MaildirError> {
        if let Ok((_, read)) = folder::read(&file.path, self.bytes_max)
            && self.desk.ledger().maildir_has(self.mailbox, &file.seen.name, &read)?
        {
            window.same.push((file.seen.name.clone(), read));
            return Ok(ToDo::Move);
        }
        // One that cannot be read is told when it is to be taken in.
        Ok(ToDo::Take { history: false })
    }

    /// All files that were not taken in, in their order: (unique name, path).
    pub fn not_taken(&self) -> Result<Vec<(String, PathBuf)>, MaildirError> {
        let (mut all, mut behind, mut more) = (Vec::new(), None, true);
        while more {
            let window = self.window([true; 2], behind.as_ref())?;
            more = window.more;
            behind = window.files.last().map(|found| found.file.clone());
            let missing = window.files.into_iter().filter(|found| found.to_do != ToDo::Move);
            all.extend(missing.map(|found| (found.file.seen.name, found.file.path)));
        }
        Ok(all)
    }
}

impl Window {
    /// Keeps the first files.
    fn cut(&mut self, most: usize) {
        self.files.sort_by(|a, b| a.file.key().cmp(&b.file.key()));
        self.more |= self.files.len() > most;
        self.files.truncate(most);
    }
}
