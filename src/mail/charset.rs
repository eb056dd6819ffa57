//! Bytes -> characters: labels, guesses where a label is wrong or missing, RFC 2047 words. Never fails (T40).

use encoding_rs::{Encoding, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE};
use mail_parser::decoders::charsets::map::charset_decoder;

use super::seven_bit;
use super::transfer::{base64, hex};

/// Bytes that a guess looks at.
const MAX_GUESS: usize = 64 * 1024;

/// Decodes with `label`; what is valid UTF-8 beyond ASCII is UTF-8 whatever a single-byte label claims.
/// The second value is false where a guess was needed.
pub(super) fn decode(bytes: &[u8], label: Option<&str>) -> (String, bool) {
    let name = label.map(tidy).unwrap_or_default();
    // UTF-16, UTF-7, ISO-2022-* and HZ may be ASCII bytes on the wire, so they are asked first.
    if let Some(decoder) = seven_bit::decoder(&name) {
        return (decoder(bytes), true);
    }
    if name.contains("utf-16") || name.contains("utf16") || name.contains("ucs-2") {
        return (utf_16(bytes, &name), true);
    }
    if let Some(text) = with_mark(bytes) {
        return (text, true);
    }
    let encoding = encoding(&name);
    let blank = name.is_empty() || name == "us-ascii" || name == "ascii" || encoding == Some(UTF_8);
    if let Ok(text) = std::str::from_utf8(bytes) {
        if seven_bit::looks_like_iso_2022(bytes)
            && let Some(decoder) = seven_bit::decoder("iso-2022")
        {
            return (decoder(bytes), false);
        }
        // Double-byte charsets hold many sequences that are valid UTF-8 by chance; single-byte text hardly
        // ever is.
        if text.is_ascii() || blank || encoding.is_none_or(Encoding::is_single_byte) {
            return (text.to_owned(), true);
        }
    }
    if blank {
        return guess(bytes);
    }
    if let Some(encoding) = encoding {
        let (text, broken) = encoding.decode_without_bom_handling(bytes);
        if broken && !encoding.is_single_byte() {
            return better(bytes, text.into_owned());
        }
        return (text.into_owned(), true);
    }
    // A few old ones that the web does not know.
    match charset_decoder(name.as_bytes()) {
        Some(decoder) => (decoder(bytes), true),
        None => guess(bytes),
    }
}

/// The label in lower case without what stands around it.
fn tidy(label: &str) -> String {
    let label = label.trim().trim_matches(['"', '\'', '=', ';', ',']).to_ascii_lowercase();
    label.strip_prefix("charset=").unwrap_or(&label).trim_matches(['"', '\'']).to_owned()
}

/// By the labels of the WHATWG, and by those that mail has and the web does not.
fn encoding(name: &str) -> Option<&'static Encoding> {
    let found = |label: &str| Encoding::for_label(label.as_bytes()).filter(|e| *e != REPLACEMENT);
    let bare = |c: char| c.is_ascii_alphanumeric();
    found(name)
        .or_else(|| found(alias(name)))
        .or_else(|| found(&name.replace('_', "-")))
        // `win-1251`, `cp-1252`, `windows1250`, `iso8859_15`: letters and a number.
        .or_else(|| {
            let bare: String = name.chars().filter(|c| bare(*c)).collect();
            let number =
                |prefix: &str| bare.strip_prefix(prefix).filter(|n| !n.is_empty()).map(str::to_owned);
            let windows = number("windows")
                .or_else(|| number("win"))
                .or_else(|| number("cp"))
                .or_else(|| number("ansi"));
            let iso = number("iso8859").or_else(|| number("latin"));
            windows
                .and_then(|n| found(&format!("windows-{n}")))
                .or_else(|| iso.and_then(|n| found(&format!("iso-8859-{n}"))))
        })
}

/// Labels seen in mail that the WHATWG list does not have.
fn alias(name: &str) -> &str {
    match name {
        "cp932" | "ms932" | "x-ms-cp932" => "shift_jis",
        "gb_2312-80" | "cp936" | "ms936" | "euc-cn" | "x-euc-cn" => "gbk",
        "ks_c_5601" | "cp949" | "uhc" | "ms949" | "x-windows-949" => "euc-kr",
        "cp950" | "ms950" | "big5-hkscs-2004" | "big5hkscs" => "big5",
        "eucjp" | "x-euc" | "euc_jp" | "eucjp-ms" | "eucjp-win" | "cp51932" => "euc-jp",
        "x-unknown" | "unknown-8bit" | "8bit" | "ansi" | "latin" | "ansi_x3.110-1983" => "windows-1252",
        "koi8" | "koi-8" => "koi8-r",
        "koi8-ru" => "koi8-u",
        "tis620" | "cp874" | "tis-620" => "windows-874",
        "mac" | "macroman" | "x-mac-roman" => "macintosh",
        "unicode-1-1-utf-8" | "utf" | "utf8mb4" | "utf-8mb4" | "cp65001" | "utf_8" => "utf-8",
        other => other,
    }
}

