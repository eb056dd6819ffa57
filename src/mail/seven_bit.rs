//! Charsets that hide other characters in seven bits: UTF-7 (RFC 2152), ISO-2022 (RFC 1468, 1554, 1557,
//! 1922), HZ (RFC 1843). The web left most of them behind; mail did not.

use encoding_rs::{EUC_JP, EUC_KR, Encoding, GBK, SHIFT_JIS, WINDOWS_1252};

use super::transfer::base64;

/// The decoder for a charset of this family, by its name in lower case.
pub(super) fn decoder(name: &str) -> Option<fn(&[u8]) -> String> {
    if name.contains("2022") {
        Some(iso_2022)
    } else if name.contains("utf-7") || name.contains("utf7") {
        Some(utf_7)
    } else if name == "hz" || name.starts_with("hz-gb") {
        Some(hz)
    } else {
        None
    }
}

/// Whether unlabelled bytes are ISO-2022: they are seven bits, and one of its double-byte sets is called.
pub(super) fn looks_like_iso_2022(bytes: &[u8]) -> bool {
    let called = |w: &[u8]| matches!(w, [0x1b, b'$', b'B' | b'@' | b'A' | b'(' | b')']);
    bytes.contains(&0x1b) && bytes.is_ascii() && bytes.windows(3).any(called)
}

/// A set that an escape calls: how many bytes a character has, and how EUC writes it.
#[derive(Clone, Copy)]
enum Set {
    Ascii,
    Kana,
    Double(&'static Encoding),
    /// JIS X 0212 in EUC-JP, after 0x8f.
    Triple,
    Unknown,
}

/// Escapes after ESC, longest first, and whether they call the set for SO only (G1).
const CALLS: [(&[u8], Set, bool); 17] = [
    (b"$)A", Set::Double(GBK), true),
    (b"$)C", Set::Double(EUC_KR), true),
    (b"$)G", Set::Unknown, true),
    (b"$)E", Set::Double(GBK), true),
    (b"$(C", Set::Double(EUC_KR), false),
    (b"$(D", Set::Triple, false),
    (b"$(O", Set::Double(EUC_JP), false),
    (b"$(Q", Set::Double(EUC_JP), false),
    (b"$(P", Set::Unknown, false),
    (b"$(B", Set::Double(EUC_JP), false),
    (b"$(A", Set::Double(GBK), false),
    (b"$B", Set::Double(EUC_JP), false),
    (b"$@", Set::Double(EUC_JP), false),
    (b"$A", Set::Double(GBK), false),
    (b"(I", Set::Kana, false),
    (b"(B", Set::Ascii, false),
    (b"(J", Set::Ascii, false),
];

/// One decoder for the whole family: the escapes of JP, KR and CN do not contradict each other.
fn iso_2022(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    let (mut base, mut second, mut in_second) = (Set::Ascii, Set::Double(EUC_KR), false);
    let mut run = Vec::new();
    let mut rest = bytes;
    while let [first, tail @ ..] = rest {
        let set = if in_second { second } else { base };
        rest = tail;
        match first {
            0x1b => {
                flush(&mut out, &mut run, set);
                if let Some((call, set, to_second)) = CALLS.iter().find(|(call, _, _)| tail.starts_with(call))
                {
                    *(if *to_second { &mut second } else { &mut base }) = *set;
                    rest = &tail[call.len()..];
                }
            }
            0x0e | 0x0f => {
                flush(&mut out, &mut run, set);
                in_second = *first == 0x0e;
            }
            b'\n' => {
                // RFC 1468, 1557: a line ends in ASCII.
                flush(&mut out, &mut run, set);
                (base, in_second) = (Set::Ascii, false);
                out.push('\n');
            }
            b => run.push(*b),
        }
    }
    flush(&mut out, &mut run, if in_second { second } else { base });
    out
}

fn flush(out: &mut String, run: &mut Vec<u8>, set: Set) {
    let high = |b: &u8| if *b > 0x20 { b | 0x80 } else { *b };
    match set {
        Set::Ascii => out.push_str(&eight_bit(run)),
        Set::Kana => {
            out.push_str(&SHIFT_JIS.decode_without_bom_handling(&run.iter().map(high).collect::<Vec<_>>()).0)
        }
        Set::Double(encoding) => {
            out.push_str(&encoding.decode_without_bom_handling(&run.iter().map(high).collect::<Vec<_>>()).0);
        }
        Set::Triple => {
            let bytes: Vec<u8> =
                run.chunks(2).flat_map(|pair| std::iter::once(0x8f).chain(pair.iter().map(high))).collect();
            out.push_str(&EUC_JP.decode_without_bom_handling(&bytes).0);
        }
        Set::Unknown => out.extend(run.chunks(2).map(|_| char::REPLACEMENT_CHARACTER)),
    }
    run.clear();
}

/// RFC 2152. What does not decode stays as it stands.
fn utf_7(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|&b| b == b'+') {
        out.push_str(&eight_bit(&rest[..at]));
        let after = &rest[at + 1..];
        let length = after
            .iter()
            .position(|b| !b.is_ascii_alphanumeric() && !b"+/".contains(b))
            .unwrap_or(after.len());
        let closed = after.get(length) == Some(&b'-');
        rest = &after[length + usize::from(closed)..];
        if length == 0 {
            out.push('+');
            continue;
        }
        let data = base64(&after[..length]);
        let units = data.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
        out.extend(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
    }
    out.push_str(&eight_bit(rest));
    out
}

/// RFC 1843: `~{` begins GB 2312, `~}` ends it, `~~` is a tilde, `~` at the end of a line joins two.
fn hz(bytes: &[u8]) -> String {
    let mut euc = Vec::with_capacity(bytes.len());
    let mut double = false;
    let mut rest = bytes;
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail.first()) {
            (b'~', Some(b'{')) => (double, rest) = (true, &tail[1..]),
            (b'~', Some(b'}')) => (double, rest) = (false, &tail[1..]),
            (b'~', Some(b'~')) => {
                euc.push(b'~');
                rest = &tail[1..];
            }
            (b'~', Some(b'\n')) => rest = &tail[1..],
            (b'\n', _) => {
                double = false;
                euc.push(b'\n');
            }
            (b, _) => euc.push(if double && *b > 0x20 { b | 0x80 } else { *b }),
        }
    }
    GBK.decode_without_bom_handling(&euc).0.into_owned()
}

