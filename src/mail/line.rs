//! One line of text for a header field of a letter (T43).

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
