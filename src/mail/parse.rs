//! Bytes -> Inbound. Never fails, never panics (T39).
//!
//! Header and MIME structure are read by our own linear code without recursion (T36 to T38). What is over a
//! limit is shown from its header and its raw text.

use std::borrow::Cow;
use std::panic::AssertUnwindSafe;

use mail_parser::DateTime;
use sha2::{Digest, Sha256};

use super::address::{AddrSpec, Mailbox, MessageId, Sender};
use super::body::{self, Body};
use super::charset::{decode, unstructured};
use super::field::{Head, next_line, smuggles, without_comments};
use super::inbound::{Inbound, SUBJECT_CHARS_MAX};
use super::text::{clean, clean_line};
use super::{added, authres, automatic, dkim, html, mailbox, quote, report};

/// Ids that are looked at (T38).
const MAX_REFERENCES: usize = 100;
/// Bytes of a Subject field that are decoded: the longest subject in encoded words of 75 octets has room.
const MAX_SUBJECT: usize = 16 * 1024;
/// How brackets of ids are found escaped.
const ESCAPES: [(&str, &str); 7] =
    [("&lt;", "<"), ("&gt;", ">"), ("&#60;", "<"), ("&#62;", ">"), ("%3C", "<"), ("%3E", ">"), ("\\<", "<")];
/// Bytes of a body that is shown raw.
const MAX_RAW_TEXT: usize = 256 * 1024;

/// Parses a raw mail. Linear in time, bounded in memory (T36 to T38).
pub fn parse(raw: &[u8]) -> Inbound {
    safely(raw, |raw| {
        let mut mail = parse_words(raw, true);
        mail.html = mail.html.map(|source| html::harmless(&source));
        mail
    })
}

#[cfg(test)]
thread_local! {
    static PARSED: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
}

/// How many mails were parsed for intake by this thread.
#[cfg(test)]
pub fn parsed() -> u32 {
    PARSED.get()
}

/// As [`parse`], for intake: `html` stays empty and the versions of one text are not compared, since nothing
/// is decided by either and both cost more than all the rest.
pub fn parse_for_intake(raw: &[u8]) -> Inbound {
    #[cfg(test)]
    PARSED.set(PARSED.get() + 1);
    safely(raw, |raw| parse_words(raw, false))
}

/// Builds the tables of all rules, which the first mail would wait for otherwise: up to a third of a second
/// in a debug build.
pub fn warm_up() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    // Not those of reports: they are large, and few mails need them.
    const ANSWER: &[u8] = b"From: a@b.example\nSubject: Re: x\nContent-Type: text/html\n\n\
            <p>x<br>-- <br>a</p><div class=gmail_quote>\
        On Mon, 1 Jan 2024 at 10:00, A wrote:<blockquote>x</blockquote></div>";
    ONCE.call_once(|| {
        parse_for_intake(ANSWER);
    });
}

/// The one wrapper around all reading of mail bytes: a mail on which it panics has the defect `parser-failed`
/// and is held with its bytes (T34, T39).
fn safely(raw: &[u8], reader: impl Fn(&[u8]) -> Inbound) -> Inbound {
    std::panic::catch_unwind(AssertUnwindSafe(|| reader(raw))).unwrap_or_else(|_| unread(raw))
}

/// The defect of a mail on which the parser fails: nothing else about it is known.
pub const UNREAD: &str = "parser-failed";

/// A mail that cannot be read: it is held with its bytes (T34).
pub fn unread(raw: &[u8]) -> Inbound {
    Inbound {
        content_hash: Sha256::digest(raw).into(),
        size: raw.len() as u64,
        defects: vec![UNREAD],
        ..Inbound::default()
    }
}

/// Where it is wanted, `html` holds the source as it came.
fn parse_words(raw: &[u8], html: bool) -> Inbound {
    let head = Head::split(raw);
    let mut mail = Inbound { size: raw.len() as u64, defects: head.defects.clone(), ..Inbound::default() };
    from_head(&head, &mut mail);
    mail.signatures = dkim::signatures_of(&head);
    mail.stamps = authres::stamps_of(&head);
    mail.content_hash = content_hash(&head, raw.get(head.body..).unwrap_or_default());
    let body = match body_of(raw, &head, html) {
        Ok(body) => body,
        Err(defect) => {
            note(&mut mail, defect);
            raw_body(raw, head.body)
        }
    };
    for defect in &body.defects {
        note(&mut mail, defect);
    }
    if smuggles(raw) {
        note(&mut mail, "end-of-data-in-body");
    }
    mail.report = report::find(&head, &mail, &body);
    let text = body.marked.as_deref().unwrap_or(&body.text);
    mail.words = quote::fold_of(&mail.subject, text);
    mail.first = begins(&head, &mail).then(|| quote::fold_first(text)).filter(|first| *first != mail.words);
    mail.automatic =
        automatic::automatic(&head, &mail, mail.report.is_some() || body.kind == "multipart/report");
    mail.seen_hash_lines = body.html.as_deref().map(|source| seen_hash_lines(&mail, source));
    mail.html = body.html.filter(|_| html).map(|source| clean(&source));
    mail.attachments = body.attachments;
    mail.reaction = added::is_reaction(&mail.attachments, &mail.words.text);
    mail
}

