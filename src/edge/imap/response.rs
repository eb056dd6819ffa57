//! What a response says. What does not matter to us, or has an odd form, is passed over (RFC 9051 §9 is read
//! loosely): an odd flag or date never costs a mail.

use super::fault::words;
use super::reader::{Literal, Raw};
use super::syntax::internal_date;

/// A response that matters to us.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// The tagged line that ends a command.
    Done(Told),
    /// An untagged OK, NO, BAD, BYE or PREAUTH.
    Status(Told),
    /// Mails in the folder.
    Exists(u32),
    /// What was asked about a mail, with its number in the folder.
    Fetch(u32, Fetched),
    /// Names in upper case.
    Capabilities(Vec<String>),
    /// A folder is there.
    Folder,
    /// UIDs that SEARCH finds.
    Search(Vec<u32>),
    /// The personal namespace: prefix and separator (RFC 2342); empty where there is none.
    Namespace(String, String),
    /// UIDVALIDITY or UIDNEXT of a STATUS, by name.
    Number(String, u64),
    /// The server waits for more (`+`).
    More,
    /// Anything else.
    Other,
}

/// A status with its code and its words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// `OK`, `NO`, `BAD`, `BYE`, `PREAUTH`, in upper case.
    pub status: String,
    /// The code in brackets, in upper case, without its arguments; empty where there is none.
    pub code: String,
    /// The words of the code, with the code, in upper case.
    pub arguments: Vec<String>,
    /// Status, code and text, as the server said them.
    pub line: Vec<u8>,
}

impl Told {
    /// The whole of it, fit for a log.
    pub fn words(&self) -> String {
        words(&self.line)
    }

    /// The first argument of its code as a number.
    pub fn number(&self) -> Option<u64> {
        self.arguments.get(1)?.parse().ok()
    }
}

/// What came of one mail.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Fetched {
    /// UID; `None`: it was not said, or cannot be read.
    pub uid: Option<u32>,
    /// RFC822.SIZE.
    pub size: Option<u64>,
    /// INTERNALDATE in seconds since 1970.
    pub date: Option<i64>,
    /// The octets; `None` for NIL, for none at all, and for more than were wanted.
    pub body: Option<Vec<u8>>,
    /// The octets are a part of the mail (`BODY[]<0>`).
    pub is_part: bool,
    /// The octets and what was announced about them differ, or the response has no sound end.
    pub is_broken: bool,
    /// There were more octets than were wanted.
    pub is_too_large: bool,
}

/// Reads a response. `tag`: that of the command that runs.
pub fn read(raw: Raw, tag: &str) -> Answer {
    let text = String::from_utf8_lossy(&raw.text).into_owned();
    let text = text.trim_start();
    let (first, rest) = word(text);
    if !tag.is_empty() && first.eq_ignore_ascii_case(tag) {
        return Answer::Done(told(rest));
    }
    if first == "+" {
        return Answer::More;
    }
    // Some servers forget the space behind the star.
    let Some(rest) = text.strip_prefix('*').map(str::trim_start) else { return Answer::Other };
    let (name, arguments) = word(rest);
    match name.to_ascii_uppercase().as_str() {
        "OK" | "NO" | "BAD" | "BYE" | "PREAUTH" => Answer::Status(told(rest)),
        "CAPABILITY" => Answer::Capabilities(upper(arguments)),
        "LIST" => Answer::Folder,
        "SEARCH" => Answer::Search(arguments.split_whitespace().filter_map(|n| n.parse().ok()).collect()),
        "NAMESPACE" => namespace(arguments),
        "STATUS" => status(arguments),
        _ => match (name.parse(), word(arguments)) {
            (Ok(n), (kind, _)) if kind.eq_ignore_ascii_case("EXISTS") => Answer::Exists(n),
            (Ok(n), (kind, _)) if kind.eq_ignore_ascii_case("FETCH") => Answer::Fetch(n, fetched(raw)),
            _ => Answer::Other,
        },
    }
}

/// The first word and what follows it.
fn word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    let end = text.find(|c: char| c.is_ascii_whitespace() || c == '(').unwrap_or(text.len());
    (&text[..end], text[end..].trim_start())
}

fn upper(text: &str) -> Vec<String> {
    text.split_ascii_whitespace().map(str::to_ascii_uppercase).collect()
}

