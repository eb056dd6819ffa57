//! Base64 with text in clear before, behind or between: scanners, lists and gateways put their footers and
//! warnings into a body without looking at its encoding.

/// So many letters must a line have that begins base64 anew after text in clear, unless it ends in padding.
const LINE_BYTES_MIN: usize = 20;

/// So many letters must a line have into which blanks came: no text has so many words that fill it.
const BROKEN_BYTES_MIN: usize = 60;

/// A line with other than letters of base64 is text in clear where they are at least one of so many.
const FOREIGN_OF: usize = 10;

fn is_letter(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'+' || b == b'/'
}

/// Base64 up to its padding, and nothing else.
fn is_stretch(line: &[u8]) -> bool {
    let letters = line.iter().take_while(|b| is_letter(**b)).count();
    let padding = line.len() - letters;
    padding <= 2 && letters > 0 && line.len().is_multiple_of(4) && line[letters..].iter().all(|b| *b == b'=')
}

/// A stretch that no word of a text is.
fn begins_anew(line: &[u8]) -> bool {
    (is_stretch(line) && (line.len() >= LINE_BYTES_MIN || line.ends_with(b"="))) || is_broken_stretch(line)
}

/// A whole line of base64 into which blanks came on its way (RFC 2045 §6.8: they do not count).
fn is_broken_stretch(line: &[u8]) -> bool {
    let letters: Vec<u8> = line.iter().filter(|b| !b.is_ascii_whitespace()).copied().collect();
    letters.len() >= BROKEN_BYTES_MIN && is_stretch(&letters)
}

fn is_clear(line: &[u8]) -> bool {
    if is_broken_stretch(line) {
        return false;
    }
    let foreign = line.iter().filter(|b| !is_letter(**b) && **b != b'=').count();
    line.contains(&b' ') || foreign * FOREIGN_OF >= line.len()
}

/// Whether there is base64 in a body whose first line is none: in a text, any; in a file, most of it.
pub(super) fn holds_stretches(raw: &[u8], text: bool) -> bool {
    let lines = || raw.split(|&b| b == b'\n').map(<[u8]>::trim_ascii).filter(|l| !l.is_empty());
    let good = lines().filter(|line| begins_anew(line)).count();
    if text { good > 0 } else { good * 2 > lines().count() }
}

/// The pieces decoded by `decode`, and between them the text in clear as it stands, if `text` says that this
/// is shown; `None`: there is no text in clear.
pub(super) fn decode_around(raw: &[u8], text: bool, decode: impl Fn(&[u8]) -> Vec<u8>) -> Option<Vec<u8>> {
    let usual = |b: &u8| is_letter(*b) || matches!(b, b'=' | b'\r' | b'\n');
    if raw.iter().all(usual) {
        return None;
    }
    let mut pieces = Pieces { out: Vec::new(), stretch: Vec::new(), clear: false, found: false };
    for line in raw.split(|&b| b == b'\n').map(<[u8]>::trim_ascii) {
        // Behind the padding of one line text may begin, too.
        let padded = line.iter().position(|b| *b == b'=');
        let padded = padded.map(|at| at + line[at..].iter().take_while(|b| **b == b'=').count());
        let inside = padded.filter(|end| *end < line.len() && is_stretch(&line[..*end]));
        match inside.filter(|end| is_clear(&line[*end..])) {
            Some(end) => {
                pieces.take(&line[..end], text, &decode);
                pieces.take(line[end..].trim_ascii_start(), text, &decode);
            }
            None => pieces.take(line, text, &decode),
        }
    }
    pieces.flush(text, &decode);
    pieces.found.then_some(pieces.out)
}

struct Pieces {
    out: Vec<u8>,
    /// Lines of base64 that are not decoded yet.
    stretch: Vec<u8>,
    /// The line before was text in clear.
    clear: bool,
    found: bool,
}

impl Pieces {
    fn take(&mut self, line: &[u8], text: bool, decode: &impl Fn(&[u8]) -> Vec<u8>) {
        let clear = match (line.is_empty(), self.clear) {
            (true, before) => before,
            (false, true) => !begins_anew(line),
            (false, false) => is_clear(line),
        };
        if !clear {
            self.clear = false;
            self.stretch.extend_from_slice(line);
            self.stretch.push(b'\n');
            return;
        }
        if !self.clear {
            self.flush(text, decode);
        }
        (self.clear, self.found) = (true, true);
        if text {
            self.out.extend_from_slice(line);
            self.out.push(b'\n');
        }
    }

    fn flush(&mut self, text: bool, decode: &impl Fn(&[u8]) -> Vec<u8>) {
        let stretch = std::mem::take(&mut self.stretch);
        if stretch.iter().all(u8::is_ascii_whitespace) {
            return;
        }
        let bytes = decode(&stretch);
        let control = |b: &u8| *b < 9 || (14..27).contains(b) || (28..32).contains(b);
        // A key, or what else only looks like it, stays as it stands.
        let shown = if text && bytes.iter().any(control) { &stretch } else { &bytes };
        self.out.extend_from_slice(shown);
        if text && !self.out.ends_with(b"\n") {
            self.out.push(b'\n');
        }
    }
}