/// ASCII as it ought to be, with whatever 8-bit bytes stand among it.
fn eight_bit(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seven_bits() {
        let check = |name: &str, input: &[u8], wanted: &str| {
            assert_eq!(decoder(name).expect("a decoder")(input), wanted, "{name} {input:?}");
        };
        check("utf-7", b"Hi Mom -+Jjo--! 1 +- 2", "Hi Mom -\u{263a}-! 1 + 2");
        check("unicode-1-1-utf-7", b"+AOQ +AOQ\n+2D3eAA", "\u{e4} \u{e4}\n\u{1f600}");
        check("utf-7", b"+", "+");
        check("iso-2022-jp", b"a \x1b$BF|K\\\x1b(B b", "a \u{65e5}\u{672c} b");
        check("iso-2022-jp", b"\x1b$BF|\nK", "\u{65e5}\nK");
        check("iso-2022-jp-3", b"\x1b(I1\x1b(B.", "\u{ff71}.");
        check("iso-2022-kr", b"\x1b$)C\x0eGQ1[\x0f.\n", "\u{d55c}\u{ae00}.\n");
        check("iso-2022-cn", b"\x1b$)A\x0e=;;;\x0f", "\u{4ea4}\u{6362}");
        check("hz-gb-2312", b"a ~{<:Ky2;~} ~~b", "a \u{5df1}\u{6240}\u{4e0d} ~b");
        check("iso-2022-jp", b"\x1b\x1b$\x0e\xff", "$\u{fffd}");
    }
}