/// It answers nothing, as far as it says: no field names a mail, and the subject bears no mark of an answer.
fn begins(head: &Head, mail: &Inbound) -> bool {
    let folded = !mail.words.quoted.is_empty() || !mail.words.signature.is_empty();
    folded
        && head.first("in-reply-to").is_none()
        && head.first("references").is_none()
        && !quote::is_answer(&mail.subject)
}

/// The decoded bytes of one attachment, by [`super::inbound::Attachment::part`].
pub fn attachment(raw: &[u8], part: u32) -> Option<Vec<u8>> {
    attachments(raw, &[part]).pop().flatten()
}

/// The decoded bytes of some attachments, in the order in which they are asked for; `None` for a part that is
/// none. The mail is walked over once, however many there are.
pub fn attachments(raw: &[u8], parts: &[u32]) -> Vec<Option<Vec<u8>>> {
    let files = || {
        let head = Head::split(raw);
        (!head.is_over_limit()).then(|| body::files(raw, &head, parts))
    };
    let files = std::panic::catch_unwind(AssertUnwindSafe(files)).ok().flatten();
    files.unwrap_or_else(|| vec![None; parts.len()])
}

/// For [`Inbound::seen_hash_lines`]. The HTML is read as it is seen only where one of the two versions can
/// begin with such a line: it costs as much as all the rest, and few mails have one.
fn seen_hash_lines(mail: &Inbound, source: &str) -> String {
    let read = mail.words.text.lines().find(|line| !line.trim_end().is_empty());
    if !read.is_some_and(|line| line.starts_with('#')) && !html::may_show_hash_line(source) {
        return String::new();
    }
    let seen = quote::fold_of(&mail.subject, &body::seen(source));
    let top = seen.text.lines().map(str::trim_end).take_while(|l| l.is_empty() || l.starts_with('#'));
    top.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

fn body_of(raw: &[u8], head: &Head, compare: bool) -> Result<Body, &'static str> {
    if head.is_over_limit() { Err("header-too-long") } else { body::gather(raw, head, compare) }
}

fn note(mail: &mut Inbound, defect: &'static str) {
    if !mail.defects.contains(&defect) {
        mail.defects.push(defect);
    }
}

fn raw_body(raw: &[u8], start: usize) -> Body {
    let rest = raw.get(start..).unwrap_or_default();
    let (text, _) = decode(&rest[..rest.len().min(MAX_RAW_TEXT)], None);
    Body { text: clean(&text), ..Body::default() }
}

fn from_head(head: &Head, mail: &mut Inbound) {
    mail.from = mailbox::sender(head.all("from"));
    mail.to = mailboxes(head, "to");
    mail.cc = mailboxes(head, "cc");
    mail.reply_to =
        head.first("reply-to").and_then(|v| mailbox::list(v).into_iter().find(|m| !m.address.is_empty()));
    mail.subject = head.first("subject").map(subject).unwrap_or_default();
    mail.message_id = head.first("message-id").and_then(message_id);
    mail.date = head.first("date").and_then(date);
    mail.references = ids(head, "references");
    mail.in_reply_to = ids(head, "in-reply-to");
    if !mail.references.is_empty() && head.first("in-reply-to").is_some_and(phrased) {
        // `Your message of Monday <ann@example.com>`: what looks like an id may be an address; References
        // know better.
        mail.in_reply_to.retain(|id| mail.references.contains(id));
    }
    mail.loop_marks =
        head.all("x-maildesk-loop").take(20).map(|v| clean_line(&String::from_utf8_lossy(v))).collect();
    for name in ["delivered-to", "x-original-to", "envelope-to"] {
        mail.delivered_to.extend(
            head.all(name).take(20).flat_map(mailbox::list).filter_map(|m| AddrSpec::parse(&m.address)),
        );
    }
    mail.return_path = head.first("return-path").map(return_path);
    defects(head, mail);
}

/// The words of a Subject field, bounded before and after they are decoded (T122).
fn subject(raw: &[u8]) -> String {
    let line = clean_line(&unstructured(&raw[..raw.len().min(MAX_SUBJECT)]));
    line.chars().take(SUBJECT_CHARS_MAX).collect::<String>().trim_end().to_owned()
}

