//! The MIME parts of a mail (RFC 2045, 2046): one pass over the lines, no recursion, nothing copied. Depth
//! and number of parts are bounded here (T36, T37). An attached mail is a leaf: what is inside of it is its
//! own affair.

use std::ops::Range;

use super::field::{Head, next_line, without_comments};
use super::params::{self, Params};
use super::text::clean_line;
use super::transfer::{self, Encoding};

const MAX_DEPTH: usize = 20;
const MAX_PARTS: usize = 500;
/// Bytes of the header block of a part that are looked at, and of one field in it.
const MAX_PART_HEAD: usize = 64 * 1024;
const MAX_FIELD: usize = 16 * 1024;

/// One part. A multipart stands before its children.
#[derive(Debug)]
pub(super) struct Part {
    /// Media type in lower case, `text/plain` where none can be read.
    pub kind: String,
    /// Parameters of Content-Type.
    pub params: Params,
    /// Content-Disposition with its parameters.
    pub disposition: Params,
    /// How its bytes are encoded.
    pub encoding: Encoding,
    /// Without angle brackets, at most 250 bytes.
    pub content_id: Option<String>,
    /// Where its bytes stand in the mail, encoded.
    pub body: Range<usize>,
    /// Number of the multipart around it.
    pub parent: Option<usize>,
    /// The mail ends before the boundary that would end this part, or it is not encoded as it says.
    pub is_damaged: bool,
}

impl Part {
    /// Its bytes are read as words.
    fn is_text(&self) -> bool {
        self.kind.starts_with("text/") && !self.is_attachment()
    }

    /// It has parts, and no bytes of its own.
    pub fn is_multipart(&self) -> bool {
        self.kind.starts_with("multipart/")
    }

    /// RFC 2183 §2.2; an unknown disposition counts as `attachment` (§2.8).
    pub fn is_attachment(&self) -> bool {
        !matches!(self.disposition.value.as_str(), "" | "inline")
    }

    /// RFC 2183 §2.3 before the name that RFC 2045 had.
    pub fn name(&self) -> Option<&str> {
        let given = [self.disposition.get("filename"), self.params.get("name"), self.disposition.get("name")];
        given.into_iter().flatten().find(|name| !name.trim().is_empty())
    }

    /// The bytes of a part, its transfer encoding undone.
    pub fn bytes(&self, raw: &[u8]) -> Vec<u8> {
        if self.is_multipart() {
            return Vec::new();
        }
        transfer::decode(raw.get(self.body.clone()).unwrap_or_default(), self.encoding, self.is_text())
    }
}

/// All parts of a mail, or the name of the limit that it breaks.
pub(super) fn split(
    raw: &[u8],
    head: &Head,
    defects: &mut Vec<&'static str>,
) -> Result<Vec<Part>, &'static str> {
    let mut walk = Walk {
        raw,
        parts: Vec::new(),
        open: Vec::new(),
        leaf: None,
        guessed: false,
        unreadable: false,
        unclosed: false,
    };
    let mut at = walk.enter(Fields::of(head), head.body)?;
    while at < raw.len() {
        let (line, next) = next_line(raw, at);
        match walk.boundary(line) {
            Some((level, closing, before)) => {
                walk.end_leaf(if before > 0 { at + before } else { before_line_end(raw, at) });
                walk.open[level].seen = true;
                walk.close_to(level + 1);
                if closing || next == raw.len() {
                    walk.open.truncate(level);
                    at = next;
                } else {
                    let (fields, body) = walk.part_head(next);
                    at = walk.enter(fields, body)?;
                }
            }
            None => at = next,
        }
    }
    if let Some(leaf) = walk.leaf {
        walk.parts[leaf].is_damaged |= walk.open.iter().any(|o| o.seen);
    }
    walk.end_leaf(raw.len());
    walk.finish(defects);
    Ok(walk.parts)
}

/// RFC 2046 §5.1.1: the line end before a boundary belongs to the boundary.
fn before_line_end(raw: &[u8], at: usize) -> usize {
    let rest = &raw[..at];
    let rest = rest.strip_suffix(b"\n").unwrap_or(rest);
    rest.strip_suffix(b"\r").unwrap_or(rest).len()
}

struct Open {
    boundary: Vec<u8>,
    part: usize,
    seen: bool,
}

struct Walk<'a> {
    raw: &'a [u8],
    parts: Vec<Part>,
    open: Vec<Open>,
    /// The part whose body is being walked over.
    leaf: Option<usize>,
    guessed: bool,
    unreadable: bool,
    unclosed: bool,
}

