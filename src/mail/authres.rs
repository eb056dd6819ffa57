//! Authentication-Results by the whole grammar of RFC 8601 §2.2, and which of these fields our own server
//! stamped (T11, T12).
//!
//! One pass, no recursion. What does not follow the grammar is `None` and proves nothing: a reader that mends
//! a field can be talked into reading something else than the server wrote.

use super::field::Head;

/// Fields that are looked at; a server stamps a handful.
const MAX_FIELDS: usize = 20;
/// RFC 8617 §4.2.1: a chain has 50 sets at most.
const MAX_ARC: usize = 50;
/// Results and properties of one field.
const MAX_ITEMS: usize = 100;

/// Bytes of one field. A server writes a few hundred; a longer one is not read, and so proves nothing (T122).
const MAX_FIELD: usize = 16 * 1024;

/// One field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Results {
    /// Who speaks, in lower case; empty where no authserv-id stands, as at Exchange Online (T12).
    pub authserv_id: String,
    /// At most 100, in their order; `none` is left out.
    pub results: Vec<MethodResult>,
}

/// How a mail was looked at, as far as it can matter here (RFC 8601 §2.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// RFC 8617.
    Arc,
    /// RFC 6376.
    Dkim,
    /// RFC 9989.
    Dmarc,
    /// `none`: nothing was looked at.
    Nothing,
    /// Another one.
    Other,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It holds.
    Pass,
    /// It does not.
    Fail,
    /// Another word, or none.
    Other,
}

/// `dkim=pass reason="…" header.d=example.com`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MethodResult {
    /// How it was looked at.
    pub method: Method,
    /// What came of it.
    pub verdict: Verdict,
    /// (`header.d`, value): the name in lower case, the value as it was written, unquoted.
    properties: Vec<(String, String)>,
}

impl MethodResult {
    /// The value of a property that stands there exactly once: two of them say nothing.
    pub fn property(&self, name: &str) -> Option<&str> {
        let mut all = self.properties.iter().filter(|(n, _)| n == name);
        all.next().filter(|_| all.next().is_none()).map(|(_, v)| v.as_str())
    }
}

/// The Authentication-Results of a mail, those on top first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stamps {
    /// Above the Received field with which our own server took the mail over: nobody outside can have written
    /// them.
    /// `None`: a field that cannot be read.
    pub ours: Vec<Option<Results>>,
    /// The topmost field, wherever it stands.
    pub topmost: Option<Results>,
    /// What the last sealer of the ARC chain says that it saw; `None`: no chain, or one that can be read in
    /// two ways.
    pub arc: Option<ArcSeen>,
}

/// The end of an ARC chain (RFC 8617).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArcSeen {
    /// `d=` of the last ARC-Seal, as it is written.
    sealer: String,
    /// Its ARC-Authentication-Results.
    saw: Results,
}

impl ArcSeen {
    /// T15: did the last sealer, being one of `sealers`, see DMARC pass for `domain`? That the chain itself
    /// holds is for our own server to say (RFC 8617 §5.2).
    pub fn saw_pass(&self, domain: &str, sealers: &[String]) -> bool {
        let mut all = self.saw.results.iter().filter(|m| m.method == Method::Dmarc);
        let one = all.next().filter(|_| all.next().is_none());
        let passes = one.is_some_and(|m| {
            m.verdict == Verdict::Pass
                && m.property("header.from").is_some_and(|d| d.eq_ignore_ascii_case(domain))
        });
        passes && sealers.iter().any(|s| s.eq_ignore_ascii_case(&self.sealer))
    }
}

/// Reads the stamps of a header block. Without a Received field no server took the mail over, and nothing is
/// stamped.
pub(super) fn stamps_of(head: &Head) -> Stamps {
    let mut out = Stamps::default();
    let mut handed_over = false;
    for (name, value) in head.fields() {
        match name {
            "received" if !within_the_house(value) => {
                handed_over = true;
                break;
            }
            "authentication-results" if out.ours.len() < MAX_FIELDS => {
                out.ours.push(parse(&String::from_utf8_lossy(value)));
            }
            _ => {}
        }
    }
    if !handed_over {
        out.ours.clear();
    }
    out.topmost = head.first("authentication-results").and_then(|v| parse(&String::from_utf8_lossy(v)));
    out.arc = arc(head);
    out
}

