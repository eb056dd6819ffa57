//! Transfer encodings undone (RFC 2045 §6, and uuencode as it is found). What is wrong in them is passed
//! over, never lost silently by a refusal: a broken byte does not cost its part.

mod around;

use data_encoding::{BASE64_MIME_PERMISSIVE, BASE64_NOPAD};

/// How the bytes of a part are encoded (RFC 2045 §6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Identity,
    QuotedPrintable,
    Base64,
    Uu,
}

impl Encoding {
    /// By the name in lower case; an unknown one is identity.
    pub fn named(name: &str) -> Self {
        let word = name
            .split(|c: char| c.is_whitespace() || ";,\"'".contains(c))
            .find(|w| !w.is_empty())
            .unwrap_or("");
        match word {
            "base64" | "base-64" => Self::Base64,
            "quoted-printable" | "quoted_printable" | "quotedprintable" | "quoted-printeable" => {
                Self::QuotedPrintable
            }
            "x-uuencode" | "uuencode" | "x-uue" | "uue" => Self::Uu,
            _ => Self::Identity,
        }
    }
}

/// The bytes of a part, its encoding undone. `text`: they are shown as words, and so is what stands in clear
/// around them.
pub(super) fn decode(raw: &[u8], encoding: Encoding, text: bool) -> Vec<u8> {
    match encoding {
        Encoding::Identity => raw.to_vec(),
        Encoding::QuotedPrintable => quoted_printable(raw),
        Encoding::Base64 => around::decode_around(raw, text, base64).unwrap_or_else(|| base64(raw)),
        Encoding::Uu => uu(raw),
    }
}

/// The value of a hexadecimal digit; 0 of anything else.
pub(super) fn hex(b: u8) -> u8 {
    char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok()).unwrap_or(0)
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
                    out.push(hex(*a) << 4 | hex(*b));
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

/// Base64 as it is found: white space, foreign characters and missing padding do not matter. Padding inside
/// ends one stretch and begins the next.
pub(super) fn base64(text: &[u8]) -> Vec<u8> {
    // Nearly all of it is well-formed, and then nothing is copied before it is decoded.
    if let Ok(bytes) = BASE64_MIME_PERMISSIVE.decode(text) {
        return bytes;
    }
    let mut clean: Vec<u8> = Vec::with_capacity(text.len());
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let mut encoding = BASE64_NOPAD.specification();
    encoding.check_trailing_bits = false;
    let encoding = encoding.encoding().expect("the alphabet of RFC 4648 without a check");
    let mut drain = |clean: &mut Vec<u8>| {
        if clean.len() % 4 == 1 {
            clean.pop();
        }
        if let Ok(bytes) = encoding.decode(clean) {
            out.extend_from_slice(&bytes);
        }
        clean.clear();
    };
    for &b in text {
        match b {
            b'=' if !clean.is_empty() => drain(&mut clean),
            b if b.is_ascii_alphanumeric() || b == b'+' || b == b'/' => clean.push(b),
            _ => {}
        }
    }
    drain(&mut clean);
    out
}

/// Whether the first line with something in it is base64 up to its padding, or there is some below text in
/// clear; a text that was only labelled so is none.
pub(super) fn is_base64(raw: &[u8], text: bool) -> bool {
    let line = raw.split(|&b| b == b'\n').map(<[u8]>::trim_ascii).find(|l| !l.is_empty()).unwrap_or_default();
    let first =
        line.iter().take_while(|b| **b != b'=').all(|b| b.is_ascii_alphanumeric() || b"+/".contains(b));
    first || around::holds_stretches(raw, text)
}