/// A byte order mark is the strongest label.
fn with_mark(bytes: &[u8]) -> Option<String> {
    let (encoding, length) = Encoding::for_bom(bytes)?;
    Some(encoding.decode_without_bom_handling(&bytes[length..]).0.into_owned())
}

/// RFC 2781 §4.3: without a mark it is big endian, but the zeros of ASCII tell better.
fn utf_16(bytes: &[u8], name: &str) -> String {
    if let Some(text) = with_mark(bytes) {
        return text;
    }
    let zeros = |first: usize| bytes.iter().skip(first).step_by(2).take(200).filter(|b| **b == 0).count();
    let little = name.ends_with("le") || (!name.ends_with("be") && zeros(1) > zeros(0));
    let encoding = if little { UTF_16LE } else { UTF_16BE };
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

/// A double-byte label that does not fit: what the bytes look like, where that decodes without a fault.
fn better(bytes: &[u8], text: String) -> (String, bool) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return (text.to_owned(), false);
    }
    let (other, broken) = detected(bytes).decode_without_bom_handling(bytes);
    if broken { (text, false) } else { (other.into_owned(), false) }
}

/// No label, or one that is plainly wrong: UTF-8 with a few broken bytes stays UTF-8, the rest is what it
/// looks like (T40).
fn guess(bytes: &[u8]) -> (String, bool) {
    let (mut good, mut bad) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().bytes().filter(|b| !b.is_ascii()).count();
        bad += chunk.invalid().len();
    }
    if good > bad * 2 {
        return (String::from_utf8_lossy(bytes).into_owned(), bad == 0);
    }
    (detected(bytes).decode_without_bom_handling(bytes).0.into_owned(), false)
}

fn detected(bytes: &[u8]) -> &'static Encoding {
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(&bytes[..bytes.len().min(MAX_GUESS)], true);
    detector.guess(None, chardetng::Utf8Detection::Deny)
}

/// An unstructured field or a phrase: RFC 2047 words decoded, white space between two of them dropped (§6.2),
/// words of one charset and encoding joined before decoding, since many writers split inside a character.
pub(super) fn unstructured(raw: &[u8]) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut pending: Option<(String, Vec<u8>)> = None;
    let mut at = 0;
    let mut plain = Vec::new();
    let mut ends = Ends { raw, next: 0 };
    while at < raw.len() {
        if raw[at..].starts_with(b"=?")
            && let Some((charset, bytes, end)) = word(raw, at, &mut ends)
        {
            let between_words = pending.is_some() && plain.iter().all(u8::is_ascii_whitespace);
            if !between_words {
                flush(&mut out, &mut pending);
                out.push_str(&decode(&plain, None).0);
            }
            plain.clear();
            match &mut pending {
                Some((last, data)) if *last == charset => data.extend_from_slice(&bytes),
                _ => {
                    flush(&mut out, &mut pending);
                    pending = Some((charset, bytes));
                }
            }
            at = end;
        } else {
            plain.push(raw[at]);
            at += 1;
        }
    }
    flush(&mut out, &mut pending);
    out.push_str(&decode(&plain, None).0);
    out
}

fn flush(out: &mut String, pending: &mut Option<(String, Vec<u8>)>) {
    if let Some((charset, bytes)) = pending.take() {
        out.push_str(&decode(&bytes, Some(&charset)).0);
    }
}

/// Finds the next `?=`. It moves on only, so that all words of a field together cost one pass (T38).
struct Ends<'a> {
    raw: &'a [u8],
    next: usize,
}

impl Ends<'_> {
    fn after(&mut self, from: usize) -> Option<usize> {
        if self.next < from {
            self.next = from;
        }
        while self.next < self.raw.len() && !self.raw[self.next..].starts_with(b"?=") {
            self.next += 1;
        }
        (self.next < self.raw.len()).then_some(self.next)
    }
}

/// The encoded word that begins at `at`: charset without its language (RFC 2231 §5), decoded bytes, where it
/// ends. Longer words than the 75 octets of RFC 2047 §2 are common, and a raw question mark inside is wrong
/// and frequent.
fn word(raw: &[u8], at: usize, ends: &mut Ends<'_>) -> Option<(String, Vec<u8>, usize)> {
    let head = &raw[at + 2..raw.len().min(at + 64)];
    let mark = head.iter().position(|&b| b == b'?')?;
    let charset = std::str::from_utf8(&head[..mark]).ok()?.split('*').next()?.to_ascii_lowercase();
    let kind = head.get(mark + 1)?.to_ascii_lowercase();
    if charset.is_empty()
        || charset.contains(char::is_whitespace)
        || !b"qb".contains(&kind)
        || head.get(mark + 2) != Some(&b'?')
    {
        return None;
    }
    let start = at + 2 + mark + 3;
    let end = ends.after(start)?;
    let text = &raw[start..end];
    if text.len() > 4000 && text.windows(2).any(|w| w == b"=?") {
        return None;
    }
    Some((charset, if kind == b'q' { q(text) } else { base64(text) }, end + 2))
}

fn q(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'_', _) => out.push(b' '),
            (b'=', [a, b, after @ ..]) if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => {
                out.push(hex(*a) << 4 | hex(*b));
                rest = after;
            }
            _ => out.push(*first),
        }
    }
    out
}