impl Walk<'_> {
    /// Takes up a part whose body begins at `body`; returns where to go on.
    fn enter(&mut self, fields: Fields, body: usize) -> Result<usize, &'static str> {
        if self.parts.len() >= MAX_PARTS {
            return Err("too-many-parts");
        }
        let parent = self.open.last().map(|o| o.part);
        let digest = parent.is_some_and(|p| self.parts[p].kind == "multipart/digest");
        let mut part = fields.into_part(digest);
        part.parent = parent;
        part.body = body..body;
        let number = self.parts.len();
        if part.is_multipart() {
            let named =
                part.params.get("boundary").map(|b| b.trim().as_bytes().to_vec()).filter(|b| !b.is_empty());
            self.guessed |= named.is_none();
            if let Some(boundary) = named.or_else(|| guess_boundary(&self.raw[body..])) {
                if self.open.len() >= MAX_DEPTH {
                    return Err("too-deep");
                }
                self.open.push(Open { boundary, part: number, seen: false });
            } else {
                part.kind = "text/plain".to_owned();
            }
        }
        self.parts.push(part);
        self.leaf = Some(number);
        Ok(body)
    }

    /// The open multipart that `line` delimits, whether it ends it, and the bytes of the part in front of it
    /// on the line. At most [`MAX_DEPTH`] are open, so this is bounded.
    fn boundary(&self, line: &[u8]) -> Option<(usize, bool, usize)> {
        let Some(rest) = line.strip_prefix(b"--") else {
            // A part without a line end of its own, and a writer that puts none before the last boundary.
            let text = line.strip_suffix(b"--")?;
            return self.open.iter().enumerate().rev().find_map(|(level, open)| {
                let text = text.strip_suffix(open.boundary.as_slice())?.strip_suffix(b"--")?;
                Some((level, true, text.len()))
            });
        };
        // The innermost first: some writers use one boundary twice.
        self.open.iter().enumerate().rev().find_map(|(level, open)| {
            let tail = rest.strip_prefix(open.boundary.as_slice())?.trim_ascii_end();
            match tail {
                b"" => Some((level, false, 0)),
                // Not `--outer` where the boundary is `--outer--inner`.
                tail if tail.starts_with(b"--") && !tail[2..].iter().any(u8::is_ascii_alphanumeric) => {
                    Some((level, true, 0))
                }
                _ => None,
            }
        })
    }

    fn end_leaf(&mut self, end: usize) {
        if let Some(part) = self.leaf.take().and_then(|n| self.parts.get_mut(n)) {
            part.body.end = end.max(part.body.start);
            let text = part.is_text();
            if part.encoding == Encoding::Base64 && !transfer::is_base64(&self.raw[part.body.clone()], text) {
                (part.encoding, part.is_damaged) = (Encoding::Identity, true);
            }
        }
    }

    /// The header block of a part. A line that is no field, or a boundary, ends it (a forgotten empty line).
    fn part_head(&self, start: usize) -> (Fields, usize) {
        let mut fields = Fields::default();
        let mut at = start;
        while at < self.raw.len() {
            let (line, next) = next_line(self.raw, at);
            if line.iter().all(u8::is_ascii_whitespace) {
                return (fields, next);
            }
            if at - start > MAX_PART_HEAD || self.boundary(line).is_some() {
                break;
            }
            if !fields.take(line) && !self.is_stray(line, next) {
                break;
            }
            at = next;
        }
        (fields, at)
    }

    /// A rule that a gateway left among the fields of a part, above more of them: nothing is lost by passing
    /// over it.
    fn is_stray(&self, line: &[u8], next: usize) -> bool {
        let mut at = next;
        let rule = |line: &[u8]| line.iter().all(|b| b"-_=*# \t".contains(b));
        for _ in 0..3 {
            let (below, after) = next_line(self.raw, at);
            if below.get(..8).is_some_and(|name| name.eq_ignore_ascii_case(b"content-")) {
                return rule(line);
            }
            if !rule(below) || below.is_empty() {
                return false;
            }
            at = after;
        }
        false
    }

    /// Ends all but the outermost `level` multiparts. One without any of its boundaries is text: nothing of a
    /// mail is lost.
    fn close_to(&mut self, level: usize) {
        for open in self.open.drain(level..) {
            self.unclosed |= open.seen;
            if !open.seen {
                self.unreadable = true;
                let part = &mut self.parts[open.part];
                (part.kind, part.is_damaged) = ("text/plain".to_owned(), true);
            }
        }
    }

    fn finish(&mut self, defects: &mut Vec<&'static str>) {
        self.close_to(0);
        if self.unclosed {
            defects.push("unclosed-multipart");
        }
        if self.guessed {
            defects.push("no-boundary");
        }
        if self.unreadable {
            defects.push("multipart-without-parts");
        }
    }
}

