//! MIME parts -> words, HTML, attachments (RFC 2183, 2392, 8621 §4.1.4): which part is what a person reads.

mod pictures;
mod stub;

use pictures::Pictures;
use sha2::{Digest, Sha256};
use stub::Plain;

use super::charset::decode;
use super::field::Head;
use super::inbound::{Attachment, InHtml};
use super::parts::{self, Part};
use super::{added, calendar, html, quote, text};

const MAX_ATTACHMENTS: usize = 100;
/// Bytes of text, of all parts together, that are looked at (T49).
const MAX_TEXT: usize = 1024 * 1024;
/// Bytes of a part that a report is read from.
const MAX_REPORT: usize = 256 * 1024;

/// What a body holds.
#[derive(Debug, Default)]
pub(super) struct Body {
    /// What a person reads, cleaned: at most 1 MB.
    pub text: String,
    /// The same with the marks that [`super::quote`] reads, where the HTML made any.
    pub marked: Option<String>,
    /// The source, as it came.
    pub html: Option<String>,
    /// At most 100, in the order of their parts.
    pub attachments: Vec<Attachment>,
    /// Parts that a report is made of: media type in lower case, decoded bytes.
    pub report_parts: Vec<(String, Vec<u8>)>,
    /// media type of the whole and, for multipart/report, its report-type.
    pub kind: String,
    /// report-type of a multipart/report (RFC 6522 §3), in lower case; else empty.
    pub report_type: String,
    /// What is odd about the structure and the characters.
    pub defects: Vec<&'static str>,
}

/// What a person reads, as numbers of parts; the rest are attachments.
#[derive(Default)]
struct Shown {
    text: Vec<usize>,
    html: Vec<usize>,
    files: Vec<usize>,
}

/// `Err` where a limit is broken. `compare`: also says whether the versions of a multipart/alternative
/// differ, which costs as much as reading them.
pub(super) fn gather(raw: &[u8], head: &Head, compare: bool) -> Result<Body, &'static str> {
    let mut body = Body::default();
    let parts = parts::split(raw, head, &mut body.defects)?;
    if let Some(root) = parts.first() {
        body.kind = root.kind.clone();
        body.report_type = root.params.token("report-type").unwrap_or_default();
    }
    let shown = shown(&parts);
    words(raw, &parts, &shown, compare, &mut body);
    if !shown.files.is_empty() {
        let pictures = Pictures::of(body.html.as_deref());
        for number in &shown.files {
            attachment(raw, &parts, *number, &pictures, &mut body);
        }
    }
    marks(&parts, &mut body);
    Ok(body)
}

/// The decoded bytes of the attachments with these numbers; `None` for a number that no attachment has.
pub(super) fn files(raw: &[u8], head: &Head, numbers: &[u32]) -> Vec<Option<Vec<u8>>> {
    let Ok(parts) = parts::split(raw, head, &mut Vec::new()) else { return vec![None; numbers.len()] };
    let files = shown(&parts).files;
    let bytes = |number: usize| files.binary_search(&number).is_ok().then(|| parts[number].bytes(raw));
    numbers.iter().map(|&number| bytes(number as usize)).collect()
}

fn shown(parts: &[Part]) -> Shown {
    let mut children = vec![Vec::new(); parts.len()];
    for (number, part) in parts.iter().enumerate() {
        if let Some(parent) = part.parent {
            children[parent].push(number);
        }
    }
    let mut shown = Shown::default();
    if !parts.is_empty() {
        let sort = Sort { parts, children: &children };
        sort.group(&[0], "mixed", Wants { alternative: false, text: true, html: true }, &mut shown);
    }
    // What is left of a part that was damaged on its way is read, and can be had as it came.
    let damaged = |n: &usize| parts[*n].is_damaged && !parts[*n].body.is_empty() && !shown.files.contains(n);
    let mut damaged: Vec<usize> = shown.text.iter().chain(&shown.html).copied().filter(damaged).collect();
    damaged.sort_unstable();
    damaged.dedup();
    shown.files.extend(damaged);
    shown.files.sort_unstable();
    shown
}

#[derive(Clone, Copy)]
struct Wants {
    alternative: bool,
    text: bool,
    html: bool,
}

struct Sort<'a> {
    parts: &'a [Part],
    children: &'a [Vec<usize>],
}

