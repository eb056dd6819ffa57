//! Outbound -> bytes: the same value gives the same bytes. The one writer of header fields (T42, T43, T44).

mod encode;
mod wellformed;

use sha2::{Digest, Sha256};

use super::address::AddrSpec;
use super::line::Line;
use super::outbound::{OutFile, Outbound};
use encode::{body, civil, file_name, fold, media_type, phrase, words};
pub use wellformed::is_well_formed;

/// Fields that only this writer writes, or that no letter of ours may have (table H): never taken from
/// `extra`.
const OURS: [&str; 31] = [
    "from",
    "sender",
    "reply-to",
    "to",
    "cc",
    "bcc",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "mime-version",
    "auto-submitted",
    "precedence",
    "x-auto-response-suppress",
    "list-id",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "x-maildesk-loop",
    "return-path",
    "received",
    "delivered-to",
    "x-original-to",
    "envelope-to",
    "dkim-signature",
    "authentication-results",
    "disposition-notification-to",
    "return-receipt-to",
    "apparently-to",
    "errors-to",
    "x-confirm-reading-to",
];

/// The bytes of a letter: CRLF only, 7 bit, lines of at most 998 octets. Boundaries follow from the
/// Message-ID.
pub fn compose(letter: &Outbound) -> Vec<u8> {
    let mut out = String::with_capacity(2048 + letter.text.len() * 2);
    head(&mut out, letter);
    out.push_str("MIME-Version: 1.0\r\n");
    out.push_str(&content(letter));
    let bytes = out.into_bytes();
    debug_assert!(is_well_formed(&bytes), "the one writer wrote a letter that it would not send");
    bytes
}

fn head(out: &mut String, letter: &Outbound) {
    let mut field = |name: &str, value: &str| {
        out.push_str(name);
        out.push_str(": ");
        out.push_str(value);
        out.push_str("\r\n");
    };
    field("Date", &civil(letter.date));
    field("From", &mailbox("From", &letter.from_name, &letter.from));
    field("To", &mailbox("To", &letter.to_name, &letter.to));
    if let Some(address) = &letter.reply_to {
        field("Reply-To", address.as_str());
    }
    field("Subject", &words("Subject", letter.subject.as_str(), 60));
    field("Message-ID", &letter.message_id.to_string());
    if let Some(id) = &letter.in_reply_to {
        field("In-Reply-To", &id.to_string());
    }
    let ids: Vec<String> = letter.references.iter().map(ToString::to_string).collect();
    if !ids.is_empty() {
        // RFC 5322 §2.2.3: one id a line is always a legal fold, and no id is longer than 252 octets.
        field("References", &ids.join("\r\n "));
    }
    if let Some(value) = letter.auto_submitted {
        field("Auto-Submitted", value);
    }
    if let Some(value) = letter.precedence {
        field("Precedence", value);
    }
    if letter.suppress {
        // MS-OXCMAIL 2.1.3.2.20: not `All`, which would suppress the report that our letter did not arrive.
        field("X-Auto-Response-Suppress", "DR, RN, NRN, OOF, AutoReply");
    }
    if let Some(id) = &letter.list_id {
        field("List-Id", &list_id(id.as_str()));
    }
    if let Some(addresses) = &letter.list_unsubscribe {
        // RFC 2369 §2: each in angle brackets; RFC 5322 §2.2.3: one a line is always a legal fold.
        let all = addresses.iter().map(|a| format!("<{}>", a.replace(['<', '>', '\r', '\n', ' '], "")));
        field("List-Unsubscribe", &all.collect::<Vec<_>>().join(",\r\n "));
        field("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
    }
    if !letter.loop_mark.as_str().is_empty() {
        field("X-Maildesk-Loop", &words("X-Maildesk-Loop", letter.loop_mark.as_str(), 900));
    }
    for (name, value) in letter.extra.iter().filter(|(name, _)| extra_allowed(name)) {
        field(name, &words(name, value.as_str(), 900));
    }
}

/// RFC 5322 §3.6.8: ftext is printable ASCII but the colon. Content-* and Resent-* belong to the writer too.
fn extra_allowed(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    (1..=70).contains(&name.len())
        && name.bytes().all(|b| (0x21..=0x7e).contains(&b) && b != b':')
        && !OURS.contains(&lower.as_str())
        && !lower.starts_with("content-")
        && !lower.starts_with("resent-")
        && !lower.starts_with("arc-")
}

fn mailbox(field: &str, name: &Line, address: &AddrSpec) -> String {
    let name = phrase(field, name.as_str());
    if name.is_empty() { address.as_str().to_owned() } else { fold(field, &format!("{name} <{address}>")) }
}

/// RFC 2919 §3: angle brackets around the identifier; what is not plain ASCII cannot be one.
fn list_id(text: &str) -> String {
    let id = text.rsplit_once('<').map_or(text, |(_, id)| id);
    let id: String =
        id.chars().filter(|c| c.is_ascii_alphanumeric() || "-._".contains(*c)).take(255).collect();
    format!("<{id}>")
}

/// Everything from the first Content-Type field to the end.
fn content(letter: &Outbound) -> String {
    let shown = |f: &&OutFile| letter.html.is_some() && f.content_id.is_some() && raster(&f.media_type);
    let text = text_part("plain", &letter.text);
    let words = match &letter.html {
        None => text,
        Some(html) => {
            let mut parts = vec![text_part("html", html)];
            parts.extend(letter.files.iter().filter(shown).map(|f| file_part(f, true)));
            let html = if parts.len() == 1 { parts.remove(0) } else { multipart(letter, "related", &parts) };
            multipart(letter, "alternative", &[text, html])
        }
    };
    let files: Vec<String> = letter.files.iter().filter(|f| !shown(f)).map(|f| file_part(f, false)).collect();
    if files.is_empty() {
        return words;
    }
    let parts: Vec<String> = std::iter::once(words).chain(files).collect();
    multipart(letter, "mixed", &parts)
}

/// T54: an SVG is a document with scripts, so it never is an inline image.
fn raster(media_type: &str) -> bool {
    ["image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"]
        .contains(&media_type.to_ascii_lowercase().as_str())
}

fn text_part(subtype: &str, text: &str) -> String {
    let (encoding, body) = body(text);
    format!(
        "Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{body}"
    )
}

fn file_part(file: &OutFile, inline: bool) -> String {
    let id = match &file.content_id {
        Some(id) if inline => format!("Content-ID: {id}\r\n"),
        _ => String::new(),
    };
    format!(
        "Content-Type: {}\r\n{id}Content-Disposition: {}{}\r\nContent-Transfer-Encoding: base64\r\n\r\n{}",
        media_type(&file.media_type),
        if inline { "inline" } else { "attachment" },
        file_name(file.filename.as_str()),
        encode::base64_lines(&file.data)
    )
}

/// RFC 2046 §5.1.1. `=_` can stand neither in quoted-printable nor in base64, so no body can hold the
/// boundary.
fn multipart(letter: &Outbound, subtype: &str, parts: &[String]) -> String {
    let hash = Sha256::digest(format!("{subtype} {}", letter.message_id.as_str()));
    let boundary = format!("=_{}", data_encoding::HEXLOWER.encode(&hash[..16]));
    let mut out = format!("Content-Type: multipart/{subtype};\r\n boundary=\"{boundary}\"\r\n\r\n");
    for part in parts {
        out.push_str(&format!("--{boundary}\r\n{part}\r\n"));
    }
    out.push_str(&format!("--{boundary}--\r\n"));
    out
}

#[cfg(test)]
mod tests;
