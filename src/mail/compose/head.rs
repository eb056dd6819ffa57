//! The header fields of a letter, in their order. What stands in them is checked here: the crate writes ids,
//! addresses and raw values as they come (T43, T44).

use std::borrow::Cow;

use data_encoding::BASE64;
use mail_builder::headers::HeaderType;
use mail_builder::headers::address::Address;
use mail_builder::headers::date::Date;
use mail_builder::headers::raw::Raw;
use mail_builder::headers::text::Text;

use crate::mail::address::AddrSpec;
use crate::mail::line::Line;
use crate::mail::outbound::Outbound;

type Field<'x> = (Cow<'x, str>, HeaderType<'x>);

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

/// 9999-12-31T23:59:59Z, the last second that a Date field can name (RFC 5322 §3.3: a year has four digits).
const LAST_SECOND: i64 = 253_402_300_799;
/// A longer run of letters without a space is encoded in a subject, since it could not be folded.
const MAX_RUN: usize = 60;
/// The same for a field that machines read: there only the limit of a line counts (RFC 5322 §2.1.1).
const MAX_RUN_MACHINE: usize = 900;
/// A longer name is encoded.
const MAX_NAME: usize = 60;
/// Octets of one encoded word before encoding (RFC 2047 §2: a word has at most 75).
const MAX_WORD: usize = 45;

/// All fields but Content-*.
pub(super) fn fields(letter: &Outbound) -> Vec<Field<'_>> {
    let mut out: Vec<Field<'_>> = Vec::with_capacity(20);
    let mut field = |name, value| out.push((Cow::Borrowed(name), value));
    field("Date", Date::new(letter.date.clamp(0, LAST_SECOND)).into());
    field("From", mailbox(&letter.from_name, &letter.from));
    field("To", mailbox(&letter.to_name, &letter.to));
    if let Some(address) = &letter.reply_to {
        field("Reply-To", raw(address.wire()));
    }
    field("Subject", unstructured(&letter.subject, MAX_RUN));
    field("Message-ID", raw(letter.message_id.to_string()));
    if let Some(id) = &letter.in_reply_to {
        field("In-Reply-To", raw(id.to_string()));
    }
    if !letter.references.is_empty() {
        // RFC 5322 §2.2.3: one id a line is always a legal fold, and no id is longer than 252 octets.
        let ids: Vec<String> = letter.references.iter().map(ToString::to_string).collect();
        field("References", raw(ids.join("\r\n ")));
    }
    if let Some(value) = letter.auto_submitted {
        field("Auto-Submitted", raw(value));
    }
    if let Some(value) = letter.precedence {
        field("Precedence", raw(value));
    }
    if letter.suppress {
        // MS-OXCMAIL 2.1.3.2.20: not `All`, which would suppress the report that our letter did not arrive.
        field("X-Auto-Response-Suppress", raw("DR, RN, NRN, OOF, AutoReply"));
    }
    if let Some(id) = &letter.list_id {
        field("List-Id", raw(list_id(id.as_str())));
    }
    if let Some(addresses) = &letter.list_unsubscribe {
        // RFC 2369 §2: each in angle brackets; RFC 5322 §2.2.3: one a line is always a legal fold.
        let all = addresses.iter().map(|a| format!("<{}>", a.replace(['<', '>', '\r', '\n', ' '], "")));
        field("List-Unsubscribe", raw(all.collect::<Vec<_>>().join(",\r\n ")));
        field("List-Unsubscribe-Post", raw("List-Unsubscribe=One-Click"));
    }
    if !letter.loop_mark.as_str().is_empty() {
        field("X-Maildesk-Loop", unstructured(&letter.loop_mark, MAX_RUN_MACHINE));
    }
    for (name, value) in letter.extra.iter().filter(|(name, _)| extra_allowed(name)) {
        field(name, unstructured(value, MAX_RUN_MACHINE));
    }
    field("MIME-Version", raw("1.0"));
    out
}

/// A value that is written as it stands, and folded at its spaces.
fn raw<'x>(value: impl Into<Cow<'x, str>>) -> HeaderType<'x> {
    Raw::new(value).into()
}

/// Whether a field of this name may stand on a letter beside those that its writer writes; the configuration
/// asks this, too. RFC 5322 §3.6.8: ftext is printable ASCII but the colon, and here at most 70 of it.
/// Content-*, Resent-* and ARC-* belong to the writer.
pub fn extra_allowed(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    (1..=70).contains(&name.len())
        && name.bytes().all(|b| (0x21..=0x7e).contains(&b) && b != b':')
        && !OURS.contains(&lower.as_str())
        && !lower.starts_with("content-")
        && !lower.starts_with("resent-")
        && !lower.starts_with("arc-")
}

/// An unstructured value: as it stands where that is read as the same line again, else in encoded words.
fn unstructured(line: &Line, longest_run: usize) -> HeaderType<'_> {
    let text = line.as_str();
    if is_mistakable(text) {
        return raw(encoded_words(text));
    }
    let foldable = text.split(' ').all(|run| run.len() <= longest_run);
    if text.is_ascii() && foldable { raw(text) } else { Text::new(text).into() }
}

/// Whether ASCII text looks like an encoded word (RFC 2047 §2). The crate lets it stand, and a reader would
/// decode it to whatever it says, line ends too (T43).
fn is_mistakable(text: &str) -> bool {
    text.is_ascii() && text.contains("=?")
}

/// ASCII text in encoded words.
fn encoded_words(text: &str) -> String {
    let words = text.as_bytes().chunks(MAX_WORD).map(|piece| format!("=?utf-8?B?{}?=", BASE64.encode(piece)));
    words.collect::<Vec<_>>().join(" ")
}

/// A display name and an address. The name as it stands where it is made of atoms (RFC 5322 §3.2.5), which
/// reads best, else a quoted string or encoded words.
fn mailbox<'x>(name: &'x Line, address: &'x AddrSpec) -> HeaderType<'x> {
    let atom = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~ ".contains(&b);
    match name.as_str() {
        "" => raw(address.wire()),
        name if is_mistakable(name) => raw(format!("{} <{}>", encoded_words(name), address.wire())),
        name if name.len() <= MAX_NAME && name.bytes().all(atom) => {
            raw(format!("{name} <{}>", address.wire()))
        }
        name => Address::new_address(Some(name), address.wire()).into(),
    }
}

/// RFC 2919 §3: angle brackets around the identifier; what is not plain ASCII cannot be one.
fn list_id(text: &str) -> String {
    let id = text.rsplit_once('<').map_or(text, |(_, id)| id);
    let id: String =
        id.chars().filter(|c| c.is_ascii_alphanumeric() || "-._".contains(*c)).take(255).collect();
    format!("<{id}>")
}
