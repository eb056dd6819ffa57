//! The linear look at a mail before any library that could recurse over it: MIME depth, parts, nested mails (T36, T37).

use super::field::next_line;

pub(super) const MAX_DEPTH: usize = 20;
pub(super) const MAX_PARTS: usize = 500;
pub(super) const MAX_ATTACHMENTS: usize = 100;

/// Why a mail is not given to the MIME library, as the name of a defect.
pub(super) fn look(raw: &[u8]) -> Option<&'static str> {
    let mut scan = Scan { open: Vec::new(), nested: 0, parts: 1, mails: 0 };
    let mut at = 0;
    let mut in_head = true;
    let mut kind = Vec::new();
    let mut in_kind = false;
    while at < raw.len() {
        let (line, next) = next_line(raw, at);
        at = next;
        if line.starts_with(b"--") && scan.boundary(line, &mut in_head) {
            kind.clear();
            in_kind = false;
        } else if in_head && line.is_empty() {
            in_head = scan.end_of_head(&kind);
            kind.clear();
            in_kind = false;
        } else if in_head {
            let folded = line.starts_with(b" ") || line.starts_with(b"\t");
            in_kind = if folded { in_kind } else { line.len() > 12 && line[..12].eq_ignore_ascii_case(b"content-type") };
            // A Content-Type of more than 8 KiB is no content type.
            if in_kind && kind.len() < 8192 {
                kind.extend_from_slice(line);
            }
        } else if line.len() > 12 && line[..12].eq_ignore_ascii_case(b"content-type") {
            // Not where a part begins as far as we can tell; another parser may see it otherwise, so it counts.
            scan.count_mail(&line.to_ascii_lowercase());
        }
        if scan.open.len() + scan.nested > MAX_DEPTH {
            return Some("too-deep");
        }
        if scan.parts > MAX_PARTS || scan.mails > MAX_ATTACHMENTS * 2 {
            return Some("too-many-parts");
        }
    }
    None
}

struct Scan {
    /// Boundaries of the open multiparts, and how many mails were nested around each.
    open: Vec<(Vec<u8>, usize)>,
    nested: usize,
    parts: usize,
    mails: usize,
}

impl Scan {
    /// True where the line is a boundary of an open multipart. At most [`MAX_DEPTH`] are open, so this is bounded.
    fn boundary(&mut self, line: &[u8], in_head: &mut bool) -> bool {
        let Some(found) = self.open.iter().rposition(|(b, _)| line[2..].starts_with(b)) else {
            return false;
        };
        let closing = line[2 + self.open[found].0.len()..].starts_with(b"--");
        self.nested = self.open[found].1;
        self.open.truncate(if closing { found } else { found + 1 });
        *in_head = !closing;
        self.parts += usize::from(!closing);
        true
    }

    /// What the block that just ended opens; true where another header block follows at once.
    fn end_of_head(&mut self, kind: &[u8]) -> bool {
        let lower = kind.to_ascii_lowercase();
        self.count_mail(&lower);
        if find(&lower, b"multipart/").is_some() {
            if let Some(boundary) = boundary_of(kind, &lower) {
                self.open.push((boundary, self.nested));
            }
            return false;
        }
        let mail = find(&lower, b"message/rfc822").is_some() || find(&lower, b"message/global").is_some();
        if mail {
            self.nested += 1;
            self.parts += 1;
        }
        mail
    }

    fn count_mail(&mut self, lower: &[u8]) {
        let nests = find(lower, b"message").is_some() || find(lower, b"digest").is_some();
        self.mails += usize::from(nests);
    }
}

fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    hay.windows(needle.len()).position(|w| w == needle)
}

fn boundary_of(kind: &[u8], lower: &[u8]) -> Option<Vec<u8>> {
    let at = find(lower, b"boundary")? + 8;
    let rest = &kind[at..];
    let rest = &rest[rest.iter().position(|&b| b == b'=')? + 1..];
    let rest = rest.trim_ascii_start();
    let value = match rest.strip_prefix(b"\"") {
        Some(quoted) => quoted.split(|&b| b == b'"').next()?,
        None => rest.split(|b| b" \t;".contains(b)).next()?,
    };
    (!value.is_empty()).then(|| value.to_vec())
}
