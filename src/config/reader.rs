//! Reads one section of the configuration, key by key. Each fault is noted with its line, and the reading
//! goes on, so that one run tells all of them. The value of a secret never stands in a message (T83).

use super::nearest::nearest;
use super::report::Report;
use std::cell::RefCell;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use toml::de::{DeTable, DeValue};

/// One section that is read, or the place where it is missing.
pub(super) struct Reader<'a> {
    /// Its name, as in `alarm.smtp`; empty for the file itself.
    name: String,
    /// It is written `[[name]]`.
    many: bool,
    table: Option<&'a DeTable<'a>>,
    at: Option<usize>,
    /// Where faults and warnings are noted.
    pub report: &'a Report<'a>,
    /// The keys that were asked for. They are the known ones: no second list can differ from it.
    asked: RefCell<Vec<&'static str>>,
}

impl<'a> Reader<'a> {
    /// The whole file.
    pub fn root(table: &'a DeTable<'a>, report: &'a Report<'a>) -> Self {
        Self::new(String::new(), false, Some((table, 0)), report)
    }

    fn new(
        name: String,
        many: bool,
        found: Option<(&'a DeTable<'a>, usize)>,
        report: &'a Report<'a>,
    ) -> Self {
        Self {
            name,
            many,
            table: found.map(|f| f.0),
            at: found.map(|f| f.1),
            report,
            asked: RefCell::default(),
        }
    }

    /// As it is written: `[desk]`, `[[mailbox]]`.
    pub fn title(&self) -> String {
        match (self.name.as_str(), self.many) {
            ("", _) => "the file".to_owned(),
            (name, true) => format!("[[{name}]]"),
            (name, false) => format!("[{name}]"),
        }
    }

    /// Is the section written?
    pub fn is_there(&self) -> bool {
        self.table.is_some()
    }

    /// Is the key written at all, rightly or wrongly?
    pub fn has(&self, key: &'static str) -> bool {
        self.find(key).is_some()
    }

    /// Notes a fault of a key: at its line, or at the section's where it is missing.
    pub fn wrong(&self, key: &'static str, what: impl Display) {
        let at = self.find(key).map(|f| f.0).or(self.at);
        let title = self.title();
        self.report.fault(at, format_args!("\"{key}\" in {title} {what}"));
    }

    /// Warns about a key that is written.
    pub fn warn_at(&self, key: &'static str, what: &str) {
        let title = self.title();
        self.report.warn(self.find(key).map(|f| f.0), format_args!("\"{key}\" in {title} {what}"));
    }

    /// Warns that a key which is set has no effect yet.
    pub fn warn_unused(&self, key: &'static str, is_set: bool) {
        if is_set && self.has(key) {
            self.warn_at(key, "has no effect yet");
        }
    }

    /// Notes a fault where a required key is missing; gives back what was got.
    pub fn need<T>(&self, key: &'static str, got: Option<T>, advice: &str) -> Option<T> {
        if got.is_none() && !self.has(key) {
            self.wrong(key, format_args!("is missing; {advice}"));
        }
        got
    }

    /// A text without control characters that is not empty.
    pub fn text(&self, key: &'static str) -> Option<String> {
        let text = self.text_or_empty(key)?;
        if text.trim().is_empty() {
            self.wrong(key, "must not be empty; write a value, or leave the line out");
            return None;
        }
        Some(text)
    }

    /// A text without control characters.
    pub fn text_or_empty(&self, key: &'static str) -> Option<String> {
        let value = self.get(key)?;
        let Some(text) = value.as_str() else {
            self.wrong_type(key, value, "a text in quotes");
            return None;
        };
        if text.chars().any(char::is_control) {
            self.wrong(key, "must be one line without control characters");
            return None;
        }
        Some(text.to_owned())
    }

    /// A text that `parse` understands; `form` says what it must be.
    pub fn parsed<T>(&self, key: &'static str, form: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = self.text(key)?;
        let got = parse(&text);
        if got.is_none() {
            self.wrong(key, format_args!("must be {form}, not {text:?}"));
        }
        got
    }