impl Sort<'_> {
    /// The children of one multipart. Recursion ends at the depth that `parts` allows.
    fn group(&self, group: &[usize], kind: &str, mut wants: Wants, shown: &mut Shown) {
        let before = (shown.text.len(), shown.html.len());
        for (place, &number) in group.iter().enumerate() {
            let part = &self.parts[number];
            if part.is_multipart() {
                let inner = part.kind.trim_start_matches("multipart/");
                let wants = Wants { alternative: wants.alternative || inner == "alternative", ..wants };
                self.group(&self.children[number], inner, wants, shown);
                continue;
            }
            let (plain, html) = (part.kind == "text/plain", part.kind == "text/html");
            let read = (plain || html)
                && !part.is_attachment()
                && (place == 0 || (kind != "related" && part.name().is_none()));
            if !read {
                shown.files.push(number);
                continue;
            }
            if kind == "alternative" {
                if plain {
                    shown.text.push(number)
                } else {
                    shown.html.push(number)
                }
                continue;
            }
            if wants.alternative {
                // A mixed group inside of an alternative is one of the two versions, and its first text says
                // which.
                wants.text &= !html;
                wants.html &= !plain;
            }
            if wants.text {
                shown.text.push(number);
            }
            if wants.html {
                shown.html.push(number);
            }
            if !wants.text && !wants.html {
                shown.files.push(number);
            }
        }
        if kind == "alternative" && wants.text && wants.html {
            // Only one version came: it is both.
            let Shown { text, html, .. } = shown;
            if text.len() == before.0 {
                text.extend_from_slice(&html[before.1..]);
            } else if html.len() == before.1 {
                html.extend_from_slice(&text[before.0..]);
            }
        }
    }
}

fn words(raw: &[u8], parts: &[Part], shown: &Shown, compare: bool, body: &mut Body) {
    let mut budget = MAX_TEXT;
    let (mut plain, mut words, mut source) = (String::new(), String::new(), String::new());
    let mut has_html = false;
    for &number in &shown.html {
        if parts[number].kind == "text/html" {
            has_html = true;
            append(&mut source, &characters(raw, &parts[number], &mut budget, &mut body.defects));
        }
    }
    let mut budget = MAX_TEXT;
    for &number in &shown.text {
        let part = &parts[number];
        let piece = characters(raw, part, &mut budget, &mut body.defects);
        if part.kind == "text/html" {
            append(&mut words, &marked(&piece));
        } else {
            let piece = text::clean(&piece);
            plain.push_str(&piece);
            append(&mut words, &piece);
        }
    }
    let version = if has_html { stub::weigh(&plain, &source) } else { Plain::Words };
    match version {
        Plain::Words => {}
        // A text part without words beside an HTML part with some is a placeholder.
        Plain::Stub => words = marked(&source),
        Plain::Doubtful => {
            body.defects.push("alternatives-differ");
            words = format!("{}\n\n{}", words.trim_end(), marked(&source));
        }
    }
    if version == Plain::Words
        && compare
        && has_html
        && !plain.is_empty()
        && differ(&plain, &html::to_text(&source))
    {
        body.defects.push("alternatives-differ");
    }
    if words.trim().is_empty() && source.trim().is_empty() {
        words = lone_text(raw, parts, shown, &mut body.defects).unwrap_or(words);
    }
    body.text = text::clean(&words);
    body.marked = (body.text.len() != words.len()).then_some(words);
    body.html = has_html.then_some(source);
}

