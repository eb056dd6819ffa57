//! Header fields as they stand: one linear split, no interpretation (RFC 5322 §2.2, §4). Bounded (T38, T41).
//!
//! The identity of a sender is read from these raw fields, never from what a MIME library made of them (T08,
//! T09).

/// RFC 5322 sets no limit; these are ours (T38).
pub(super) const MAX_HEAD: usize = 256 * 1024;
const MAX_FIELDS: usize = 1000;

/// The header block of a mail.
#[derive(Debug, Default)]
pub(super) struct Head {
    fields: Vec<(String, Vec<u8>)>,
    /// Where the body begins in the bytes that were split.
    pub body: usize,
    /// What is odd about the header, such as `mixed-line-ends`.
    pub defects: Vec<&'static str>,
    /// Lines that are no fields and were passed over.
    passed: usize,
}

/// The defect of a header with a line that is no field, above fields that no body begins with.
const LINE_PASSED: &str = "header-line-passed";

/// So many lines that are no fields are passed over, and so many lines below one are looked at.
const PASSED_MAX: usize = 5;
const LINES_AHEAD_MAX: usize = 100;
/// So many empty lines may stand above a header.
const BLANK_MAX: usize = 3;

/// Fields that servers and programs write and that nobody types at the begin of a text.
const OF_HEADERS: [&str; 14] = [
    "received",
    "return-path",
    "delivered-to",
    "message-id",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "dkim-signature",
    "authentication-results",
    "arc-seal",
    "arc-message-signature",
    "arc-authentication-results",
    "received-spf",
    "references",
];

/// Byte order marks: of UTF-8, the same encoded a second time, and of UTF-16, which stands before ASCII where
/// a program converted the text and forgot its mark.
const MARKS: [&[u8]; 4] = [b"\xef\xbb\xbf", b"\xc3\xaf\xc2\xbb\xc2\xbf", b"\xff\xfe", b"\xfe\xff"];

/// The bytes without the byte order mark that some stores put before the first field: no writer wrote it, and
/// no signature covers it.
pub(super) fn without_mark(raw: &[u8]) -> &[u8] {
    let mut rest = raw;
    while let Some(after) = MARKS.iter().find_map(|mark| rest.strip_prefix(*mark)) {
        rest = after;
    }
    rest
}

impl Head {
    /// Reads fields up to the first empty line. A first line `From ` of an mbox file is no field.
    pub fn split(raw: &[u8]) -> Self {
        let mut head = Self::default();
        let begin = raw.len() - without_mark(raw).len();
        let mut at = begin;
        let mut seen = 0;
        while at < raw.len() {
            let (line, next) = next_line(raw, at);
            if at == begin
                && (line.starts_with(b"From ") || line.starts_with(b">From "))
                && !looks_like_field(line)
            {
                at = raw.len() - without_mark(&raw[next..]).len();
                continue;
            }
            if line.is_empty() {
                if head.fields.is_empty() && seen < BLANK_MAX && next < raw.len() {
                    // Some stores put empty lines in front; nothing of a header was seen yet.
                    seen += 1;
                    at = next;
                    continue;
                }
                head.body = next;
                head.note_line_ends(&raw[..next]);
                return head;
            }
            if next > MAX_HEAD {
                head.defect("header-too-long");
                head.body = at;
                return head;
            }
            if !head.take(line) {
                if head.goes_on(raw, next) {
                    // A relay cut a long field and did not indent the rest: it costs proof, not the sender.
                    head.passed += 1;
                    head.defect(LINE_PASSED);
                    at = next;
                    continue;
                }
                // A line that is no field ends the block without an empty line: the rest is body.
                head.defect("header-cut");
                head.body = at;
                head.note_line_ends(&raw[..at]);
                return head;
            }
            at = next;
        }
        head.body = raw.len();
        head.note_line_ends(raw);
        head
    }

