//! What a request gets instead of its page. The words are fixed: an error page holds no data (T65, T76).

use crate::app::Trouble;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// Becomes an empty response; the gate makes its page, so that all refusals of one kind look alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// The status of the response (RFC 9110 §15).
    pub status: u16,
    /// The headline of its page.
    pub title: &'static str,
    /// What to do now, in a sentence or two.
    pub words: &'static str,
}

const fn refusal(status: u16, title: &'static str, words: &'static str) -> Refusal {
    Refusal { status, title, words }
}

/// What came is no request that we understand.
pub const MALFORMED: Refusal =
    refusal(400, "This request cannot be read", "Please go back, load the page again and try once more.");
/// The form did not come from a page of ours (T69).
pub const CROSS_SITE: Refusal = refusal(
    403,
    "This form cannot be accepted",
    "It did not come from a fresh page of this site. Please go back, load the page again and try once more.",
);
/// What does not exist and what belongs to somebody else look alike (T71).
pub const NOT_FOUND: Refusal = refusal(
    404,
    "There is nothing here for you",
    "The page does not exist, or it is meant for somebody else.",
);
/// The path has no such method.
pub const METHOD: Refusal =
    refusal(405, "This does not work here", "Please start again from the first page.");
/// The body did not arrive in time (T77).
pub const SLOW: Refusal =
    refusal(408, "That took too long", "The form did not arrive in time. Please try again.");
/// The body is larger than any of our forms (T77).
pub const TOO_LONG: Refusal =
    refusal(413, "That is too long", "Please shorten your text, or send it to us by mail.");
/// The request names a host that is not ours (T74).
pub const WRONG_HOST: Refusal =
    refusal(421, "Wrong address", "This site is not served under the name that was asked for.");
/// So many downloads of this person are under way (T116; RFC 6585 §4).
pub const TOO_MANY: Refusal = refusal(
    429,
    "Many files at once",
    "Please wait until some of your downloads are done, and then try again.",
);
/// The program or the store failed.
pub const BROKEN: Refusal =
    refusal(500, "Something is broken on our side", "It has been noted. You can always write to us by mail.");
/// The store is busy or full, or the answer took too long.
pub const BUSY: Refusal = refusal(
    503,
    "Just a moment",
    "We cannot answer right now. Please try again in a minute, or write to us by mail.",
);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).expect("a constant of this file");
        let mut response = status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Trouble> for Refusal {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Busy(why) => {
                tracing::warn!(%why, "a page has to wait");
                BUSY
            }
            Trouble::Full(why) => {
                tracing::error!(%why, "no room for what a page wants to keep");
                BUSY
            }
            Trouble::Broken(why) | Trouble::Setup(why) => {
                tracing::error!(%why, "a page failed");
                BROKEN
            }
        }
    }
}
