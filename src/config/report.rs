//! What one reading of a configuration finds: faults and warnings, each with the file and line that it is
//! about.

use std::cell::RefCell;
use std::fmt::Display;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// What was found in one file, and what the reading needs to know of it.
pub(super) struct Report<'a> {
    /// The file as the operator named it.
    pub name: String,
    /// Its whole text.
    pub text: &'a str,
    /// Relative paths start here.
    pub dir: &'a Path,
    /// The folder of systemd credentials.
    pub credentials: Option<&'a Path>,
    /// Others may read the configuration file itself.
    pub loose: bool,
    /// Line (0: none) and sentence.
    pub faults: RefCell<Vec<(usize, String)>>,
    /// Sentences.
    pub warnings: RefCell<Vec<String>>,
    /// Every key that was asked for, as `[section] key`: the manual must name them all.
    #[cfg(test)]
    pub asked: RefCell<Vec<String>>,
}

impl<'a> Report<'a> {
    /// Nothing is found yet.
    pub fn new(text: &'a str, file: &'a Path, credentials: Option<&'a Path>) -> Self {
        Self {
            name: file.display().to_string(),
            text,
            dir: file.parent().unwrap_or(Path::new("")),
            credentials,
            loose: std::fs::metadata(file).is_ok_and(|m| m.permissions().mode() & 0o077 != 0),
            faults: RefCell::default(),
            warnings: RefCell::default(),
            #[cfg(test)]
            asked: RefCell::default(),
        }
    }

    /// Notes a fault at a byte of the file; `None` where something is missing altogether.
    pub fn fault(&self, at: Option<usize>, what: impl Display) {
        let line = at.map_or(0, |at| self.line(at));
        self.faults.borrow_mut().push((line, self.located(at, what)));
    }

    /// Notes a warning, as [`Report::fault`] notes a fault.
    pub fn warn(&self, at: Option<usize>, what: impl Display) {
        let text = self.located(at, what);
        self.warnings.borrow_mut().push(text);
    }

    fn located(&self, at: Option<usize>, what: impl Display) -> String {
        match at {
            Some(at) => format!("{}:{}: {what}", self.name, self.line(at)),
            None => format!("{}: {what}", self.name),
        }
    }

    fn line(&self, at: usize) -> usize {
        let before = &self.text.as_bytes()[..at.min(self.text.len())];
        before.iter().filter(|b| **b == b'\n').count() + 1
    }
}
