//! One line of text for a header field of a letter (T43).

/// One line of text: no CR, LF, NUL or other control character can be in it, by construction (T43).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line(String);

impl Line {
    /// Controls (C0, C1, bidi) become spaces or go; white space is collapsed.
    pub fn clean(text: &str) -> Self {
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '\u{61c}'
                | '\u{feff}'
                | '\u{fffe}'
                | '\u{ffff}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}' => {}
                c if !c.is_whitespace() && !c.is_control() => out.push(c),
                _ if out.ends_with(' ') => {}
                _ => out.push(' '),
            }
        }
        Self(out.trim().to_owned())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text for a log: of an address only the domain stays.
    pub fn without_addresses(&self) -> String {
        let masked = self.0.split(' ').map(|word| match word.rsplit_once('@') {
            Some((local, domain)) if !local.is_empty() && domain.contains('.') => format!("...@{domain}"),
            _ => word.to_owned(),
        });
        masked.collect::<Vec<_>>().join(" ")
    }
}
