//! Bytes -> characters: labels, guesses where a label is wrong or missing, RFC 2047 words. Never fails (T40).

use data_encoding::BASE64_NOPAD;
use mail_parser::decoders::charsets::map::charset_decoder;

/// Decodes with `label`; what is valid UTF-8 beyond ASCII is UTF-8 whatever a single-byte label claims.
/// The second value is false where a guess was needed.
pub(super) fn decode(bytes: &[u8], label: Option<&str>) -> (String, bool) {
    let label = label.map(|l| l.trim().trim_matches(['"', '\'']).to_ascii_lowercase()).filter(|l| !l.is_empty());
    let name = label.as_deref().unwrap_or("");
    // UTF-16, UTF-7, ISO-2022-* and HZ are ASCII bytes on the wire, so they are asked first.
    let shifted = name.contains("utf-16")
        || name.contains("utf-7")
        || name.contains("2022")
        || name.starts_with("hz")
        || name.starts_with("utf7");
    if !shifted && let Ok(text) = std::str::from_utf8(bytes) {
        if iso_2022_jp(bytes)
            && let Some(decoder) = charset_decoder(b"iso-2022-jp")
        {
            return (decoder(bytes), false);
        }
        let known = text.is_ascii() || name.is_empty() || name.contains("utf-8") || name == "utf8";
        // Double-byte charsets hold many sequences that are valid UTF-8 by chance; single-byte text hardly ever is.
        if known || single_byte(name) || charset_decoder(name.as_bytes()).is_none() {
            return (text.to_owned(), true);
        }
    }
    if name.is_empty() || name == "utf-8" || name == "utf8" || name == "us-ascii" || name == "ascii" {
        return guess(bytes);
    }
    let known = match name {
        "iso-2022-kr" | "csiso2022kr" => Some(decode_2022_kr(bytes)),
        _ => charset_decoder(alias(name).as_bytes()).map(|decoder| decoder(bytes)),
    };
    match known {
        Some(text) => (text, true),
        None => guess(bytes),
    }
}

/// Labels seen in mail that the WHATWG list does not have.
fn alias(name: &str) -> &str {
    match name {
        "cp932" | "ms932" | "windows-31j" | "x-sjis" | "sjis" => "shift_jis",
        "gb2312" | "gb_2312-80" | "cp936" | "x-gbk" => "gbk",
        "ks_c_5601-1987" | "ks_c_5601" | "cp949" | "uhc" => "euc-kr",
        "x-unknown" | "unknown-8bit" | "8bit" => "windows-1252",
        "latin1" | "iso8859-1" | "iso_8859-1" => "iso-8859-1",
        other => other,
    }
}

fn single_byte(name: &str) -> bool {
    ["iso-8859", "iso8859", "windows-125", "cp125", "latin", "us-ascii", "ascii", "koi8", "macintosh", "x-mac"]
        .iter()
        .any(|p| name.starts_with(p))
}

/// No label, or one that is plainly wrong: UTF-8 with a few broken bytes stays UTF-8, the rest is windows-1252 (T40).
fn guess(bytes: &[u8]) -> (String, bool) {
    let (mut good, mut bad) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().bytes().filter(|b| !b.is_ascii()).count();
        bad += chunk.invalid().len();
    }
    if good > bad * 2 {
        return (String::from_utf8_lossy(bytes).into_owned(), bad == 0);
    }
    let text = charset_decoder(b"windows-1252").map(|decoder| decoder(bytes));
    (text.unwrap_or_else(|| String::from_utf8_lossy(bytes).into_owned()), false)
}

fn iso_2022_jp(bytes: &[u8]) -> bool {
    bytes.is_ascii() && bytes.windows(3).any(|w| w == b"\x1b$B" || w == b"\x1b$@")
}

/// RFC 1557: SO and SI switch between ASCII and KS C 5601 in 7 bits, which is EUC-KR without its high bit.
fn decode_2022_kr(bytes: &[u8]) -> String {
    let mut shifted = false;
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let [first, tail @ ..] = rest {
        rest = tail;
        match first {
            0x0e => shifted = true,
            0x0f => shifted = false,
            b'\n' => {
                shifted = false;
                out.push(b'\n');
            }
            0x1b if tail.starts_with(b"$)C") => rest = &tail[3..],
            b if shifted && *b > 0x20 => out.push(b | 0x80),
            b => out.push(*b),
        }
    }
    charset_decoder(b"euc-kr").map_or_else(String::new, |decoder| decoder(&out))
}

/// An unstructured field or a phrase: RFC 2047 words decoded, white space between two of them dropped (§6.2), words
/// of one charset and encoding joined before decoding, since many writers split inside a character.
pub(super) fn unstructured(raw: &[u8]) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut pending: Option<(String, Vec<u8>)> = None;
    let mut rest = raw;
    let mut plain = Vec::new();
    while !rest.is_empty() {
        if rest.starts_with(b"=?")
            && let Some((charset, bytes, length)) = word(rest)
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
            rest = &rest[length..];
        } else {
            plain.push(rest[0]);
            rest = &rest[1..];
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

/// One encoded word at the start of `raw`: charset without its language (RFC 2231 §5), decoded bytes, length.
/// Longer words than the 75 octets of RFC 2047 §2 are common; 4000 bounds the look ahead.
fn word(raw: &[u8]) -> Option<(String, Vec<u8>, usize)> {
    let window = &raw[..raw.len().min(4000)];
    let mark = |from: usize| window[from..].iter().position(|&b| b == b'?').map(|n| from + n);
    let charset_end = mark(2)?;
    let kind = window.get(charset_end + 1)?.to_ascii_lowercase();
    if window.get(charset_end + 2) != Some(&b'?') || charset_end > 60 {
        return None;
    }
    let start = charset_end + 3;
    let mut end = mark(start)?;
    while window.get(end + 1) != Some(&b'=') {
        // A raw question mark inside a Q word is wrong and frequent.
        end = mark(end + 1)?;
    }
    let text = &window[start..end];
    let charset = std::str::from_utf8(&window[2..charset_end]).ok()?;
    let charset = charset.split('*').next()?.to_ascii_lowercase();
    if charset.is_empty() || charset.contains(char::is_whitespace) {
        return None;
    }
    let bytes = match kind {
        b'q' => q(text),
        b'b' => base64(text),
        _ => return None,
    };
    Some((charset, bytes, end + 2))
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

pub(super) fn hex(b: u8) -> u8 {
    char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok()).unwrap_or(0)
}

/// Base64 as it is found: white space, foreign characters and missing padding do not matter.
pub(super) fn base64(text: &[u8]) -> Vec<u8> {
    let mut clean: Vec<u8> = Vec::with_capacity(text.len());
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let mut drain = |clean: &mut Vec<u8>| {
        if clean.len() % 4 == 1 {
            clean.pop();
        }
        let mut encoding = BASE64_NOPAD.specification();
        encoding.check_trailing_bits = false;
        if let Ok(encoding) = encoding.encoding()
            && let Ok(bytes) = encoding.decode(clean)
        {
            out.extend_from_slice(&bytes);
        }
        clean.clear();
    };
    for &b in text {
        match b {
            b'=' => drain(&mut clean),
            b if b.is_ascii_alphanumeric() || b == b'+' || b == b'/' => clean.push(b),
            _ => {}
        }
    }
    drain(&mut clean);
    out
}
