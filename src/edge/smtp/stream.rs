//! Streams in the shape that lettre wants.

use crate::edge::tls::Stream;
use lettre::transport::smtp::client::AsyncTokioStream;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A boxed stream in the shape that lettre wants.
#[derive(Debug)]
pub struct Opaque(pub Box<dyn Stream>);

impl AsyncTokioStream for Opaque {
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
pass_on!(Opaque, 0);

impl AsyncRead for Opaque {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}