fn told(text: &str) -> Told {
    let (status, rest) = word(text);
    let inside = rest.strip_prefix('[').and_then(|r| r.split_once(']')).map_or("", |(code, _)| code);
    let arguments = upper(inside);
    Told {
        status: status.to_ascii_uppercase(),
        code: arguments.first().cloned().unwrap_or_default(),
        arguments,
        line: text.as_bytes().to_vec(),
    }
}

/// `(("INBOX." ".")) NIL NIL`: the first namespace is ours.
fn namespace(text: &str) -> Answer {
    if !text.starts_with("((") {
        return Answer::Namespace(String::new(), String::new());
    }
    let mut quoted = text.split('"');
    let prefix = quoted.nth(1).unwrap_or_default().to_owned();
    let separator = quoted.nth(1).unwrap_or_default().to_owned();
    Answer::Namespace(prefix, separator)
}

fn status(text: &str) -> Answer {
    let all = upper(&text.replace(['(', ')'], " "));
    let at = all.iter().position(|w| w == "UIDVALIDITY");
    match at.and_then(|i| all.get(i + 1)).and_then(|n| n.parse().ok()) {
        Some(n) => Answer::Number("UIDVALIDITY".into(), n),
        None => Answer::Other,
    }
}

/// A value of an item of FETCH.
enum Value {
    Atom(Vec<u8>),
    Quoted(Vec<u8>),
    Literal(Literal),
    List,
}

/// Walks over the items of a FETCH. It never calls itself: lists in lists are skipped by counting (T100).
struct Items {
    text: Vec<u8>,
    at: usize,
    literals: std::vec::IntoIter<Literal>,
}

fn fetched(raw: Raw) -> Fetched {
    let begin = raw.text.iter().position(|b| *b == b'(').map_or(raw.text.len(), |i| i + 1);
    let mut items = Items { text: raw.text, at: begin, literals: raw.literals.into_iter() };
    let mut out = Fetched::default();
    while let Some(key) = items.key() {
        let Some(value) = items.value() else {
            out.is_broken = true;
            break;
        };
        let text = match &value {
            Value::Atom(text) | Value::Quoted(text) => String::from_utf8_lossy(text).into_owned(),
            Value::Literal(_) | Value::List => String::new(),
        };
        match key.as_str() {
            "UID" => out.uid = text.parse().ok().filter(|uid| *uid != 0),
            "RFC822.SIZE" => out.size = text.parse().ok(),
            "INTERNALDATE" => out.date = internal_date(&text),
            key if key.starts_with("BODY[]") => {
                out.is_part = key.len() > "BODY[]".len();
                out.take(value);
            }
            _ => {}
        }
    }
    out.is_broken |= !items.ends_well();
    out
}

impl Fetched {
    fn take(&mut self, value: Value) {
        match value {
            Value::Literal(literal) => {
                self.is_broken |= literal.is_cut;
                self.is_too_large = literal.bytes.is_none();
                self.body = literal.bytes;
            }
            Value::Quoted(text) => self.body = Some(text),
            // NIL (RFC 9051 §4.5).
            Value::Atom(_) | Value::List => {}
        }
    }
}

