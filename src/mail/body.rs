//! MIME parts -> words, HTML, attachments (RFC 2045, 2046, 2183, 2392). The library finds the parts; what they mean is said here.

use mail_parser::{Encoding, Message, MessageParser, MessagePart, MimeHeaders, PartType};
use sha2::{Digest, Sha256};
use std::borrow::Cow;

use super::charset::{base64, decode, unstructured};
use super::guard::MAX_ATTACHMENTS;
use super::{Attachment, html, quote, text};

/// Bytes of a text part that are looked at (T49).
const MAX_TEXT: usize = 1024 * 1024;

/// What a body holds.
#[derive(Debug, Default)]
pub(super) struct Body {
    pub text: String,
    /// The same with the marks that [`super::quote`] reads, where the HTML made any.
    pub marked: Option<String>,
    /// The source, as it came.
    pub html: Option<String>,
    pub attachments: Vec<Attachment>,
    /// Parts that a report is made of: media type in lower case, decoded bytes.
    pub report_parts: Vec<(String, Vec<u8>)>,
    /// media type of the whole and, for multipart/report, its report-type.
    pub kind: String,
    pub report_type: String,
    pub defects: Vec<&'static str>,
}

/// `None` where the library cannot make anything of it or panics (T39).
pub(super) fn message(raw: &[u8]) -> Option<Message<'_>> {
    std::panic::catch_unwind(|| MessageParser::default().parse(raw)).ok().flatten()
}

pub(super) fn read(raw: &[u8]) -> Option<Body> {
    let message = message(raw)?;
    let mut body = Body::default();
    if let Some(kind) = message.root_part().content_type() {
        body.kind = media_type(message.root_part());
        body.report_type = kind.attribute("report-type").unwrap_or("").to_ascii_lowercase();
    }
    words(&message, &mut body);
    let html_source = body.html.take();
    attachments(&message, &mut body, html_source.as_deref().unwrap_or(""));
    body.html = html_source;
    Some(body)
}

fn words(message: &Message<'_>, body: &mut Body) {
    let mut plain = String::new();
    let mut converted = String::new();
    let mut source = String::new();
    for part in message.text_bodies() {
        let piece = match &part.body {
            PartType::Text(_) => {
                let piece = decoded(message, part, &mut body.defects);
                let piece = text::clean(&piece);
                plain.push_str(&piece);
                piece
            }
            PartType::Html(_) => marked(&decoded(message, part, &mut body.defects)),
            _ => continue,
        };
        append(&mut converted, &piece);
    }
    for part in message.html_bodies() {
        if let PartType::Html(_) = &part.body {
            append(&mut source, &decoded(message, part, &mut body.defects));
        }
    }
    // A multipart whose boundary never comes is one piece to the library; its words are shown as they stand.
    if plain.trim().is_empty() && source.is_empty() {
        for part in unparted(message) {
            append(&mut converted, &decoded(message, part, &mut body.defects));
        }
    }
    // A text part without words beside an HTML part with some is a placeholder.
    let text = if plain.trim().is_empty() && !source.is_empty() { marked(&source) } else { converted };
    body.text = text::clean(&text);
    body.marked = (body.text.len() != text.len()).then_some(text);
    let has_html = message.html_bodies().any(|p| matches!(p.body, PartType::Html(_)));
    body.html = has_html.then_some(source);
}

fn unparted<'a>(message: &'a Message<'_>) -> impl Iterator<Item = &'a MessagePart<'a>> {
    let parts = message.attachments.iter().filter_map(|&number| message.parts.get(number as usize));
    parts.filter(|part| media_type(part).starts_with("multipart/") && !matches!(part.body, PartType::Multipart(_)))
}

