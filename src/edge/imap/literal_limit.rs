//! A stream that cuts the connection where a server announces more than we asked for (T100): a literal beyond
//! the limit, or a line without end. The library reads from this stream: it would otherwise reserve memory
//! for whatever a server announces.

use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// RFC 9051 sets no bound for a line; longer ones than this carry nothing that we asked for.
const LINE_MAX: usize = 64 * 1024;

/// The library reads lists by recursion: deeper ones than this would use up the stack.
const NESTING_MAX: usize = 50;

/// Octets at the end of a line in which `{N}` is looked for; a number that does not fit is too large.
const TAIL: usize = 24;

/// Counts lines and literals of what is read.
#[derive(Debug)]
pub struct LiteralLimit<S> {
    inside: S,
    literal_max: u64,
    /// Octets of a literal that are still to come.
    literal: u64,
    line: usize,
    /// Open parentheses, also those that stand in a text: this is a limit, and no reading of the response.
    nesting: usize,
    /// The end of the line so far: enough for `{4294967295}`.
    tail: Vec<u8>,
}

impl<S> LiteralLimit<S> {
    /// `literal_max`: octets of one literal.
    pub fn new(inside: S, literal_max: u64) -> Self {
        Self { inside, literal_max, literal: 0, line: 0, nesting: 0, tail: Vec::with_capacity(32) }
    }

    /// Counts what was read; an error where it breaks a limit.
    fn count(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        let mut rest = bytes;
        while !rest.is_empty() {
            if self.literal > 0 {
                let n = usize::try_from(self.literal).unwrap_or(usize::MAX).min(rest.len());
                self.literal -= n as u64;
                rest = &rest[n..];
                continue;
            }
            let n = rest.iter().position(|b| *b == b'\n').map_or(rest.len(), |i| i + 1);
            let (line, after) = rest.split_at(n);
            self.line += line.len();
            if self.line > LINE_MAX {
                return Err(std::io::Error::other("the server sends a line without end"));
            }
            for byte in line {
                match byte {
                    b'(' => self.nesting += 1,
                    b')' => self.nesting = self.nesting.saturating_sub(1),
                    _ => {}
                }
                if self.nesting > NESTING_MAX {
                    return Err(std::io::Error::other("the server sends lists in lists without end"));
                }
            }
            self.tail.extend_from_slice(&line[line.len().saturating_sub(TAIL)..]);
            let over = self.tail.len().saturating_sub(TAIL);
            self.tail.drain(..over);
            if line.ends_with(b"\n") {
                self.literal = announced(&self.tail);
                if self.literal > self.literal_max {
                    return Err(std::io::Error::other("the server announces more than was asked for"));
                }
                self.tail.clear();
                // A response may hold many literals; all its lines together have the limit of one line.
                if self.literal == 0 {
                    (self.line, self.nesting) = (0, 0);
                }
            }
            rest = after;
        }
        Ok(())
    }
}

/// The octets that `{N}` at the end of a line announces (RFC 9051 §4.3); what is too long for a number is too
/// much.
fn announced(tail: &[u8]) -> u64 {
    let text = String::from_utf8_lossy(tail);
    let Some(inside) = text.trim_end().strip_suffix('}') else { return 0 };
    let digits = inside.rsplit_once('{').map_or(inside, |(_, d)| d).trim_end_matches('+');
    match digits.bytes().all(|b| b.is_ascii_digit()) && !digits.is_empty() {
        true => digits.parse().unwrap_or(u64::MAX),
        false => 0,
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for LiteralLimit<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.inside).poll_read(cx, buf);
        if let Poll::Ready(Ok(())) = polled {
            self.count(&buf.filled()[before..])?;
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for LiteralLimit<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.inside).poll_write(cx, buf)
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inside).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inside).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t100_lines_and_literals_have_a_limit() {
        let check = |parts: &[&[u8]]| {
            let mut g = LiteralLimit::new((), 100);
            parts.iter().try_for_each(|p| g.count(p)).is_ok()
        };
        assert!(check(&[b"* 1 FETCH (UID 1 BODY[] {5}\r\n", b"a{9}\n", b")\r\n"]));
        assert!(check(&[b"* OK {99", b"}\r", b"\n", &[b'x'; 99], b")\r\n"]));
        assert!(!check(&[b"* 1 FETCH (BODY[] {4294967295}\r\n"]));
        assert!(!check(&[b"* 1 FETCH (BODY[] {99999999999999999999999999}\r\n"]));
        assert!(!check(&[b"{101", b"}\r\n"]));
        assert!(!check(&[&[b'x'; 70_000]]));
        assert!(!check(&[b"* 1 FETCH ", &[b'('; 60]]));
        assert!(check(&[&b"* OK still here\r\n".repeat(10_000)]));
    }
}