    /// One of these words.
    pub fn word(&self, key: &'static str, words: &[&'static str]) -> Option<&'static str> {
        let list = words.join(", ");
        let form = format!("one of {list}");
        self.parsed(key, &form, |t| words.iter().find(|w| **w == t).copied())
    }

    /// True or false.
    pub fn flag(&self, key: &'static str) -> Option<bool> {
        let value = self.get(key)?;
        let got = value.as_bool();
        if got.is_none() {
            self.wrong_type(key, value, "true or false, without quotes");
        }
        got
    }

    /// A whole number within bounds.
    pub fn number(&self, key: &'static str, bounds: RangeInclusive<u64>) -> Option<u64> {
        let value = self.get(key)?;
        let form = format!("a whole number from {} to {}", bounds.start(), bounds.end());
        let Some(number) = value.as_integer() else {
            self.wrong_type(key, value, &form);
            return None;
        };
        let got = u64::from_str_radix(number.as_str(), number.radix()).ok();
        let got = got.filter(|n| bounds.contains(n));
        if got.is_none() {
            self.wrong(key, format_args!("must be {form}, not {number}"));
        }
        got
    }

    /// A count from 1 to `max`; the default where it is missing or wrong.
    pub fn count(&self, key: &'static str, default: u32, max: u32) -> u32 {
        let got = self.number(key, 1..=u64::from(max));
        got.and_then(|n| u32::try_from(n).ok()).unwrap_or(default)
    }

    /// A list of texts that `parse` understands; empty where the key is missing.
    pub fn list<T>(&self, key: &'static str, form: &str, parse: impl Fn(&str) -> Option<T>) -> Vec<T> {
        let Some(value) = self.get(key) else {
            return Vec::new();
        };
        let Some(array) = value.as_array() else {
            let form = format!("a list in brackets, each entry {form}");
            self.wrong_type(key, value, &form);
            return Vec::new();
        };
        let mut all = Vec::new();
        for entry in array.iter() {
            let fine = |t: &&str| !t.trim().is_empty() && !t.chars().any(char::is_control);
            match entry.get_ref().as_str() {
                Some(text) => match Some(text).filter(fine).and_then(&parse) {
                    Some(got) => all.push(got),
                    None => self.wrong(key, format_args!("must list nothing but {form}, not {text:?}")),
                },
                None => self.wrong_type(key, entry.get_ref(), &format!("a list of {form}")),
            }
        }
        all
    }

    /// A path, relative to the configuration file.
    pub fn path(&self, key: &'static str) -> Option<PathBuf> {
        self.text(key).map(|t| self.report.dir.join(t))
    }

    /// The path of a file that can be opened.
    pub fn file(&self, key: &'static str) -> Option<PathBuf> {
        let path = self.path(key)?;
        let opened = std::fs::File::open(&path).and_then(|f| f.metadata().map(|m| (m.is_file(), f)));
        match opened {
            Ok((true, _)) => return Some(path),
            Ok((false, _)) => self.wrong(key, format_args!("names {}, which is no file", path.display())),
            Err(e) => self.wrong(key, format_args!("names {}, which cannot be read: {e}", path.display())),
        }
        None
    }

    /// The table `[name.key]`, there or not.
    pub fn table(&self, key: &'static str) -> Reader<'a> {
        let mut found = None;
        if let Some(value) = self.get(key) {
            match value.as_table() {
                Some(table) => found = Some((table, self.find(key).map_or(0, |f| f.0))),
                None => self.wrong_type(key, value, &format!("a section, written [{key}]")),
            }
        }
        Reader::new(self.below(key), false, found, self.report)
    }

    /// The tables `[[name.key]]`.
    pub fn tables(&self, key: &'static str) -> Vec<Reader<'a>> {
        let Some(value) = self.get(key) else {
            return Vec::new();
        };
        let form = format!("a list of tables, each written [[{key}]] with two brackets");
        let Some(array) = value.as_array() else {
            self.wrong_type(key, value, &form);
            return Vec::new();
        };
        let mut all = Vec::new();
        for entry in array.iter() {
            match entry.get_ref().as_table() {
                Some(table) => all.push(Reader::new(
                    self.below(key),
                    true,
                    Some((table, entry.span().start)),
                    self.report,
                )),
                None => self.wrong_type(key, entry.get_ref(), &form),
            }
        }
        all
    }

    /// A `[[key]]` that stands nowhere: reading it notes what it would have to hold.
    pub fn missing(&self, key: &'static str) -> Reader<'a> {
        Reader::new(self.below(key), true, None, self.report)
    }

    /// Every key with its place and value, for a table whose keys are free.
    pub fn entries(&self) -> impl Iterator<Item = (&'a str, usize, &'a DeValue<'a>)> {
        let all = self.table.into_iter().flatten();
        all.map(|(k, v)| (k.get_ref().as_ref(), k.span().start, v.get_ref()))
    }

    /// Ends the reading: a key that nobody asked for is unknown, which is a fault.
    pub fn done(&self) {
        let asked = self.asked.borrow();
        for (key, value) in self.table.into_iter().flatten() {
            let word = key.get_ref().as_ref();
            if asked.contains(&word) {
                continue;
            }
            let section = self.name.is_empty() && (value.get_ref().is_table() || value.get_ref().is_array());
            let (what, open, close) = match section {
                true => (format!("unknown section [{word}]"), "[", "]"),
                false => (format!("unknown key {word:?} in {}", self.title()), "\"", "\""),
            };
            let advice = match nearest(word, &asked) {
                Some((best, true)) => format!("did you mean {open}{best}{close}?"),
                Some((best, false)) => format!("the nearest known is {open}{best}{close}"),
                None => "remove the line".to_owned(),
            };
            self.report.fault(Some(key.span().start), format_args!("{what}; {advice}"));
        }
    }

    fn below(&self, key: &str) -> String {
        match self.name.as_str() {
            "" => key.to_owned(),
            name => format!("{name}.{key}"),
        }
    }

    /// Where a key stands (its first byte), and its value.
    fn find(&self, key: &str) -> Option<(usize, &'a DeValue<'a>)> {
        let mut all = self.table?.iter();
        all.find(|(k, _)| k.get_ref() == key).map(|(k, v)| (k.span().start, v.get_ref()))
    }

    fn get(&self, key: &'static str) -> Option<&'a DeValue<'a>> {
        let mut asked = self.asked.borrow_mut();
        if !asked.contains(&key) {
            asked.push(key);
            #[cfg(test)]
            self.report.asked.borrow_mut().push(format!("{} {key}", self.title()));
        }
        self.find(key).map(|f| f.1)
    }

    /// A number of days, or "forever", which is `None`.
    pub fn days(&self, key: &'static str, default: Option<u32>) -> Option<u32> {
        match self.get(key).map(|v| v.as_str()) {
            None => default,
            Some(Some("forever")) => None,
            Some(Some(_)) => {
                self.wrong(key, "must be \"forever\" or a number of days without quotes");
                None
            }
            Some(None) => Some(self.count(key, default.unwrap_or(1), 36_500)),
        }
    }

    fn wrong_type(&self, key: &'static str, value: &DeValue<'_>, form: &str) {
        let is = match value.type_str() {
            "string" => "a text",
            "integer" | "float" => "a number",
            "boolean" => "true or false",
            "array" => "a list",
            "table" => "a table",
            _ => "a date",
        };
        self.wrong(key, format_args!("must be {form}, not {is}"));
    }
}
