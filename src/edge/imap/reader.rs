//! Reads responses of a server, one at a time, whatever stands in them; and keeps their limits (T100): the
//! server sends no line without end, and no larger literal than was asked for.

use super::fault::Fault;
use crate::edge::tls::Stream;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

/// Octets of one response, its literals left out. RFC 9051 sets no bound; longer ones carry nothing that we
/// asked for.
const LINE_BYTES_MAX: usize = 64 * 1024;
/// Octets of a literal for which memory is taken before they come.
const RESERVE_BYTES_MAX: usize = 1 << 20;
/// After so long a silence inside a literal it may be that the server announced too much.
const STALL: Duration = Duration::from_secs(2);
/// Octets at the end of a literal in which the end of the command is looked for then.
const TAIL_BYTES: usize = 4_096;

/// A response: its text, in which `{N}` stands for each literal, and the literals in their order.
#[derive(Debug, Default)]
pub struct Raw {
    /// Without the line end at its end.
    pub text: Vec<u8>,
    /// One for each `{N}` that counts.
    pub literals: Vec<Literal>,
}

/// One literal (RFC 9051 §4.3).
#[derive(Debug, Default)]
pub struct Literal {
    /// `None`: there were more octets than anybody wanted to keep.
    pub bytes: Option<Vec<u8>>,
    /// Fewer octets came than the server announced.
    pub is_cut: bool,
}

/// A literal that is being read.
#[derive(Debug)]
struct Open {
    left: u64,
    keeps: bool,
    bytes: Vec<u8>,
}

/// A stream with what was read of it. A future of [`Reader::next`] that is dropped loses nothing.
#[derive(Debug)]
pub struct Reader {
    stream: Box<dyn Stream>,
    buffer: Vec<u8>,
    now: Raw,
    open: Option<Open>,
    /// Octets of literals of the response that is read now.
    kept: usize,
    literal_max: u64,
    silence: Duration,
}

impl Reader {
    /// `literal_max`: octets of one literal. `silence`: the longest pause between two octets.
    pub fn new(stream: Box<dyn Stream>, literal_max: u64, silence: Duration) -> Self {
        Self {
            stream,
            buffer: Vec::with_capacity(16 << 10),
            now: Raw::default(),
            open: None,
            kept: 0,
            literal_max,
            silence,
        }
    }

    /// Sends octets as they are.
    pub async fn send(&mut self, verb: &str, bytes: &[u8]) -> Result<(), Fault> {
        let sent = timeout(self.silence, async {
            self.stream.write_all(bytes).await?;
            self.stream.flush().await
        });
        let cut = || Fault::Cut(verb.to_owned());
        sent.await.map_err(|_| Fault::Silent(verb.to_owned()))?.map_err(|_| cut())
    }

    /// The next response. Literals are kept up to `keep` octets together. `tag`: that of the command that
    /// runs; the line that ends it is found even inside a literal that was announced too large.
    pub async fn next(&mut self, verb: &str, tag: &str, keep: usize) -> Result<Raw, Fault> {
        loop {
            if self.open.is_some() {
                self.fill_literal(verb, tag).await?;
                continue;
            }
            let Some(end) = self.buffer.iter().position(|b| *b == b'\n') else {
                if self.buffer.len() + self.now.text.len() > LINE_BYTES_MAX {
                    return Err(Fault::Unreadable(verb.to_owned(), "a line without end"));
                }
                self.read(verb, self.silence).await?.then_some(()).ok_or(Fault::Silent(verb.to_owned()))?;
                continue;
            };
            let line: Vec<u8> = self.buffer.drain(..=end).collect();
            let begins = self.now.text.is_empty();
            self.now.text.extend_from_slice(line.trim_ascii_end());
            if self.now.text.len() > LINE_BYTES_MAX {
                return Err(Fault::Unreadable(verb.to_owned(), "a line without end"));
            }
            let size = if begins && is_words(&line, tag) { None } else { announced(&line) };
            match size {
                None => {
                    self.kept = 0;
                    return Ok(std::mem::take(&mut self.now));
                }
                Some(n) if n > self.literal_max => {
                    return Err(Fault::Unreadable(verb.to_owned(), "more is announced than was asked for"));
                }
                Some(n) => {
                    let size = usize::try_from(n).unwrap_or(usize::MAX);
                    let keeps = self.kept.saturating_add(size) <= keep;
                    self.kept += if keeps { size } else { 0 };
                    let room = if keeps { size.min(RESERVE_BYTES_MAX) } else { 0 };
                    self.open = Some(Open { left: n, keeps, bytes: Vec::with_capacity(room) });
                }
            }
        }
    }

    /// Moves what there is of the open literal to it; reads on where that is not all.
    async fn fill_literal(&mut self, verb: &str, tag: &str) -> Result<(), Fault> {
        let Some(open) = &mut self.open else { return Ok(()) };
        let n = usize::try_from(open.left).unwrap_or(usize::MAX).min(self.buffer.len());
        open.left -= n as u64;
        open.bytes.extend(self.buffer.drain(..n));
        if !open.keeps && open.bytes.len() > 2 * TAIL_BYTES {
            open.bytes.drain(..open.bytes.len() - TAIL_BYTES);
        }
        if open.left == 0 {
            self.close_literal(false);
            return Ok(());
        }
        if self.read(verb, STALL.min(self.silence)).await? {
            return Ok(());
        }
        let Some(open) = &mut self.open else { return Ok(()) };
        if let Some(at) = end_of_command(&open.bytes, tag) {
            let rest = open.bytes.split_off(at);
            self.buffer = [b"\r\n".to_vec(), rest, std::mem::take(&mut self.buffer)].concat();
            self.close_literal(true);
            return Ok(());
        }
        let more = self.read(verb, self.silence).await?;
        more.then_some(()).ok_or_else(|| Fault::Silent(verb.to_owned()))
    }

