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
use body::{base64_into, encoded_len, file_part, text_part};
pub use head::extra_allowed;
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

/// The words in their versions.
fn content(letter: &Outbound) -> MimePart<'_> {
    let text = text_part("text/plain; charset=utf-8", &letter.text);
    match &letter.html {
        None => text,
        Some(html) => {
            let html = text_part("text/html; charset=utf-8", html);
            multipart(letter.message_id.as_str(), "alternative", vec![text, html])
        }
    }
}

/// A composed letter with files behind its words. Their bytes are kept once, with the mail that brought them,
/// and come into a letter when it is sent: the same letter and files give the same bytes. Each file is
/// encoded straight into the letter and let go, so that the largest letter is in memory about once (T115).
pub fn attach(letter: &[u8], files: Vec<OutFile>) -> Vec<u8> {
    let Some(end) = memchr::memmem::find(letter, b"\r\n\r\n").filter(|_| !files.is_empty()) else {
        return letter.to_vec();
    };
    let (head, body) = (&letter[..end + 2], &letter[end + 4..]);
    // The fields of the content stand last: they go with the words into their part.
    let content = memchr::memmem::find(head, b"\r\nContent-Type:").map_or(end + 2, |at| at + 2);
    let parts = files.iter().map(|f| file_part(f)).collect();
    let mixed = multipart(&id_of(head), "mixed", parts);
    let mut outer = Vec::new();
    mixed.write_part(&mut outer);
    let first = memchr::memmem::find(&outer, b"\r\n--").map_or(outer.len(), |at| at + 2);
    let delimiter_end =
        memchr::memmem::find(&outer[first..], b"\r\n").map_or(outer.len(), |at| first + at + 2);
    let encoded: usize = files.iter().map(|f| encoded_len(f.data.len())).sum();
    // The first delimiter stands twice: before the words and before the first file.
    let mut out = Vec::with_capacity(letter.len() + outer.len() + (delimiter_end - first) + 2 + encoded);
    out.extend_from_slice(&head[..content]);
    out.extend_from_slice(&outer[..delimiter_end]);
    out.extend_from_slice(&head[content..]);
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(body);
    let mut frame = &outer[first - 2..];
    for file in files {
        // The head of its part; the parts stand there without their bodies.
        let head = memchr::memmem::find(frame, b"\r\n\r\n").map_or(frame.len(), |at| at + 4);
        out.extend_from_slice(&frame[..head]);
        base64_into(&mut out, &file.data);
        frame = &frame[head..];
    }
    out.extend_from_slice(frame);
    debug_assert!(is_well_formed(&out), "the one writer wrote a letter that it would not send");
    out
}

/// The Message-ID of a composed letter, without its brackets.
fn id_of(head: &[u8]) -> String {
    let field = b"\r\nMessage-ID: <";
    let start = memchr::memmem::find(head, field).map_or(head.len(), |at| at + field.len());
    let end = memchr::memchr(b'>', &head[start..]).map_or(start, |at| start + at);
    String::from_utf8_lossy(&head[start..end]).into_owned()
}

/// RFC 2046 §5.1.1. `=_` can stand neither in quoted-printable nor in base64, so no body can hold the
/// boundary.
fn multipart<'x>(message_id: &str, subtype: &str, parts: Vec<MimePart<'x>>) -> MimePart<'x> {
    let hash = Sha256::digest(format!("{subtype} {message_id}"));
    let boundary = format!("=_{}", data_encoding::HEXLOWER.encode(&hash[..16]));
    let kind = ContentType::new(format!("multipart/{subtype}")).attribute("boundary", boundary);
    MimePart { headers: vec![("Content-Type".into(), kind.into())], contents: BodyPart::Multipart(parts) }
}

#[cfg(test)]
mod tests;