impl Items {
    fn skip_space(&mut self) {
        while self.text.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    /// The name of the next item, in upper case and with its section; `None`: there is none.
    fn key(&mut self) -> Option<String> {
        self.skip_space();
        let begin = self.at;
        while self.text.get(self.at).is_some_and(|b| !b.is_ascii_whitespace() && !b"()[".contains(b)) {
            self.at += 1;
        }
        if self.at == begin {
            return None;
        }
        let mut name = self.text[begin..self.at].to_ascii_uppercase();
        let behind = self.at;
        self.skip_space();
        if self.text.get(self.at) == Some(&b'[') {
            while let Some(b) = self.text.get(self.at) {
                self.at += 1;
                name.extend((!b.is_ascii_whitespace()).then_some(*b));
                if *b == b']' {
                    break;
                }
            }
            while self.text.get(self.at).is_some_and(|b| b"<>.0123456789".contains(b)) {
                name.push(self.text[self.at]);
                self.at += 1;
            }
        } else {
            self.at = behind;
        }
        Some(String::from_utf8_lossy(&name).into_owned())
    }

    fn value(&mut self) -> Option<Value> {
        self.skip_space();
        match *self.text.get(self.at)? {
            b'(' => {
                let mut depth = 0_usize;
                while let Some(b) = self.text.get(self.at).copied() {
                    match b {
                        b'"' => {
                            self.quoted();
                            continue;
                        }
                        b'{' => {
                            self.literal();
                            continue;
                        }
                        b'(' => depth += 1,
                        b')' => depth -= 1,
                        _ => {}
                    }
                    self.at += 1;
                    if depth == 0 {
                        return Some(Value::List);
                    }
                }
                None
            }
            b'"' => Some(Value::Quoted(self.quoted())),
            b'{' | b'~' => self.literal().map(Value::Literal),
            b')' => None,
            _ => {
                let begin = self.at;
                while self.text.get(self.at).is_some_and(|b| !b.is_ascii_whitespace() && *b != b')') {
                    self.at += 1;
                }
                Some(Value::Atom(self.text[begin..self.at].to_vec()))
            }
        }
    }

    /// A quoted string (RFC 9051 §4.3) without its quotes.
    fn quoted(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        self.at += 1;
        while let Some(b) = self.text.get(self.at).copied() {
            self.at += 1;
            match b {
                b'"' => break,
                b'\\' => {
                    out.extend(self.text.get(self.at).copied());
                    self.at += 1;
                }
                b => out.push(b),
            }
        }
        out
    }

    fn literal(&mut self) -> Option<Literal> {
        while self.text.get(self.at).is_some_and(|b| *b != b'}') {
            self.at += 1;
        }
        self.at += 1;
        self.literals.next()
    }

    /// The list is closed, and nothing stands behind it.
    fn ends_well(&mut self) -> bool {
        self.skip_space();
        let closed = self.text.get(self.at) == Some(&b')');
        self.at += 1;
        self.skip_space();
        closed && self.at >= self.text.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fetch(text: &str, literals: &[&str]) -> Fetched {
        let literal = |l: &&str| Literal { bytes: Some(l.as_bytes().to_vec()), is_cut: false };
        let raw = Raw { text: text.into(), literals: literals.iter().map(literal).collect() };
        match read(raw, "t1") {
            Answer::Fetch(_, fetched) => fetched,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn t112_odd_items_are_passed_over() {
        for text in [
            "* 1 FETCH (UID 7 RFC822.SIZE 5 BODY[] {5})",
            "*  1  fetch ( uid 7  rfc822.size 5 body [] {5} )",
            "* 1 FETCH (FLAGS (\\Seen \"\\Odd\" (a (b))) UID 7 RFC822.SIZE 5 X-GM \"a)b\" BODY[] {5})",
            "* 1 FETCH (INTERNALDATE NIL UID 7 RFC822.SIZE 5 BODY[]  {5})",
        ] {
            let got = fetch(text, &["abcde"]);
            assert_eq!((got.uid, got.size, got.date), (Some(7), Some(5), None), "{text}");
            assert_eq!(got.body.as_deref(), Some(b"abcde".as_slice()), "{text}");
            assert!(!got.is_broken, "{text}");
        }
        assert!(fetch("* 1 FETCH (UID 7 BODY[]<0> {5})", &["abcde"]).is_part);
    }

    #[test]
    fn t110_a_body_that_is_none_or_does_not_end_is_seen() {
        assert_eq!(fetch("* 1 FETCH (UID 7 BODY[] NIL)", &[]).body, None);
        assert_eq!(fetch("* 1 FETCH (UID 7 BODY[] \"\")", &[]).body.as_deref(), Some(b"".as_slice()));
        assert!(fetch("* 1 FETCH (UID 7 BODY[] {5}rest of the mail", &["abcde"]).is_broken);
        assert!(fetch("* 1 FETCH (UID 7 BODY[]", &[]).is_broken);
    }

    #[test]
    fn codes_and_numbers_are_read_loosely() {
        let line = |text: &str| read(Raw { text: text.into(), literals: Vec::new() }, "t1");
        let Answer::Done(told) = line("t1 NO [UIDVALIDITY 1764547200123] x") else { panic!("done") };
        assert_eq!((told.status.as_str(), told.number()), ("NO", Some(1_764_547_200_123)));
        assert_eq!(line("* 5 exists "), Answer::Exists(5));
        assert_eq!(
            line("* NAMESPACE ((\"INBOX.\" \".\")) NIL NIL"),
            Answer::Namespace("INBOX.".into(), ".".into())
        );
        assert_eq!(line("* STATUS INBOX (UIDVALIDITY 9)"), Answer::Number("UIDVALIDITY".into(), 9));
        assert_eq!(line("[COPYUID 1 2 3]"), Answer::Other);
    }
}
