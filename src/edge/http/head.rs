//! Watches the heads of requests as they come over the wire, for what two readers could read differently
//! (T77; RFC 9112 §2.2, §5.2, §6.3). hyper is more lenient than a proxy before us may be: it takes a bare LF
//! for the end of a line, and passes over a length beside `chunked`.

/// Bytes of a request's head.
pub const HEAD_BYTES_MAX: usize = 16 * 1024;
/// Digits of a length; no body of ours has more.
const LENGTH_DIGITS_MAX: usize = 18;

/// Two readers could read this request differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ambiguous;

/// The heads of one connection, one after the other.
#[derive(Debug, Default)]
pub struct Heads {
    state: State,
    line: Vec<u8>,
    /// Bytes of this head so far.
    bytes: usize,
    head: Head,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Head,
    /// So many bytes of a body are still to come.
    Body(u64),
    /// A chunked body, after which the connection closes: nothing more is looked at.
    Rest,
}

/// What decides where a request ends.
#[derive(Debug, Default)]
struct Head {
    has_begun: bool,
    is_1_1: bool,
    lengths: Vec<Vec<u8>>,
    codings: Vec<Vec<u8>>,
    hosts: usize,
    types: usize,
}

impl Heads {
    /// The next bytes that came, in whatever pieces.
    pub fn read(&mut self, mut bytes: &[u8]) -> Result<(), Ambiguous> {
        while let Some((&first, rest)) = bytes.split_first() {
            match self.state {
                State::Rest => return Ok(()),
                State::Body(left) => {
                    let here = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
                    bytes = &bytes[here..];
                    let left = left - here as u64;
                    self.state = if left == 0 { State::Head } else { State::Body(left) };
                }
                State::Head => {
                    bytes = rest;
                    self.byte(first)?;
                }
            }
        }
        Ok(())
    }

    fn byte(&mut self, byte: u8) -> Result<(), Ambiguous> {
        self.bytes += 1;
        if self.bytes > HEAD_BYTES_MAX {
            return Err(Ambiguous);
        }
        if byte != b'\n' {
            self.line.push(byte);
            return Ok(());
        }
        let line = std::mem::take(&mut self.line);
        let line = line.strip_suffix(b"\r").ok_or(Ambiguous)?;
        if line.iter().any(|b| matches!(b, b'\r' | 0)) {
            return Err(Ambiguous);
        }
        match (line.is_empty(), self.head.has_begun) {
            // RFC 9112 §2.2: an empty line before the request is passed over.
            (true, false) => Ok(()),
            (true, true) => {
                self.state = std::mem::take(&mut self.head).end()?;
                self.bytes = 0;
                Ok(())
            }
            (false, false) => {
                self.head.has_begun = true;
                self.head.is_1_1 = line.ends_with(b" HTTP/1.1");
                Ok(())
            }
            (false, true) => self.head.field(line),
        }
    }
}

impl Head {
    fn field(&mut self, line: &[u8]) -> Result<(), Ambiguous> {
        let at = line.iter().position(|b| *b == b':').ok_or(Ambiguous)?;
        let (name, value) = (&line[..at], line[at + 1..].trim_ascii());
        // White space before the colon, and a line that goes on with the one above (obs-fold).
        if name.is_empty() || name.iter().any(u8::is_ascii_whitespace) {
            return Err(Ambiguous);
        }
        match name.to_ascii_lowercase().as_slice() {
            b"content-length" => self.lengths.push(value.to_vec()),
            b"transfer-encoding" => self.codings.push(value.to_vec()),
            b"host" => self.hosts += 1,
            b"content-type" => self.types += 1,
            _ => {}
        }
        Ok(())
    }

    /// The head is whole: what comes behind it?
    fn end(self) -> Result<State, Ambiguous> {
        if self.hosts > 1 || self.types > 1 {
            return Err(Ambiguous);
        }
        match (self.lengths.as_slice(), self.codings.as_slice()) {
            ([], []) => Ok(State::Head),
            ([], [coding]) if self.is_1_1 && coding.eq_ignore_ascii_case(b"chunked") => Ok(State::Rest),
            ([length], []) => match number(length).ok_or(Ambiguous)? {
                0 => Ok(State::Head),
                bytes => Ok(State::Body(bytes)),
            },
            _ => Err(Ambiguous),
        }
    }
}

