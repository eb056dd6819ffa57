//! Streams in the shape that lettre wants.

use crate::edge::tls::Stream;
use lettre::transport::smtp::client::AsyncTokioStream;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

impl AsyncTokioStream for Tamed {
    fn peer_addr(&self) -> std::io::Result<std::net::SocketAddr> {
        Err(std::io::Error::other("not asked for"))
    }
}

/// A stream that first gives a greeting; the true one was read before TLS began.
#[derive(Debug)]
pub struct Greeted {
    /// What is read first.
    pub greeting: &'static [u8],
    /// What is read then.
    pub inside: Box<dyn Stream>,
}

impl AsyncRead for Greeted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        if self.greeting.is_empty() {
            return Pin::new(&mut self.inside).poll_read(cx, buf);
        }
        let n = self.greeting.len().min(buf.remaining());
        buf.put_slice(&self.greeting[..n]);
        self.greeting = &self.greeting[n..];
        Poll::Ready(Ok(()))
    }
}

macro_rules! pass_on {
    ($type:ty, $field:tt) => {
        impl AsyncWrite for $type {
            fn poll_write(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &[u8],
            ) -> Poll<std::io::Result<usize>> {
                Pin::new(&mut self.$field).poll_write(cx, buf)
            }
            fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
                Pin::new(&mut self.$field).poll_flush(cx)
            }
            fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
                Pin::new(&mut self.$field).poll_shutdown(cx)
            }
        }
    };
}
pass_on!(Greeted, inside);
pass_on!(Tamed, inside);

/// A stream on which the relay's lines are made such as lettre can read them: without blank ones (it panics
/// at them, RUSTSEC-2026-0562), ASCII only, with CRLF. On the way it notes the SIZE that EHLO announces.
#[derive(Debug)]
pub struct Tamed {
    inside: Box<dyn Stream>,
    /// Of a line that is not whole so far.
    begun: Vec<u8>,
    /// What is to be read next.
    ready: Vec<u8>,
    size: Arc<AtomicU64>,
}

/// Octets of a line of a relay.
const LINE_MAX: usize = 64 << 10;

impl Tamed {
    /// `size`: gets the octets that the relay takes at most, as it says in EHLO (RFC 1870).
    pub fn new(inside: Box<dyn Stream>, size: Arc<AtomicU64>) -> Self {
        Self { inside, begun: Vec::new(), ready: Vec::new(), size }
    }

    fn line(&mut self) {
        let line = std::mem::take(&mut self.begun);
        let text: String =
            line.iter().map(|b| if (b' '..=b'~').contains(b) { char::from(*b) } else { '?' }).collect();
        let text = text.trim_end_matches('?').trim_end();
        let (code, rest) = text.split_at_checked(3).unwrap_or((text, ""));
        let more = rest.starts_with('-');
        let said = rest.get(1..).unwrap_or_default().trim();
        if let Some(size) =
            said.to_ascii_uppercase().strip_prefix("SIZE ").and_then(|n| n.trim().parse().ok())
        {
            self.size.store(size, Ordering::Relaxed);
        }
        if text.is_empty() || (more && said.is_empty()) {
            return;
        }
        let said = if said.is_empty() { "ok" } else { said };
        let joint = if more { '-' } else { ' ' };
        self.ready.extend_from_slice(format!("{code}{joint}{said}\r\n").as_bytes());
    }
}

impl AsyncRead for Tamed {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let mut octets = [0; 4096];
        while self.ready.is_empty() {
            let mut got = ReadBuf::new(&mut octets);
            std::task::ready!(Pin::new(&mut self.inside).poll_read(cx, &mut got))?;
            if got.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            for octet in got.filled() {
                match octet {
                    b'\n' => self.line(),
                    b'\r' => {}
                    _ if self.begun.len() >= LINE_MAX => {
                        return Poll::Ready(Err(std::io::Error::other("the relay sends a line without end")));
                    }
                    octet => self.begun.push(*octet),
                }
            }
        }
        let n = self.ready.len().min(buf.remaining());
        buf.put_slice(&self.ready[..n]);
        self.ready.drain(..n);
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt;

    /// T112: blank lines, odd line ends, other charsets and bare codes.
    #[tokio::test]
    async fn t112_what_a_relay_says_becomes_lines_that_the_library_reads() {
        let (ours, mut theirs) = tokio::io::duplex(4096);
        let size = Arc::new(AtomicU64::new(0));
        let mut tamed = Tamed::new(Box::new(ours), size.clone());
        let said = b"220 r\xe9lay\n\r\n250-one\r\n250-   \r\n250-\r\n250-size 1000\n250\r\n550 nein\0\r\n";
        tokio::io::AsyncWriteExt::write_all(&mut theirs, said).await.expect("written");
        drop(theirs);
        let mut read = String::new();
        tamed.read_to_string(&mut read).await.expect("read");
        assert_eq!(read, "220 r?lay\r\n250-one\r\n250-size 1000\r\n250 ok\r\n550 nein\r\n");
        assert_eq!(size.load(Ordering::Relaxed), 1000);
    }
}