/// POSIX uuencode: from the line after `begin` to `end`; without a `begin` nothing is decoded.
fn uu(raw: &[u8]) -> Vec<u8> {
    let mut lines = raw.split(|&b| b == b'\n').map(|l| l.strip_suffix(b"\r").unwrap_or(l));
    if !lines.by_ref().any(|l| l.starts_with(b"begin ")) {
        return raw.to_vec();
    }
    let mut out = Vec::with_capacity(raw.len() / 4 * 3);
    for line in lines.take_while(|l| *l != b"end") {
        let value = |b: u8| b.wrapping_sub(b' ') & 0x3f;
        let Some((&count, data)) = line.split_first() else { continue };
        let mut left = usize::from(value(count));
        for four in data.chunks(4) {
            let mut v = [0_u8; 4];
            v.iter_mut().zip(four).for_each(|(to, from)| *to = value(*from));
            let bytes = [v[0] << 2 | v[1] >> 4, v[1] << 4 | v[2] >> 2, v[2] << 6 | v[3]];
            out.extend_from_slice(&bytes[..left.min(3)]);
            left = left.saturating_sub(3);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_as_they_are_found() {
        let check = |input: &str, name: &str, wanted: &str| {
            let got = decode(input.as_bytes(), Encoding::named(name), true);
            assert_eq!(String::from_utf8_lossy(&got), wanted, "{input:?} as {name}");
        };
        check("aGVs\r\nbG8=", "base64", "hello");
        check("aGVsbG8", "base64;", "hello");
        check("aGVs!bG8=aGVsbG8=", "\"base64\"", "hellohello");
        check("a=3D=\r\nb=ZZ=  \r\nc", "quoted-printable", "a=b=ZZc");
        check("begin 644 x\r\n%:&5L;&\\\r\n`\r\nend\r\n", "x-uuencode", "hello");
        check("a=3D", "8bit", "a=3D");
        check("a=3D", "x-unknown", "a=3D");
    }

    #[test]
    fn text_in_clear_around_base64_stays_as_it_is() {
        let check = |input: &str, wanted: &str| {
            for input in [input.to_owned(), input.replace('\n', "\r\n")] {
                let got = decode(input.as_bytes(), Encoding::Base64, true);
                assert_eq!(String::from_utf8_lossy(&got).trim_end(), wanted, "{input:?}");
                let file = decode(input.as_bytes(), Encoding::Base64, false);
                assert!(!String::from_utf8_lossy(&file).contains("checked"), "{input:?}");
            }
        };
        let (body, words) = ("TWVpbiBHZXLDpHQgNDcxMSBpc3Qga2FwdXR0Lgo=", "Mein Gerät 4711 ist kaputt.");
        let footer =
            "-- \nThis message was checked by Antivirus\nVirusfree\nhttps://antivirus.company.example/free";
        let shown = footer.replace("-- ", "--");
        check(&format!("{body}\n\n{footer}\n"), &format!("{words}\n{shown}"));
        check(&format!("{body}\n{footer}\n{body}"), &format!("{words}\n{shown}\n{words}"));
        check(
            &format!("CAUTION: checked mail from outside\n\n{body}"),
            &format!("CAUTION: checked mail from outside\n\n{words}"),
        );
        check(&format!("{body} checked, fine"), &format!("{words}\nchecked, fine"));
        check(&format!("TWVpbiBH\nZXLDpHQg\n{footer}"), &format!("Mein Gerät \n{shown}"));
        assert!(
            is_base64(format!("a b c\n{body}").as_bytes(), true) && !is_base64(b"just words of a text", true)
        );
        // Blanks inside of a line do not count, neither in a text nor in a file.
        let line = "TWVpbiBHZXLDpHQgNDcxMSBpc3Qga2FwdXR0LCBiaXR0ZSBzY2hpY2tlbiBTaWUgamVtYW5k";
        for blank in [" ", "  \t"] {
            let broken = format!("{}{}{}", &line[..20], blank, &line[20..]);
            for text in [true, false] {
                let whole = decode(line.as_bytes(), Encoding::Base64, text);
                let raw = format!("{line}\r\n{broken}\r\n{line}\r\n");
                let got = decode(raw.as_bytes(), Encoding::Base64, text);
                let bare: Vec<u8> = got.into_iter().filter(|b| *b != b'\n').collect();
                assert_eq!(bare, whole.repeat(3), "{broken}");
            }
        }
        // What only looks like it is no words.
        let pgp = "-----BEGIN PGP MESSAGE-----\n\nhQEMA0000000000000AQf/00000000000000000000\n\
                   -----END PGP MESSAGE-----";
        assert_eq!(String::from_utf8_lossy(&decode(pgp.as_bytes(), Encoding::Base64, true)).trim_end(), pgp);
    }
}