    fn close_literal(&mut self, is_cut: bool) {
        if let Some(open) = self.open.take() {
            self.now.literals.push(Literal { bytes: open.keeps.then_some(open.bytes), is_cut });
        }
    }

    /// Reads once. False: nothing came in this time.
    async fn read(&mut self, verb: &str, at_most: Duration) -> Result<bool, Fault> {
        match timeout(at_most, self.stream.read_buf(&mut self.buffer)).await {
            Err(_) => Ok(false),
            Ok(Ok(1..)) => Ok(true),
            Ok(Ok(0) | Err(_)) => Err(Fault::Cut(verb.to_owned())),
        }
    }
}

/// A status response (RFC 9051 §7.1) or a continuation ends in free words, in which `{5}` means nothing.
fn is_words(line: &[u8], tag: &str) -> bool {
    let text = String::from_utf8_lossy(line);
    let mut all = text.split_ascii_whitespace();
    match all.next() {
        Some("+") => true,
        Some("*") => {
            let word = all.next().unwrap_or_default();
            ["OK", "NO", "BAD", "BYE", "PREAUTH"].iter().any(|w| word.eq_ignore_ascii_case(w))
        }
        Some(first) => first.eq_ignore_ascii_case(tag),
        None => false,
    }
}

/// Where in a literal the tagged line begins that ends the command. Tags cannot be guessed by who wrote a
/// mail.
fn end_of_command(bytes: &[u8], tag: &str) -> Option<usize> {
    if tag.is_empty() || !bytes.ends_with(b"\n") {
        return None;
    }
    let before = &bytes[..bytes.len() - 1];
    let at = before.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
    let line = &bytes[at..];
    (line.len() > tag.len() && line.starts_with(tag.as_bytes()) && line[tag.len()] == b' ').then_some(at)
}

/// The octets that `{N}` at the end of a line announces (RFC 9051 §4.3). `None`: it announces none. What is
/// too long for a number is too much.
fn announced(line: &[u8]) -> Option<u64> {
    let inside = line.trim_ascii_end().strip_suffix(b"}")?;
    let at = inside.iter().rposition(|b| *b == b'{')?;
    let digits = inside[at + 1..].strip_suffix(b"+").unwrap_or(&inside[at + 1..]);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(std::str::from_utf8(digits).ok()?.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text, and how many octets of each literal were kept.
    type Response = (String, Vec<Option<usize>>);

    /// Texts of the responses that these octets hold, and how many octets their literals have.
    fn read(bytes: &[u8]) -> Result<Vec<Response>, Fault> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let (mut here, there) = tokio::io::duplex(1 << 22);
            here.write_all(bytes).await.expect("written");
            drop(here);
            let mut reader = Reader::new(Box::new(there), 100, Duration::from_secs(5));
            let mut out = Vec::new();
            loop {
                match reader.next("X", "t1", 50).await {
                    Ok(raw) => out.push((
                        String::from_utf8_lossy(&raw.text).into_owned(),
                        raw.literals.iter().map(|l| l.bytes.as_ref().map(Vec::len)).collect(),
                    )),
                    Err(Fault::Cut(_)) => return Ok(out),
                    Err(e) => return Err(e),
                }
            }
        })
    }

    #[test]
    fn t100_lines_and_literals_have_a_limit() {
        let good = read(b"* 1 FETCH (BODY[] {5}\r\na{9}\n X {60}\r\n").expect("within the limits");
        assert!(good.is_empty(), "the second literal does not come");
        assert_eq!(
            read(&[b"* 1 FETCH (BODY[] {60}\r\n".as_slice(), &[b'x'; 60], b")\r\n* OK {99}\r\n"].concat()),
            Ok(vec![("* 1 FETCH (BODY[] {60})".into(), vec![None]), ("* OK {99}".into(), vec![])]),
            "more than is wanted is read and not kept; words announce nothing"
        );
        for bad in [
            b"* 1 FETCH (BODY[] {4294967295}\r\n".to_vec(),
            b"* 1 FETCH (BODY[] {99999999999999999999999999}\r\n".to_vec(),
            b"* X {101}\r\n".to_vec(),
            vec![b'x'; 70_000],
            [b"* 1 FETCH ".to_vec(), "{0}\r\n".repeat(30_000).into_bytes()].concat(),
        ] {
            assert!(matches!(read(&bad), Err(Fault::Unreadable(..))), "{:?}", bad.len());
        }
        assert_eq!(read(&b"* OK still here\r\n".repeat(10_000)).map(|all| all.len()), Ok(10_000));
    }

    #[test]
    fn t110_the_end_of_a_command_is_found_in_a_literal_that_is_too_short() {
        assert_eq!(end_of_command(b"Subject: x\r\n)\r\nt1 OK done\r\n", "t1"), Some(15));
        assert_eq!(end_of_command(b"Subject: x\r\nt1 OK done", "t1"), None);
        assert_eq!(end_of_command(b"Subject: x\r\nt12 OK done\r\n", "t1"), None);
    }
}
