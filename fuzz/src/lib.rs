//! The pure rooms of maildesk for the fuzz targets, and what must hold of every derived text.
#![forbid(unsafe_code)]
#![allow(dead_code)]

#[path = "../../src/mail/mod.rs"]
pub mod mail;

/// T40: no control but tab and line feed, and no bidi control.
pub fn is_clean(text: &str) -> bool {
    text.chars().all(|c| c == '\t' || c == '\n' || !(c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')))
}