/// A multipart that names no boundary: the first line that begins with `--` and comes again, or is followed
/// by a field.
fn guess_boundary(body: &[u8]) -> Option<Vec<u8>> {
    let body = &body[..body.len().min(MAX_PART_HEAD)];
    let mut at = 0;
    for _ in 0..200 {
        let (line, next) = next_line(body, at);
        let word = line.trim_ascii_end();
        if word.len() > 4 && word.starts_with(b"--") && !word[2..].iter().all(|&b| b == b'-') {
            let follows = body[next..].get(..8).is_some_and(|f| f.eq_ignore_ascii_case(b"content-"));
            return follows.then(|| word[2..].to_vec());
        }
        if next >= body.len() {
            return None;
        }
        at = next;
    }
    None
}

/// The raw values of the fields that say what a part is.
#[derive(Default)]
struct Fields {
    values: [Option<Vec<u8>>; 4],
    last: Option<usize>,
}

const NAMES: [&[u8]; 4] =
    [b"content-type", b"content-transfer-encoding", b"content-disposition", b"content-id"];

impl Fields {
    fn of(head: &Head) -> Self {
        let value = |name| head.all(name).last().map(|v| v[..v.len().min(MAX_FIELD)].to_vec());
        let names = ["content-type", "content-transfer-encoding", "content-disposition", "content-id"];
        Self { values: names.map(value), last: None }
    }

    /// False where `line` is no field and goes on with none. Of two fields the last counts: after a lost
    /// boundary it is the one that belongs to the words below.
    fn take(&mut self, line: &[u8]) -> bool {
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            if let Some(value) =
                self.last.and_then(|n| self.values[n].as_mut()).filter(|v| v.len() < MAX_FIELD)
            {
                value.extend_from_slice(line);
            }
            return true;
        }
        let Some(colon) = line.iter().position(|&b| b == b':') else {
            return false;
        };
        let name = line[..colon].trim_ascii_end();
        if name.is_empty() || !name.iter().all(|b| (0x21..=0x7e).contains(b)) {
            return false;
        }
        self.last = NAMES.iter().position(|n| name.eq_ignore_ascii_case(n));
        if let Some(number) = self.last {
            self.values[number] = Some(line[colon + 1..].to_vec());
        }
        true
    }

    fn into_part(self, in_digest: bool) -> Part {
        let [kind, encoding, disposition, id] = self.values;
        let params = params::parse(kind.as_deref().unwrap_or_default());
        let disposition = params::parse(disposition.as_deref().unwrap_or_default());
        let kind = match media_type(&params.value) {
            Some(kind) => kind,
            // RFC 2046 §5.1.5.
            None if kind.is_none() && in_digest => "message/rfc822".to_owned(),
            // RFC 2045 §5.2, but a broken type with a file name is a file.
            None if disposition.get("filename").or_else(|| params.get("name")).is_some() => {
                "application/octet-stream".to_owned()
            }
            None => "text/plain".to_owned(),
        };
        let encoding = encoding.map(|v| without_comments(&String::from_utf8_lossy(&v)).to_ascii_lowercase());
        let id = id.map(|v| clean_line(&String::from_utf8_lossy(&v)).trim_matches(['<', '>']).to_owned());
        Part {
            kind,
            params,
            disposition,
            encoding: Encoding::named(encoding.as_deref().unwrap_or_default()),
            content_id: id.filter(|id| !id.is_empty() && id.len() <= 250),
            body: 0..0,
            parent: None,
            is_damaged: false,
        }
    }
}

/// `type/subtype` by the grammar of RFC 2045 §5.1, in lower case (T43); a bare `text` is what RFC 1049 had.
fn media_type(text: &str) -> Option<String> {
    let text = text.split_whitespace().next()?.trim_matches(['"', ',']).to_ascii_lowercase();
    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b);
    let (left, right) = text.split_once('/')?;
    let fine = !left.is_empty()
        && !right.is_empty()
        && text.len() <= 120
        && left.bytes().chain(right.bytes()).all(token);
    fine.then_some(text)
}