/// The words of an HTML version as a reader sees it, with marks.
pub(super) fn seen(source: &str) -> String {
    marked(&html::visible(source))
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

/// A mail whose only words are an invitation, or text of a rare kind: they are read, and stay a file as well.
fn lone_text(raw: &[u8], parts: &[Part], shown: &Shown, defects: &mut Vec<&'static str>) -> Option<String> {
    let rare =
        |n: &&usize| parts[**n].kind.starts_with("text/") && (**n == 0 || parts[**n].kind == "text/calendar");
    let part = &parts[*shown.files.iter().find(rare)?];
    if part.is_attachment() && part.kind != "text/calendar" {
        return None;
    }
    let characters = characters(raw, part, &mut MAX_TEXT.clone(), defects);
    let text = match part.kind.as_str() {
        "text/calendar" => calendar::to_text(&characters),
        "text/html" => html::to_text(&characters),
        _ => characters,
    };
    Some(text::clean(&text))
}

/// T50: the plain version says something else than the HTML one; staff are told. Most of its words must stand
/// in both.
fn differ(plain: &str, html: &str) -> bool {
    let words = |text: &str| -> std::collections::HashSet<String> {
        let all = text.split(|c: char| !c.is_alphanumeric()).filter(|w| w.chars().count() > 2);
        all.take(2000).map(str::to_lowercase).collect()
    };
    let (left, right) = (words(plain), words(html));
    let common = left.intersection(&right).count();
    let least = left.len().min(right.len());
    left.len().max(right.len()) >= 5 && common * 2 < least.max(1)
}

/// The characters of a text part: charset, format=flowed (RFC 3676).
fn characters(raw: &[u8], part: &Part, budget: &mut usize, defects: &mut Vec<&'static str>) -> String {
    let bytes = part.bytes(raw);
    if bytes.len() > *budget {
        note(defects, "text-cut");
    }
    let bytes = &bytes[..bytes.len().min(*budget)];
    *budget -= bytes.len();
    let html = part.kind == "text/html";
    let label = part.params.token("charset").or_else(|| html.then(|| meta_charset(bytes)).flatten());
    let (decoded, sure) = decode(bytes, label.as_deref());
    if !sure {
        note(defects, "charset-guessed");
    }
    if part.params.token("format").as_deref() == Some("flowed") && !html {
        return text::unflow(
            &decoded.replace("\r\n", "\n"),
            part.params.token("delsp").as_deref() == Some("yes"),
        );
    }
    decoded
}

fn note(defects: &mut Vec<&'static str>, defect: &'static str) {
    if !defects.contains(&defect) {
        defects.push(defect);
    }
}

/// `<meta charset=..>` or its http-equiv form, in the first bytes of an HTML part.
fn meta_charset(bytes: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(2048)]).to_ascii_lowercase();
    let rest = head.split_once("charset=")?.1;
    let rest = rest.trim_start_matches(['"', '\'', ' ']);
    let label: String =
        rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_.:".contains(*c)).take(40).collect();
    // The page says UTF-16 in ASCII bytes: it cannot be.
    (!label.is_empty() && !label.starts_with("utf-16")).then_some(label)
}

fn attachment(raw: &[u8], parts: &[Part], number: usize, pictures: &Pictures, body: &mut Body) {
    let part = &parts[number];
    if body.attachments.len() >= MAX_ATTACHMENTS {
        note(&mut body.defects, "too-many-attachments");
        return;
    }
    let data = part.bytes(raw);
    if body.kind == "multipart/report"
        || part.kind.starts_with("message/")
        || part.kind == "text/rfc822-headers"
    {
        body.report_parts.push((part.kind.clone(), data[..data.len().min(MAX_REPORT)].to_vec()));
    }
    let in_html = part.content_id.as_ref().map_or(InHtml::Nowhere, |id| pictures.place(id));
    let asked = part.disposition.value == "inline";
    let inline = asked || (!part.is_attachment() && in_html != InHtml::Nowhere);
    body.attachments.push(Attachment {
        part: u32::try_from(number).unwrap_or(u32::MAX),
        filename: text::file_name(part.name().unwrap_or("")),
        media_type: part.kind.clone(),
        size: data.len() as u64,
        sha256: Sha256::digest(&data).into(),
        inline,
        content_id: part.content_id.clone(),
        added: added::is_added(part, is_version(parts, number)),
        in_html,
    });
}

/// One more version of the words that stand in another part, or the signature over them.
fn is_version(parts: &[Part], number: usize) -> bool {
    let Some(parent) = parts[number].parent else { return false };
    match parts[parent].kind.as_str() {
        "multipart/alternative" => !parts[number].is_attachment() && !parts[number].is_damaged,
        "multipart/signed" => number != parent + 1,
        _ => false,
    }
}

/// What is kept whole and marked (T47, T48, T50): nothing here is decrypted, verified, unpacked, fetched or
/// joined.
fn marks(parts: &[Part], body: &mut Body) {
    for part in parts {
        let defect = match part.kind.as_str() {
            "multipart/encrypted" => "encrypted",
            "application/pkcs7-mime" | "application/x-pkcs7-mime" => {
                match part.params.token("smime-type").as_deref() {
                    Some("signed-data" | "certs-only") => "signed-unread",
                    _ => "encrypted",
                }
            }
            "multipart/signed" => "signature-unchecked",
            "application/ms-tnef" | "application/vnd.ms-tnef" => "winmail-dat",
            "message/external-body" => "external-body",
            "message/partial" => "partial-message",
            _ if part.name().is_some_and(|n| n.eq_ignore_ascii_case("winmail.dat")) => "winmail-dat",
            _ => continue,
        };
        note(&mut body.defects, defect);
    }
    for line in body.text.lines() {
        match line.trim_end() {
            "-----BEGIN PGP MESSAGE-----" => note(&mut body.defects, "encrypted"),
            "-----BEGIN PGP SIGNED MESSAGE-----" => note(&mut body.defects, "signature-unchecked"),
            _ => {}
        }
    }
}
