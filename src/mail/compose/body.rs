//! The parts of a letter: which encoding a text gets, and what a file is called (T42, T51).

use std::borrow::Cow;

use mail_builder::encoders::base64::{Base64Encoder, base64_encoded_len};
use mail_builder::encoders::quoted_printable::QuotedPrintableEncoder;
use mail_builder::headers::HeaderType;
use mail_builder::headers::raw::Raw;
use mail_builder::mime::{BodyPart, MimePart};

use crate::mail::outbound::OutFile;

/// Octets of a line of quoted-printable (RFC 2045 §6.7 (5)).
const MAX_LINE: usize = 76;
/// Octets that quoted-printable may be longer than base64: a short text stays readable.
const READABLE_EXTRA: usize = 60;
/// Bytes of a file name (T51).
const MAX_FILE_NAME: usize = 150;

/// A text, in LF or CRLF lines.
pub(super) fn text_part(content_type: &'static str, text: &str) -> MimePart<'static> {
    let mut text = text.replace("\r\n", "\n").replace('\r', "\n");
    if !text.ends_with('\n') {
        text.push('\n');
    }
    // The crate would write any other control as it stands; in base64 it arrives as it is.
    let plain = !text.bytes().any(|b| b < b' ' && b != b'\n' && b != b'\t');
    let readable = plain.then(|| quoted_printable(&text));
    let readable = readable.filter(|q| q.len() <= base64_encoded_len(text.len()) + READABLE_EXTRA);
    let (encoding, bytes) = match readable {
        Some(bytes) => ("quoted-printable", bytes),
        None => ("base64", base64(text.replace('\n', "\r\n").as_bytes())),
    };
    encoded_part(vec![("Content-Type".into(), Raw::new(content_type).into())], encoding, bytes)
}

/// The part of a file without its bytes. They stand in base64 whatever they are: the crate would write a text
/// file as it stands, with dots and controls (T42).
pub(super) fn file_part(file: &OutFile) -> MimePart<'_> {
    let mut headers: Vec<(Cow<'_, str>, HeaderType<'_>)> =
        vec![("Content-Type".into(), Raw::new(media_type(&file.media_type)).into())];
    let disposition = disposition(file.filename.as_str());
    headers.push(("Content-Disposition".into(), Raw::new(disposition).into()));
    encoded_part(headers, "base64", Vec::new())
}

/// A part whose bytes are encoded already.
fn encoded_part<'x>(
    headers: Vec<(Cow<'x, str>, HeaderType<'x>)>,
    encoding: &'static str,
    bytes: Vec<u8>,
) -> MimePart<'x> {
    MimePart { headers, contents: BodyPart::Binary(bytes.into()) }.transfer_encoding(encoding)
}

/// Lines of 76 (RFC 2045 §6.8).
fn base64(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(encoded_len(data.len()));
    base64_into(&mut out, data);
    out
}

/// The same behind what stands there already.
pub(super) fn base64_into(out: &mut Vec<u8>, data: &[u8]) {
    Base64Encoder::new().wrap_lines().encode_into(data, out);
}

/// How long so many octets become in lines of base64, at most.
pub(super) fn encoded_len(octets: usize) -> usize {
    let plain = base64_encoded_len(octets);
    plain + plain / 38 + 2
}

/// RFC 2045 §6.7. A dot, `From ` and `--` at the begin of a line are encoded too, which the crate does not
/// do: so no relay changes them, and none takes them for the end of the data, of a mail or of a part (T42).
fn quoted_printable(text: &str) -> Vec<u8> {
    let mut encoded = Vec::with_capacity(text.len() + text.len() / 8);
    QuotedPrintableEncoder::new().preserve_line_breaks().encode_into(text.as_bytes(), &mut encoded);
    let mut out = Vec::with_capacity(encoded.len() + 64);
    for line in encoded.split_inclusive(|&b| b == b'\n') {
        push_harmless(&mut out, line);
    }
    out
}

/// A line of quoted-printable with its line end, its first octet encoded where it could be mistaken. It is
/// broken again where that makes it too long.
fn push_harmless(out: &mut Vec<u8>, mut line: &[u8]) {
    while line.starts_with(b".") || line.starts_with(b"From ") || line.starts_with(b"--") {
        out.extend_from_slice(format!("={:02X}", line[0]).as_bytes());
        line = &line[1..];
        if line.len() + 3 <= MAX_LINE + 2 {
            break;
        }
        // Not within an escape, and with room for the `=` of the break.
        let mut end = MAX_LINE - 4;
        end -= line[end - 2..end].iter().rev().position(|&b| b == b'=').map_or(0, |n| n + 1);
        out.extend_from_slice(&line[..end]);
        out.extend_from_slice(b"=\r\n");
        line = &line[end..];
    }
    out.extend_from_slice(line);
}

/// A disposition with the name of the file, as ASCII for all and by RFC 2231 §4 beside it where that is
/// another (RFC 6266 appendix D). The crate would cut a long name into sections, `filename*0*=`; readers
/// that see `filename=` beside them read a mixture of both.
fn disposition(name: &str) -> String {
    let whole = |end: &usize| name.is_char_boundary(*end);
    let name = &name[..(0..=name.len().min(MAX_FILE_NAME)).rev().find(whole).unwrap_or(0)];
    if name.is_empty() {
        return "attachment".to_owned();
    }
    let plain: String = name
        .chars()
        .map(|c| if (' '..='~').contains(&c) && c != '"' && c != '\\' { c } else { '_' })
        .collect();
    let mut out = format!("attachment;\r\n filename=\"{plain}\"");
    if !name.is_ascii() {
        out.push_str(";\r\n filename*=UTF-8''");
        for byte in name.bytes() {
            match byte {
                b if b.is_ascii_alphanumeric() || b"-._~".contains(&b) => out.push(char::from(b)),
                b => out.push_str(&format!("%{b:02X}")),
            }
        }
    }
    out
}

/// RFC 2045 §5.1: type and subtype are tokens; parameters are not passed on. message/* and multipart/* may
/// not be base64 (RFC 2046 §5.1, §5.2), so they travel as plain bytes.
fn media_type(text: &str) -> String {
    let token = |t: &str| {
        (1..=60).contains(&t.len())
            && t.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
    };
    let lower = text.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    match lower.split_once('/') {
        Some((kind, sub)) if token(kind) && token(sub) && !["message", "multipart"].contains(&kind) => lower,
        _ => "application/octet-stream".to_owned(),
    }
}