/// The words of HTML with marks: what cleaning would take is taken before, line by line.
fn marked(source: &str) -> String {
    let text = html::to_marked_text(source);
    let lines = text.split('\n').map(|line| {
        let words = line.trim_start_matches([quote::HISTORY, quote::SIGNATURE]);
        format!("{}{}", &line[..line.len() - words.len()], text::clean(words))
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn append(out: &mut String, piece: &str) {
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
    out.push_str(piece);
}

/// The characters of a text part: charset, format=flowed (RFC 3676).
fn decoded(message: &Message<'_>, part: &MessagePart<'_>, defects: &mut Vec<&'static str>) -> String {
    let bytes = bytes(message, part);
    let bytes = &bytes[..bytes.len().min(MAX_TEXT)];
    let kind = part.content_type();
    let label = kind.and_then(|k| k.attribute("charset"));
    let label =
        label.map(str::to_owned).or_else(|| matches!(part.body, PartType::Html(_)).then(|| meta_charset(bytes)).flatten());
    let (decoded, sure) = decode(bytes, label.as_deref());
    if !sure && !defects.contains(&"charset-guessed") {
        defects.push("charset-guessed");
    }
    let value = |name: &str| kind.and_then(|k| k.attribute(name)).map(str::to_ascii_lowercase);
    if value("format").as_deref() == Some("flowed") && !matches!(part.body, PartType::Html(_)) {
        return text::unflow(&decoded.replace("\r\n", "\n"), value("delsp").as_deref() == Some("yes"));
    }
    decoded
}

/// `<meta charset=..>` or its http-equiv form, in the first bytes of an HTML part.
fn meta_charset(bytes: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(2048)]).to_ascii_lowercase();
    let rest = head.split_once("charset=")?.1;
    let rest = rest.trim_start_matches(['"', '\'', ' ']);
    let label: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_.:".contains(*c)).take(40).collect();
    // The page says UTF-16 in ASCII bytes: it cannot be.
    (!label.is_empty() && !label.starts_with("utf-16")).then_some(label)
}

/// The decoded bytes of a part, before any charset.
pub(super) fn bytes<'a>(message: &'a Message<'_>, part: &'a MessagePart<'_>) -> Cow<'a, [u8]> {
    match &part.body {
        PartType::Binary(data) | PartType::InlineBinary(data) => return Cow::Borrowed(data),
        // Decoded, it stands on its own; else the library keeps the bytes of the mail around it, and the offsets tell.
        PartType::Message(inner) if part.encoding != Encoding::None => return Cow::Borrowed(&inner.raw_message),
        PartType::Multipart(_) => return Cow::Borrowed(&[]),
        PartType::Message(_) | PartType::Text(_) | PartType::Html(_) => {}
    }
    let (from, to) = (part.offset_body as usize, part.offset_end as usize);
    let raw = message.raw_message.get(from..to).unwrap_or_default();
    match part.encoding {
        Encoding::None => Cow::Borrowed(raw),
        Encoding::QuotedPrintable => Cow::Owned(quoted_printable(raw)),
        Encoding::Base64 => Cow::Owned(base64(raw)),
    }
}

/// RFC 2045 §6.7; what is no escape stays as it is.
fn quoted_printable(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    for line in raw.split_inclusive(|&b| b == b'\n') {
        let end = line.iter().rposition(|b| !b.is_ascii_whitespace()).map_or(0, |n| n + 1);
        let ending: &[u8] = if line.ends_with(b"\r\n") {
            b"\r\n"
        } else if line.ends_with(b"\n") {
            b"\n"
        } else {
            b""
        };
        let mut rest = &line[..end];
        let mut soft = false;
        while let [first, tail @ ..] = rest {
            rest = tail;
            match (first, tail) {
                (b'=', []) => soft = true,
                (b'=', [a, b, after @ ..]) if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => {
                    out.push(super::charset::hex(*a) << 4 | super::charset::hex(*b));
                    rest = after;
                }
                _ => out.push(*first),
            }
        }
        if !soft {
            out.extend_from_slice(ending);
        }
    }
    out
}

fn media_type(part: &MessagePart<'_>) -> String {
    let Some(kind) = part.content_type() else {
        return if matches!(part.body, PartType::Message(_)) { "message/rfc822".to_owned() } else { "text/plain".to_owned() };
    };
    let whole = format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or("")).to_ascii_lowercase();
    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$&-^_.+/".contains(&b);
    let fine = whole.len() <= 120
        && whole.bytes().all(token)
        && !whole.ends_with('/')
        && !whole.starts_with('/')
        && whole.matches('/').count() == 1;
    if fine { whole } else { "application/octet-stream".to_owned() }
}

fn attachments(message: &Message<'_>, body: &mut Body, html: &str) {
    for &number in &message.attachments {
        let Some(part) = message.parts.get(number as usize) else {
            continue;
        };
        let media_type = media_type(part);
        let data = bytes(message, part);
        if body.kind == "multipart/report" || media_type.starts_with("message/") || media_type == "text/rfc822-headers" {
            body.report_parts.push((media_type.clone(), data[..data.len().min(256 * 1024)].to_vec()));
        }
        if body.attachments.len() >= MAX_ATTACHMENTS {
            body.defects.push("too-many-attachments");
            return;
        }
        let content_id =
            part.content_id().map(|id| text::clean_line(id).trim_matches(['<', '>']).to_owned()).filter(|id| !id.is_empty());
        let disposition = part.content_disposition();
        let attached = disposition.is_some_and(|d| d.ctype().eq_ignore_ascii_case("attachment"));
        let shown = content_id.as_ref().is_some_and(|id| html.contains(&format!("cid:{id}")));
        let inline = disposition.is_some_and(|d| d.ctype().eq_ignore_ascii_case("inline")) || (shown && !attached);
        body.attachments.push(Attachment {
            part: number,
            filename: name(part),
            media_type,
            size: data.len() as u64,
            sha256: Sha256::digest(&data).into(),
            inline,
            content_id,
        });
    }
}

/// RFC 2183 §2.3 before RFC 2045's name; encoded words in it are wrong and everywhere (RFC 2047 §5).
fn name(part: &MessagePart<'_>) -> String {
    let raw = part.attachment_name().unwrap_or("");
    let decoded = if raw.contains("=?") { unstructured(raw.as_bytes()) } else { raw.to_owned() };
    text::file_name(&decoded)
}