fn defects(head: &Head, mail: &mut Inbound) {
    let twice = [
        ("from", "two-from"),
        ("subject", "two-subject"),
        ("date", "two-date"),
        ("message-id", "two-message-id"),
        ("to", "two-to"),
        ("reply-to", "two-reply-to"),
        ("sender", "two-sender"),
    ];
    for (name, defect) in twice {
        if head.count(name) > 1 {
            note(mail, defect);
        }
    }
    match &mail.from {
        Sender::Missing => note(mail, "no-from"),
        Sender::Unclear { .. } => note(mail, "unclear-from"),
        Sender::One { name, address } => {
            let (claims, mixes) = (mailbox::claims_another(name, address), address.mixes_scripts());
            let odd = address.has_odd_dots() || head.first("from").is_some_and(mailbox::is_odd);
            if odd {
                note(mail, "odd-from");
            }
            if claims {
                note(mail, "address-in-name");
            }
            if mixes {
                note(mail, "mixed-script-domain");
            }
        }
    }
    match (mail.date, head.count("date")) {
        (None, 0) => note(mail, "no-date"),
        (None, _) => note(mail, "bad-date"),
        _ => {}
    }
    match (&mail.message_id, head.count("message-id")) {
        (None, 0) => note(mail, "no-message-id"),
        (None, _) => note(mail, "bad-message-id"),
        _ => {}
    }
    if mail.size == 0 {
        note(mail, "empty");
    }
}

fn mailboxes(head: &Head, name: &str) -> Vec<Mailbox> {
    let mut all: Vec<Mailbox> = head.all(name).flat_map(mailbox::list).take(mailbox::MAX_ADDRESSES).collect();
    all.retain(|m| !m.address.is_empty() || !m.name.is_empty());
    all
}

/// RFC 5322 §3.6.4; what follows the bracket is ignored, an id without brackets is taken as it is.
fn message_id(raw: &[u8]) -> Option<MessageId> {
    let text = id_text(std::str::from_utf8(raw).ok()?);
    let inner = text
        .split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'))
        .map(|(id, _)| id.trim_start_matches('<').split_whitespace().collect::<String>());
    MessageId::parse(inner.as_deref().unwrap_or(&text))
}

/// Ids as they were meant: another program made encoded words of them (RFC 2047 forbids that, and it can mean
/// nothing else), or escaped their brackets for HTML or for an address of a page.
fn id_text(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    if text.contains("=?") {
        text = Cow::Owned(unstructured(text.as_bytes()));
    }
    for (escaped, meant) in ESCAPES {
        if text.contains(escaped) {
            text = Cow::Owned(text.replace(escaped, meant));
        }
    }
    text
}

/// RFC 5322 §4.5.4: words around the ids of In-Reply-To, as old clients wrote them.
fn phrased(raw: &[u8]) -> bool {
    let text = without_comments(&id_text(&String::from_utf8_lossy(raw)));
    text.split('>').any(|piece| !piece.split('<').next().unwrap_or("").trim().is_empty())
}

/// The ids of a field. RFC 5322 §4.5.4 allows phrases between them; without any bracket, words with an `@`
/// are ids.
fn ids(head: &Head, name: &str) -> Vec<MessageId> {
    let mut out = Vec::new();
    for raw in head.all(name) {
        let text = String::from_utf8_lossy(raw);
        let text = id_text(&text);
        if text.contains('<') {
            out.extend(
                text.split('<')
                    .skip(1)
                    .filter_map(|piece| piece.split_once('>'))
                    .filter_map(|(id, _)| MessageId::parse(&id.split_whitespace().collect::<String>())),
            );
        } else {
            out.extend(text.split([' ', '\t', ',']).filter(|w| w.contains('@')).filter_map(MessageId::parse));
        }
    }
    if out.len() > MAX_REFERENCES {
        // The root and the nearest: what lies between tells nothing that these do not.
        out.drain(1..=out.len() - MAX_REFERENCES);
    }
    out
}

/// RFC 5322 §3.3 and §4.3, by the library on a bounded piece.
fn date(raw: &[u8]) -> Option<i64> {
    let text = String::from_utf8_lossy(&raw[..raw.len().min(120)]).into_owned();
    let date = DateTime::parse_rfc822(&text)?;
    let sane = (1970..=9999).contains(&date.year)
        && (1..=12).contains(&date.month)
        && (1..=31).contains(&date.day)
        && date.hour < 25
        && date.minute < 60;
    sane.then(|| date.to_timestamp())
}

/// RFC 5321 §4.4: `<>` is the null path.
fn return_path(raw: &[u8]) -> Option<AddrSpec> {
    let text = String::from_utf8_lossy(raw);
    let inner = text.split_once('<').map_or(&*text, |(_, rest)| rest.split('>').next().unwrap_or(""));
    AddrSpec::parse(inner)
}

/// T17: over the fields that two routes of one mail share, and the body without regard to line ends and
/// trailing blank lines.
fn content_hash(head: &Head, body: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for name in ["message-id", "date", "from", "to", "cc", "subject"] {
        for value in head.all(name) {
            let decoded = unstructured(value);
            hash.update(name.as_bytes());
            hash.update(decoded.split_whitespace().collect::<Vec<_>>().join(" ").as_bytes());
            hash.update([0]);
        }
        hash.update([1]);
    }
    let (mut at, mut blank) = (0, 0_usize);
    while at < body.len() {
        let (line, next) = next_line(body, at);
        at = next;
        if line.iter().all(u8::is_ascii_whitespace) {
            blank += 1;
            continue;
        }
        for _ in 0..std::mem::take(&mut blank) {
            hash.update(b"\n");
        }
        hash.update(line);
        hash.update(b"\n");
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod threats;