    /// False where `line` cannot belong to a header block.
    fn take(&mut self, line: &[u8]) -> bool {
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            match self.fields.last_mut() {
                Some((_, value)) => value.extend_from_slice(line),
                None => self.defect("folded-first-line"),
            }
            return true;
        }
        if self.fields.len() >= MAX_FIELDS {
            self.defect("too-many-fields");
            return true;
        }
        let at = line.iter().position(|&b| b == b':');
        let name = at.map_or(line, |at| &line[..at]);
        let word = name.trim_ascii_end();
        let fine = !word.is_empty() && word.iter().all(|b| (0x21..=0x7e).contains(b));
        match at {
            Some(at) if fine => {
                if word.len() != name.len() {
                    self.defect("space-before-colon");
                }
                self.fields.push((lower(word), line[at + 1..].to_vec()));
                true
            }
            // T09: `From` CRLF SP `:` is a From field; the colon is looked for when the field is asked for.
            None if fine && word.len() <= 70 && !self.fields.is_empty() => {
                self.fields.push((lower(word), Vec::new()));
                self.defect("field-without-colon");
                true
            }
            None if fine && word.eq_ignore_ascii_case(b"from") => {
                self.fields.push((lower(word), Vec::new()));
                true
            }
            Some(_) => {
                self.defect("bad-field");
                true
            }
            None => false,
        }
    }

    /// Whether the header goes on below a line that is no field: From was not seen yet and comes, or what
    /// only headers have comes next. In doubt it does not, and all the rest is shown.
    fn goes_on(&self, raw: &[u8], from: usize) -> bool {
        if self.passed >= PASSED_MAX {
            return false;
        }
        let (wants_sender, mut at, mut next_field) = (self.count("from") == 0, from, true);
        for _ in 0..LINES_AHEAD_MAX {
            let (line, next) = next_line(raw, at);
            if line.is_empty() || next >= raw.len() || next > MAX_HEAD {
                return false;
            }
            at = next;
            if line.starts_with(b" ") || line.starts_with(b"\t") {
                continue;
            }
            let name =
                line.iter().position(|&b| b == b':').map(|colon| lower(line[..colon].trim_ascii_end()));
            let Some(name) = name else { continue };
            if (wants_sender && name == "from")
                || (next_field && (OF_HEADERS.contains(&name.as_str()) || name.starts_with("x-")))
            {
                return true;
            }
            next_field = false;
        }
        false
    }

    fn note_line_ends(&mut self, block: &[u8]) {
        let feeds = block.iter().filter(|&&b| b == b'\n').count();
        let pairs = block.windows(2).filter(|w| w == b"\r\n").count();
        let returns = block.iter().filter(|&&b| b == b'\r').count();
        if (pairs != 0 && pairs != feeds) || returns != pairs {
            self.defect("mixed-line-ends");
        }
        if block.contains(&0) {
            self.defect("nul-in-header");
        }
    }

    /// Whether more of it is left out than shows what the mail is.
    pub fn is_over_limit(&self) -> bool {
        self.defects.iter().any(|d| ["header-too-long", "too-many-fields"].contains(d))
    }

    fn defect(&mut self, name: &'static str) {
        if !self.defects.contains(&name) {
            self.defects.push(name);
        }
    }

    /// The unfolded raw values of a field, in order. `name` in lower case.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.fields.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.trim_ascii())
    }

    /// The topmost field of that name. `name` in lower case.
    pub fn first<'a>(&'a self, name: &'a str) -> Option<&'a [u8]> {
        self.all(name).next()
    }

    /// How many fields have that name, in lower case.
    pub fn count(&self, name: &str) -> usize {
        self.fields.iter().filter(|(n, _)| n == name).count()
    }

    /// First value as text in lower case without comments, for fields that are tokens.
    pub fn token(&self, name: &str) -> Option<String> {
        self.first(name).map(|v| without_comments(&String::from_utf8_lossy(v)).trim().to_ascii_lowercase())
    }

    /// All values as text in lower case without comments.
    pub fn tokens(&self, name: &str) -> impl Iterator<Item = String> + use<'_> {
        let text = |v: &[u8]| without_comments(&String::from_utf8_lossy(v)).trim().to_ascii_lowercase();
        self.all(name).map(text).collect::<Vec<_>>().into_iter()
    }

    /// Names in lower case and raw values, in order.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.fields.iter().map(|(n, v)| (n.as_str(), v.trim_ascii()))
    }

    /// Names in lower case, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|(n, _)| n.as_str())
    }
}

/// T41: an end of data that only some servers see as one: a relay may have been made to take two mails for
/// one.
pub(super) fn smuggles(raw: &[u8]) -> bool {
    let first = raw.iter().position(|&b| b == b'\n').unwrap_or(0);
    let usual: &[u8] = if first > 0 && raw[first - 1] == b'\r' { b"\r\n" } else { b"\n" };
    let end = |b: u8| b == b'\r' || b == b'\n';
    let alone = |at: &usize| *at > 0 && at + 1 < raw.len() && end(raw[at - 1]) && end(raw[at + 1]);
    memchr::memchr_iter(b'.', raw).filter(alone).any(|at| {
        let (before, after) = (&raw[..at], &raw[at + 1..]);
        // Without CRLF anywhere, LF before and after is just a line with a dot.
        let crlf_before = before.ends_with(b"\r\n") == (usual == b"\r\n");
        !(before.ends_with(usual) && after.starts_with(usual) && crlf_before)
    })
}

fn lower(name: &[u8]) -> String {
    String::from_utf8_lossy(name).to_ascii_lowercase()
}

fn looks_like_field(line: &[u8]) -> bool {
    let colon = line.iter().position(|&b| b == b':');
    colon.is_some_and(|at| !line[..at].trim_ascii_end().contains(&b' '))
}

/// The line that begins at `at`, without its line end, and where the next one begins.
pub(super) fn next_line(raw: &[u8], at: usize) -> (&[u8], usize) {
    let end = memchr::memchr(b'\n', &raw[at..]).map_or(raw.len(), |n| at + n);
    let line = &raw[at..end];
    (line.strip_suffix(b"\r").unwrap_or(line), (end + 1).min(raw.len()))
}

/// RFC 5322 §3.2.2 comments removed, quoted strings kept. Nesting is counted, not recursed into (T36).
pub(super) fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut depth, mut quoted, mut escaped) = (0_u32, false, false);
    for c in text.chars() {
        if escaped {
            escaped = false;
            if depth == 0 {
                out.push(c);
            }
            continue;
        }
        match c {
            '\\' => {
                escaped = true;
                if depth == 0 {
                    out.push(c);
                }
            }
            '"' if depth == 0 => {
                quoted = !quoted;
                out.push(c);
            }
            '(' if !quoted => depth += 1,
            ')' if !quoted && depth > 0 => depth -= 1,
            _ if depth == 0 => out.push(c),
            _ => {}
        }
    }
    out
}
