//! Outbound -> bytes: the same value gives the same bytes. The one writer of header fields (T42, T43, T44).

use super::{AddrSpec, MessageId};

/// One line of text: no CR, LF, NUL or other control character can be in it, by construction (T43).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line(String);

impl Line {
    /// Controls (C0, C1, bidi) become spaces or go; white space is collapsed.
    pub fn clean(text: &str) -> Self {
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            let bidi = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}');
            let space = c.is_whitespace() || c.is_control();
            if bidi {
                continue;
            }
            if space {
                if !out.ends_with(' ') {
                    out.push(' ');
                }
            } else {
                out.push(c);
            }
        }
        Self(out.trim().to_owned())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A letter before it is bytes. Fields that are `None` or false are not written.
#[derive(Debug, Clone)]
pub struct Outbound {
    pub from_name: Line,
    pub from: AddrSpec,
    pub to_name: Line,
    pub to: AddrSpec,
    pub reply_to: Option<AddrSpec>,
    pub subject: Line,
    pub message_id: MessageId,
    pub in_reply_to: Option<MessageId>,
    /// At most 10.
    pub references: Vec<MessageId>,
    /// Seconds since 1970, written in UTC.
    pub date: i64,
    /// `auto-replied` or `auto-generated` (RFC 3834 §5).
    pub auto_submitted: Option<&'static str>,
    pub precedence: Option<&'static str>,
    /// X-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply (not `All`: MS-OXCMAIL 2.1.3.2.20).
    pub suppress: bool,
    pub list_id: Option<Line>,
    /// Value of X-Maildesk-Loop.
    pub loop_mark: Line,
    /// Further fields of `[smtp] headers`: names of ftext (RFC 5322 §3.6.8) only, others are left out.
    pub extra: Vec<(String, Line)>,
    /// text/plain, LF line ends.
    pub text: String,
    /// text/html; with it the body is multipart/alternative.
    pub html: Option<String>,
    pub files: Vec<OutFile>,
}

/// A file of a letter.
#[derive(Debug, Clone)]
pub struct OutFile {
    pub filename: Line,
    /// Checked against the grammar of RFC 2045 §5.1, else application/octet-stream.
    pub media_type: String,
    pub data: Vec<u8>,
    /// Set for an inline image.
    pub content_id: Option<MessageId>,
}

/// The bytes of a letter: CRLF only, 7 bit, lines of at most 998 octets. Boundaries follow from the Message-ID.
pub fn compose(_letter: &Outbound) -> Vec<u8> {
    unimplemented!()
}