/// Every field that can be read, wherever it stands and whoever wrote it: nothing in them is to be believed.
pub fn all(raw: &[u8]) -> Vec<Results> {
    let head = Head::split(raw);
    head.all("authentication-results")
        .take(MAX_FIELDS)
        .filter_map(|v| parse(&String::from_utf8_lossy(v)))
        .collect()
}

/// RFC 2033 §5: LMTP is spoken between the parts of one mail system only, so such a hop is behind the server
/// that took it over.
fn within_the_house(received: &[u8]) -> bool {
    let bare = super::field::without_comments(&String::from_utf8_lossy(received)).to_ascii_lowercase();
    let clauses = bare.split(';').next().unwrap_or_default();
    let mut words = clauses.split_ascii_whitespace();
    // RFC 5321 §4.4: one `with`, and a name behind `from` holds no space, so nobody outside can bring in a
    // second one.
    words.find(|w| *w == "with").and_then(|_| words.next()).is_some_and(|p| p.starts_with("lmtp"))
}

/// The last ARC-Seal and what stands under its number, where each is the only one.
fn arc(head: &Head) -> Option<ArcSeen> {
    let text = |v: &[u8]| String::from_utf8_lossy(v).into_owned();
    let seals: Vec<(u32, String)> =
        head.all("arc-seal").take(MAX_ARC).filter_map(|v| seal(&text(v))).collect();
    let (last, sealer) = seals.iter().max_by_key(|(i, _)| *i)?;
    let alone = seals.iter().filter(|(i, _)| i == last).count() == 1;
    let fields = head.all("arc-authentication-results").take(MAX_ARC);
    let mut seen = fields.filter_map(|v| saw(&text(v), *last));
    let saw = seen.next().filter(|_| alone && seen.next().is_none())?;
    Some(ArcSeen { sealer: sealer.clone(), saw })
}

/// Instance and domain of an ARC-Seal (RFC 8617 §4.1.3).
fn seal(value: &str) -> Option<(u32, String)> {
    let tags = super::dkim::Tags::read(value)?;
    Some((tags.get("i")?.parse().ok()?, tags.get("d")?.to_owned()))
}

/// An ARC-Authentication-Results of this instance (RFC 8617 §4.1.1: `i=1;` and then as in RFC 8601).
fn saw(value: &str, instance: u32) -> Option<Results> {
    let (first, rest) = value.split_once(';')?;
    let number = first.trim().strip_prefix("i=")?.trim().parse::<u32>().ok()?;
    if number == instance { parse(rest) } else { None }
}

/// Parses the value of a field.
pub fn parse(value: &str) -> Option<Results> {
    if value.len() > MAX_FIELD {
        return None;
    }
    let mut s = Scan { chars: value.trim().chars().collect(), at: 0 };
    s.cfws()?;
    let start = s.at;
    let mut out = Results { authserv_id: s.value()?.to_ascii_lowercase(), results: Vec::new() };
    s.cfws()?;
    if s.peek() == Some('=') {
        // `spf=pass …` at the very beginning: a field without an id.
        s.at = start;
        out.authserv_id.clear();
        out.results.push(s.result()?);
    } else {
        // authres-version
        let version = s.run(|c| c.is_ascii_digit());
        if !version.is_empty() && version != "1" {
            return None;
        }
        s.cfws()?;
    }
    while s.take(';') {
        s.cfws()?;
        if s.peek().is_none() && !out.results.is_empty() {
            break;
        }
        let result = s.result()?;
        if result.method != Method::Nothing {
            out.results.push(result);
        }
        if out.results.len() > MAX_ITEMS {
            return None;
        }
    }
    (s.at == s.chars.len()).then_some(out)
}

struct Scan {
    chars: Vec<char>,
    at: usize,
}

impl Scan {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn run(&mut self, fits: impl Fn(char) -> bool) -> String {
        let start = self.at;
        while self.peek().is_some_and(&fits) {
            self.at += 1;
        }
        self.chars[start..self.at].iter().collect()
    }

