//! Outbound -> bytes: the same value gives the same bytes. The one writer of header fields (T42, T43, T44).
//!
//! The crate mail-builder encodes, folds and nests. Ours are the order of the fields, the checks of what goes
//! into them, and boundaries that follow from the Message-ID: the crate would draw them from the clock.

mod body;
mod head;
mod wellformed;

use mail_builder::MessageBuilder;
use mail_builder::headers::content_type::ContentType;
use mail_builder::mime::{BodyPart, MimePart};
use sha2::{Digest, Sha256};

use super::outbound::{OutFile, Outbound};
use body::{file_part, text_part};
pub use wellformed::is_well_formed;

/// The bytes of a letter: CRLF only, 7 bit, lines of at most 998 octets. Boundaries follow from the
/// Message-ID.
pub fn compose(letter: &Outbound) -> Vec<u8> {
    let message = MessageBuilder {
        headers: head::fields(letter),
        body: Some(content(letter)),
        ..MessageBuilder::new()
    };
    let bytes = message.write_to_vec().expect("memory takes every byte");
    debug_assert!(is_well_formed(&bytes), "the one writer wrote a letter that it would not send");
    bytes
}

/// The words in their versions, then the files.
fn content(letter: &Outbound) -> MimePart<'_> {
    let shown = |f: &&OutFile| letter.html.is_some() && f.content_id.is_some() && raster(&f.media_type);
    let text = text_part("text/plain; charset=utf-8", &letter.text);
    let words = match &letter.html {
        None => text,
        Some(html) => {
            let mut parts = vec![text_part("text/html; charset=utf-8", html)];
            parts.extend(letter.files.iter().filter(shown).map(|f| file_part(f, true)));
            let html = if parts.len() == 1 { parts.remove(0) } else { multipart(letter, "related", parts) };
            multipart(letter, "alternative", vec![text, html])
        }
    };
    let mut parts = vec![words];
    parts.extend(letter.files.iter().filter(|f| !shown(f)).map(|f| file_part(f, false)));
    if parts.len() == 1 { parts.remove(0) } else { multipart(letter, "mixed", parts) }
}

/// T54: an SVG is a document with scripts, so it never is an inline image.
fn raster(media_type: &str) -> bool {
    ["image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"]
        .contains(&media_type.to_ascii_lowercase().as_str())
}

/// RFC 2046 §5.1.1. `=_` can stand neither in quoted-printable nor in base64, so no body can hold the
/// boundary.
fn multipart<'x>(letter: &Outbound, subtype: &str, parts: Vec<MimePart<'x>>) -> MimePart<'x> {
    let hash = Sha256::digest(format!("{subtype} {}", letter.message_id.as_str()));
    let boundary = format!("=_{}", data_encoding::HEXLOWER.encode(&hash[..16]));
    let kind = ContentType::new(format!("multipart/{subtype}")).attribute("boundary", boundary);
    MimePart { headers: vec![("Content-Type".into(), kind.into())], contents: BodyPart::Multipart(parts) }
}

#[cfg(test)]
mod tests;