/// Digits alone. A zero before others would be an octal number to some.
fn number(text: &[u8]) -> Option<u64> {
    let digits = !text.is_empty() && text.len() <= LENGTH_DIGITS_MAX && text.iter().all(u8::is_ascii_digit);
    let plain = digits && (text.len() == 1 || text[0] != b'0');
    std::str::from_utf8(text).ok().filter(|_| plain)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whole, and byte by byte.
    fn read(text: &str) -> Result<(), Ambiguous> {
        let whole = Heads::default().read(text.as_bytes());
        let mut heads = Heads::default();
        let single = text.bytes().try_for_each(|b| heads.read(&[b]));
        assert_eq!(whole, single, "{text:?}");
        whole
    }

    #[test]
    fn t77_what_two_readers_could_read_differently() {
        let cases = [
            ("POST / HTTP/1.1", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
            ("POST / HTTP/1.1", "Transfer-Encoding: chunked\r\ncontent-length: 5\r\n"),
            ("POST / HTTP/1.1", "Content-Length: 5\r\nContent-Length: 6\r\n"),
            ("POST / HTTP/1.1", "Content-Length: 5\r\nContent-Length: 5\r\n"),
            ("POST / HTTP/1.1", "Content-Length: 5, 5\r\n"),
            ("POST / HTTP/1.1", "Content-Length: +5\r\n"),
            ("POST / HTTP/1.1", "Content-Length: -5\r\n"),
            ("POST / HTTP/1.1", "Content-Length: 0x5\r\n"),
            ("POST / HTTP/1.1", "Content-Length: 05\r\n"),
            ("POST / HTTP/1.1", "Content-Length: 5 5\r\n"),
            ("POST / HTTP/1.1", "Content-Length:\r\n"),
            ("POST / HTTP/1.1", "Content-Length: 99999999999999999999\r\n"),
            ("POST / HTTP/1.1", "Content-Length : 5\r\n"),
            ("POST / HTTP/1.1", "Content-Length: 5\r\n 6\r\n"),
            ("POST / HTTP/1.1", "X: y\r\n\tfolded\r\n"),
            ("POST / HTTP/1.1", "Transfer-Encoding: gzip, chunked\r\n"),
            ("POST / HTTP/1.1", "Transfer-Encoding: chunked, gzip\r\n"),
            ("POST / HTTP/1.1", "Transfer-Encoding: xchunked\r\n"),
            ("POST / HTTP/1.1", "Transfer-Encoding: identity\r\n"),
            ("POST / HTTP/1.1", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
            ("POST / HTTP/1.0", "Transfer-Encoding: chunked\r\n"),
            ("GET / HTTP/1.1", "Host: a\r\nHost: b\r\n"),
            ("POST / HTTP/1.1", "Content-Type: text/plain\r\nContent-Type: text/html\r\n"),
            ("GET / HTTP/1.1", "Host: a\n"),
            ("GET / HTTP/1.1", "Host: a\r\nX: y\rContent-Length: 5\r\n"),
            ("GET / HTTP/1.1", "X: \0\r\n"),
            ("GET / HTTP/1.1", "no colon\r\n"),
            ("GET / HTTP/1.1\nHost: a", ""),
        ];
        for (line, fields) in cases {
            assert_eq!(read(&format!("{line}\r\n{fields}\r\n")), Err(Ambiguous), "{line} {fields:?}");
        }
        assert_eq!(read("GET / HTTP/1.1\r\nHost: a\n\n"), Err(Ambiguous));
        assert_eq!(read("\nGET / HTTP/1.1\r\n\r\n"), Err(Ambiguous));
        let long = format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "y".repeat(HEAD_BYTES_MAX));
        assert_eq!(read(&long), Err(Ambiguous));
    }

    #[test]
    fn bodies_are_no_heads() {
        let good = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\na\n\nb\
                    GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n\r\nGET /x HTTP/1.0\r\n\r\n";
        assert_eq!(read(good), Ok(()));
        assert_eq!(read(&format!("{good}GET / HTTP/1.1\nHost: a\n\n")), Err(Ambiguous), "the fourth");
        let chunked = "POST / HTTP/1.1\r\nTransfer-Encoding: Chunked \r\n\r\n1\r\n\n\r\n0\r\n\r\n";
        assert_eq!(read(chunked), Ok(()));
    }
}