    /// RFC 5322 §3.2.2: white space and comments, which nest. `None`: a comment that does not end.
    fn cfws(&mut self) -> Option<()> {
        let mut depth = 0_u32;
        while let Some(c) = self.peek() {
            match c {
                '(' => depth += 1,
                ')' if depth > 0 => depth -= 1,
                '\\' if depth > 0 => self.at += 1,
                _ if depth > 0 || c.is_ascii_whitespace() => {}
                _ => break,
            }
            self.at += 1;
        }
        (depth == 0 && self.at <= self.chars.len()).then_some(())
    }

    /// RFC 5321 §4.1.2 Keyword, in lower case. `None`: there is none.
    fn keyword(&mut self) -> Option<String> {
        let word = self.run(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_').to_ascii_lowercase();
        (!word.is_empty()).then_some(word)
    }

    /// A token, a quoted string, or an address of which the first part is quoted; unquoted.
    fn value(&mut self) -> Option<String> {
        let mut out = String::new();
        let start = self.at;
        let mut in_value = None;
        loop {
            match self.peek() {
                Some('"') => out.push_str(&self.quoted()?),
                Some(c) if !c.is_ascii_whitespace() && !c.is_control() && !"();\\".contains(c) => {
                    // An id or a keyword ends before `=`; within a value (base64 of header.b) it belongs to
                    // it.
                    if c == '=' && self.at == start {
                        return None;
                    }
                    if c == '=' && !*in_value.get_or_insert_with(|| self.in_value(start)) {
                        break;
                    }
                    out.push(c);
                    self.at += 1;
                }
                _ => break,
            }
        }
        (self.at > start).then_some(out)
    }

    /// Is what began at `start` the value behind a `=`?
    fn in_value(&self, start: usize) -> bool {
        self.chars[..start].iter().rev().find(|c| !c.is_ascii_whitespace()) == Some(&'=')
    }

    fn quoted(&mut self) -> Option<String> {
        let mut out = String::new();
        self.at += 1;
        loop {
            let c = self.peek()?;
            self.at += 1;
            match c {
                '"' => return Some(out),
                '\\' => {
                    out.push(self.peek()?);
                    self.at += 1;
                }
                c if c.is_control() && c != '\t' => return None,
                c => out.push(c),
            }
        }
    }

    /// methodspec, then reason and properties in any order: real servers mix them, and none of them can hide
    /// another.
    fn result(&mut self) -> Option<MethodResult> {
        let method = match self.keyword()?.as_str() {
            "arc" => Method::Arc,
            "dkim" => Method::Dkim,
            "dmarc" => Method::Dmarc,
            "none" => Method::Nothing,
            _ => Method::Other,
        };
        let mut out = MethodResult { method, verdict: Verdict::Other, properties: Vec::new() };
        self.cfws()?;
        if self.take('/') {
            self.cfws()?;
            if self.run(|c| c.is_ascii_digit()) != "1" {
                return None;
            }
            self.cfws()?;
        }
        if !self.take('=') {
            // no-result
            return (method == Method::Nothing).then_some(out);
        }
        self.cfws()?;
        out.verdict = match self.keyword()?.as_str() {
            "pass" => Verdict::Pass,
            "fail" => Verdict::Fail,
            _ => Verdict::Other,
        };
        loop {
            let before = self.at;
            self.cfws()?;
            match self.peek() {
                None | Some(';') => return Some(out),
                // RFC 8601 §2.2: what follows is set off.
                Some(_) if self.at == before => return None,
                Some(_) => {}
            }
            let property = self.property()?;
            out.properties.push(property);
            if out.properties.len() > MAX_ITEMS {
                return None;
            }
        }
    }

    /// `header.d = value`; also a word without a type, such as `reason` and what Exchange Online writes.
    fn property(&mut self) -> Option<(String, String)> {
        let mut name = self.keyword()?;
        self.cfws()?;
        if self.take('.') {
            self.cfws()?;
            name = format!("{name}.{}", self.keyword()?);
            self.cfws()?;
        }
        if !self.take('=') {
            return None;
        }
        self.cfws()?;
        Some((name, self.value()?))
    }
}

#[cfg(test)]
mod tests;
