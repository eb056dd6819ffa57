//! A letter as values, before [`super::compose`] makes bytes of it.

use super::address::{AddrSpec, MessageId};
use super::line::Line;

/// A letter before it is bytes. Fields that are `None` or false are not written.
#[derive(Debug, Clone)]
pub struct Outbound {
    /// Display name of From; empty: none.
    pub from_name: Line,
    /// The one address of From.
    pub from: AddrSpec,
    /// Display name of To; empty: none.
    pub to_name: Line,
    /// The one recipient.
    pub to: AddrSpec,
    /// Where answers go, a sealed address.
    pub reply_to: Option<AddrSpec>,
    /// Empty: the field stands there without words.
    pub subject: Line,
    /// Ours; the boundaries follow from it.
    pub message_id: MessageId,
    /// The mail that the letter answers.
    pub in_reply_to: Option<MessageId>,
    /// At most 10.
    pub references: Vec<MessageId>,
    /// Seconds since 1970, written in UTC.
    pub date: i64,
    /// `auto-replied` or `auto-generated` (RFC 3834 §5).
    pub auto_submitted: Option<&'static str>,
    /// Precedence: `list` or `bulk`.
    pub precedence: Option<&'static str>,
    /// X-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply (not `All`: MS-OXCMAIL 2.1.3.2.20).
    pub suppress: bool,
    /// List-Id, with or without angle brackets (RFC 2919 §3).
    pub list_id: Option<Line>,
    /// List-Unsubscribe by one click (RFC 8058): an https and a mailto address, without angle brackets and
    /// white space.
    pub list_unsubscribe: Option<[String; 2]>,
    /// Value of X-Maildesk-Loop.
    pub loop_mark: Line,
    /// Further fields of `[smtp] headers`: names of ftext (RFC 5322 §3.6.8) only, others are left out.
    pub extra: Vec<(String, Line)>,
    /// text/plain, LF line ends.
    pub text: String,
    /// text/html; with it the body is multipart/alternative.
    pub html: Option<String>,
}

/// A file of a letter.
#[derive(Debug, Clone)]
pub struct OutFile {
    /// At most 150 bytes of it are written; empty: none (T51).
    pub filename: Line,
    /// Checked against the grammar of RFC 2045 §5.1, else application/octet-stream.
    pub media_type: String,
    /// As they are, not encoded.
    pub data: Vec<u8>,
}
