//! The bodies of requests and answers, counted while they are in memory (T116).

use super::crowd::Place;
use hyper::body::{Body, Bytes, Frame, SizeHint};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

/// Which way a body goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Of a request.
    In,
    /// Of an answer.
    Out,
}

/// A body that is counted for its connection.
pub struct Counted<B> {
    body: B,
    place: Arc<Place>,
    way: Way,
}

impl<B> Counted<B> {
    /// Counts a body.
    pub fn new(body: B, place: Arc<Place>, way: Way) -> Self {
        Self { body, place, way }
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for Counted<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = self.get_mut();
        let frame = ready!(Pin::new(&mut this.body).poll_frame(cx));
        if let Some(Ok(frame)) = &frame {
            let bytes = frame.data_ref().map_or(0, Bytes::len);
            match this.way {
                Way::In => this.place.holds_body(bytes, Instant::now()),
                // A part of an answer that goes out in parts: there are few bytes of it, and its whole was
                // let in elsewhere. An answer in one piece was asked about before.
                Way::Out => drop(this.place.holds_answer(bytes, Instant::now())),
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A body ends when it was read, and when nobody wants the rest of it.
impl<B> Drop for Counted<B> {
    fn drop(&mut self) {
        match self.way {
            Way::In => self.place.is_asked(Instant::now()),
            Way::Out => self.place.is_answered(),
        }
    }
}
