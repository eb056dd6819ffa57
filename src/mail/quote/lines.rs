//! A body as lines, with what the HTML said of them.

use std::borrow::Cow;

/// Stands in front of a line at which an HTML mail says that an older mail begins. No cleaned text holds it
/// (T40).
pub(in crate::mail) const HISTORY: char = '\u{1}';
/// Stands in front of a line that an HTML mail says belongs to a signature.
pub(in crate::mail) const SIGNATURE: char = '\u{2}';

/// The text without those marks.
pub(in crate::mail) fn unmark(text: &str) -> Cow<'_, str> {
    if text.contains([HISTORY, SIGNATURE]) {
        text.replace([HISTORY, SIGNATURE], "").into()
    } else {
        text.into()
    }
}

/// Where a line of the body goes. Each line goes to one heap, so that together they hold every word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heap {
    /// What the writer wrote now.
    Text,
    Quoted,
    Signature,
}

/// A line of the body, without the marks that the HTML set on it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct BodyLine<'a> {
    /// Without marks.
    pub text: &'a str,
    /// The HTML says that an older mail begins here.
    pub history: bool,
    /// The HTML says that it belongs to a signature.
    pub signature: bool,
    /// It bears the mark of a quotation (RFC 3676 §4.5).
    pub quoted: bool,
}

impl<'a> BodyLine<'a> {
    /// A line with its marks.
    pub(super) fn parse(raw: &'a str) -> Self {
        let text = raw.trim_start_matches([HISTORY, SIGNATURE]);
        let marks = &raw[..raw.len() - text.len()];
        // RFC 3676 §4.5. White space in front is what some clients write.
        let indented = text.starts_with(' ') && text.trim_start_matches(' ').starts_with("> ");
        let quoted = text.starts_with('>') || text.starts_with("|>") || indented;
        Self { text, history: marks.contains(HISTORY), signature: marks.contains(SIGNATURE), quoted }
    }

    /// Nothing but white space stands there.
    pub(super) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// See [`BodyLine::quoted`].
    pub(super) fn is_quoted(&self) -> bool {
        self.quoted
    }

    /// The line without the marks of quotation.
    pub(super) fn bare(&self) -> &'a str {
        self.text.trim_start_matches(['>', '|', ' ']).trim_end()
    }

    /// The same as a line of its own.
    pub(super) fn unquoted(&self) -> Self {
        Self { text: self.bare(), quoted: false, ..*self }
    }
}

/// A line inside a quotation that is nothing but the rest of its link: some clients break links without a new
/// mark.
pub(super) fn continues_link(lines: &[BodyLine<'_>], at: usize) -> bool {
    let (Some(above), Some(below)) = (at.checked_sub(1).and_then(|n| lines.get(n)), lines.get(at + 1)) else {
        return false;
    };
    if !above.is_quoted() || !below.is_quoted() || lines[at].is_quoted() {
        return false;
    }
    let text = lines[at].text.trim().trim_end_matches('>').trim_end();
    if text.is_empty() || text.contains(char::is_whitespace) {
        return false;
    }
    let open = |l: &str| l.contains("http") && l.rfind(['(', '<']) > l.rfind([')', '>']);
    let link = text.trim_start_matches(['(', '<']);
    let wrapped = text.ends_with([')', '>']) || text.contains(['=', '/', '%', '&']);
    link.starts_with("http://") || link.starts_with("https://") || (wrapped && open(above.bare()))
}
