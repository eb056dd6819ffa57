//! Values with parameters: Content-Type and Content-Disposition (RFC 2045 §5.1, RFC 2183), continued and
//! encoded parameters (RFC 2231), and what writers make of all that. One pass, bounded.

use super::charset::{decode, unstructured};
use super::transfer::hex;

/// Parameters of one field that are looked at.
const MAX_PARAMS: usize = 200;

/// A value in lower case and its parameters, decoded.
#[derive(Debug, Default)]
pub(super) struct Params {
    /// In lower case; empty where the field is.
    pub value: String,
    items: Vec<(String, String)>,
}

impl Params {
    /// The first parameter of that name, which is given in lower case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.items.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// A parameter that is one token, in lower case.
    pub fn token(&self, name: &str) -> Option<String> {
        self.get(name).and_then(|v| v.split_whitespace().next()).map(str::to_ascii_lowercase)
    }
}

/// Reads the value of a field.
pub(super) fn parse(raw: &[u8]) -> Params {
    let mut pieces = pieces(raw).into_iter();
    let value = pieces.next().map(|p| p.value).unwrap_or_default();
    let value = String::from_utf8_lossy(&value).trim().trim_end_matches(':').to_ascii_lowercase();
    if value.contains('=') && !raw.starts_with(b";") {
        // The value itself was forgotten.
        return parse(&[b";", raw].concat());
    }
    Params { value, items: join(pieces.filter(|p| !p.name.is_empty()).take(MAX_PARAMS).collect()) }
}

/// What stands between two semicolons. The first has no name.
#[derive(Default)]
struct Piece {
    name: String,
    value: Vec<u8>,
    quoted: bool,
}

impl Piece {
    /// `filename=Report (final).pdf` without quotes is wrong and frequent; a charset with a comment is right
    /// and rare.
    fn may_be_commented(&self) -> bool {
        !self.name.starts_with("name") && !self.name.starts_with("filename")
    }
}

/// Splits outside of quotes and comments. Without a semicolon, white space before `name=` separates, too.
fn pieces(raw: &[u8]) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut piece = Piece::default();
    // The first piece is the value itself; in the others a name comes first.
    let mut named = true;
    let (mut quoted, mut escaped, mut depth) = (false, false, 0_u32);
    let mut word = Vec::new();
    let mut at = 0;
    let last_quote = raw.iter().rposition(|&b| b == b'"').unwrap_or(0);
    while at < raw.len() {
        let b = raw[at];
        at += 1;
        if escaped {
            escaped = false;
            word.push(b);
            continue;
        }
        match b {
            // A path in quotes, `C:\x`: the backslash escapes only what must be escaped (RFC 822 readers
            // differ).
            b'\\' if quoted => match raw.get(at) {
                Some(b'"' | b'\\') => escaped = true,
                _ => word.push(b),
            },
            b'"' if quoted => quoted = false,
            b'"' if depth == 0 && (word.trim_ascii().is_empty() || !named) && at <= last_quote => {
                word.clear();
                (quoted, piece.quoted) = (true, true);
            }
            _ if quoted => word.push(b),
            b'(' if piece.may_be_commented() && (word.is_empty() || word.ends_with(b" ") || !named) => {
                depth += 1
            }
            b')' if depth > 0 => depth -= 1,
            _ if depth > 0 => {}
            b'=' if !named => {
                piece.name = name(&word);
                word.clear();
                named = true;
            }
            b';' => {
                finish(&mut out, &mut piece, &mut word, named);
                named = false;
            }
            b' ' | b'\t' if named && next_name(&raw[at..]) && !word.trim_ascii().is_empty() => {
                finish(&mut out, &mut piece, &mut word, named);
                named = false;
            }
            b'\r' | b'\n' => {}
            b if piece.quoted && named && b.is_ascii_whitespace() => {}
            b => word.push(b),
        }
    }
    finish(&mut out, &mut piece, &mut word, named);
    out
}

fn finish(out: &mut Vec<Piece>, piece: &mut Piece, word: &mut Vec<u8>, named: bool) {
    let mut piece = std::mem::take(piece);
    piece.value = if piece.quoted { std::mem::take(word) } else { word.trim_ascii().to_vec() };
    word.clear();
    // A piece without `=` says nothing, but the first one is the value.
    if out.is_empty() || named {
        out.push(piece);
    }
}

fn name(word: &[u8]) -> String {
    String::from_utf8_lossy(word.trim_ascii()).to_ascii_lowercase()
}

/// Whether a parameter begins here: a known name and `=`. Other words may belong to an unquoted file name.
fn next_name(rest: &[u8]) -> bool {
    let rest = rest.trim_ascii_start();
    [
        "charset",
        "format",
        "delsp",
        "boundary",
        "name",
        "filename",
        "type",
        "size",
        "report-type",
        "protocol",
        "micalg",
    ]
    .iter()
    .any(|known| {
        rest.len() > known.len()
            && rest[..known.len()].eq_ignore_ascii_case(known.as_bytes())
            && matches!(rest[known.len()], b'=' | b'*')
    })
}

/// RFC 2231 §3, §4: `name*`, `name*0`, `name*0*`: the segments in order of their numbers, decoded as one, so
/// that a character may be cut between two. An encoded form beats a plain one of the same name.
fn join(pieces: Vec<Piece>) -> Vec<(String, String)> {
    let mut plain: Vec<(String, String)> = Vec::new();
    let mut parted: Vec<(String, u32, bool, Vec<u8>)> = Vec::new();
    for piece in pieces {
        let mut stars = piece.name.split('*');
        let base = stars.next().unwrap_or_default().to_owned();
        let (number, mark) = (stars.next(), stars.next());
        match number {
            None => {
                let value = plain_value(&piece.value);
                if !plain.iter().any(|(n, _)| *n == base) {
                    plain.push((base, value));
                }
            }
            Some("") => parted.push((base, 0, true, piece.value)),
            Some(n) => parted.push((base, n.parse().unwrap_or(u32::MAX), mark.is_some(), piece.value)),
        }
    }
    parted.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
    let mut out: Vec<(String, String)> = Vec::new();
    for group in parted.chunk_by(|a, b| a.0 == b.0) {
        out.push((group[0].0.clone(), continued(group)));
    }
    out.extend(plain);
    out
}

/// Encoded words in a parameter are wrong and everywhere (RFC 2047 §5); raw 8-bit bytes, too.
fn plain_value(value: &[u8]) -> String {
    if value.windows(2).any(|w| w == b"=?") { unstructured(value) } else { decode(value, None).0 }
}

fn continued(group: &[(String, u32, bool, Vec<u8>)]) -> String {
    let mut charset = None;
    let mut bytes = Vec::new();
    for (at, (_, _, encoded, value)) in group.iter().enumerate() {
        let mut rest = value.as_slice();
        if at == 0 && *encoded {
            let mut quotes = rest.splitn(3, |&b| b == b'\'');
            if let (Some(label), Some(_), Some(text)) = (quotes.next(), quotes.next(), quotes.next()) {
                charset = Some(String::from_utf8_lossy(label).into_owned());
                rest = text;
            }
        }
        // Some writers mark no segment and encode all, or only the first: §4.1 has each bear its own mark.
        if *encoded { bytes.extend(percent(rest)) } else { bytes.extend_from_slice(rest) }
    }
    if charset.is_none() && bytes.windows(2).any(|w| w == b"=?") {
        return unstructured(&bytes);
    }
    decode(&bytes, charset.as_deref().filter(|c| !c.is_empty())).0
}

fn percent(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'%', [a, b, after @ ..]) if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => {
                out.push(hex(*a) << 4 | hex(*b));
                rest = after;
            }
            _ => out.push(*first),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(field: &str, value: &str, wanted: &[(&str, &str)]) {
        let got = parse(field.as_bytes());
        assert_eq!(got.value, value, "{field:?}");
        for (name, value) in wanted {
            assert_eq!(got.get(name), Some(*value), "{name} of {field:?}");
        }
    }

    #[test]
    fn parameters_as_they_are_found() {
        check("text/plain; charset=us-ascii (Plain text)", "text/plain", &[("charset", "us-ascii")]);
        check(
            "Text/Plain; charset=\"UTF-8\"; format=Flowed",
            "text/plain",
            &[("charset", "UTF-8"), ("format", "Flowed")],
        );
        check("multipart/mixed; boundary=\"a;b = (c)\"", "multipart/mixed", &[("boundary", "a;b = (c)")]);
        check("multipart/mixed; boundary=----=_x/1", "multipart/mixed", &[("boundary", "----=_x/1")]);
        check("text/plain charset=utf-8 name=a", "text/plain", &[("charset", "utf-8"), ("name", "a")]);
        check(
            "attachment; filename=My Report (1).pdf; size=3",
            "attachment",
            &[("filename", "My Report (1).pdf"), ("size", "3")],
        );
        check("attachment; filename=\"a\\\"b\\\\c.txt\"", "attachment", &[("filename", "a\"b\\c.txt")]);
        check("attachment; filename=\"C:\\tmp\\x.txt\"", "attachment", &[("filename", "C:\\tmp\\x.txt")]);
        check("attachment; filename=\"open.txt", "attachment", &[("filename", "\"open.txt")]);
        check("attachment; filename=\"=?utf-8?q?=C3=A4?=.pdf\"", "attachment", &[("filename", "ä.pdf")]);
        check("", "", &[]);
        check(";;=;", "", &[]);
    }

    #[test]
    fn rfc_2231_in_all_its_forms() {
        check("a; title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun", "a", &[("title", "This is ***fun")]);
        check("a; n*0*=utf-8''%E2%82; n*1*=%AC%20x; n*2=\" 100%25\"", "a", &[("n", "€ x 100%25")]);
        check("a; n*1=b; n*0=a", "a", &[("n", "ab")]);
        check("a; n*0*=iso-2022-jp''%1B$B%46%7C; n*1*=%4B%5C%1B(B", "a", &[("n", "日本")]);
        check("a; n=x; n*=utf-8''%C3%A4", "a", &[("n", "ä")]);
        check("a; n*=''%C3%A4", "a", &[("n", "ä")]);
        check("a; n*10=k; n*2=c; n*0=a; n*1=b", "a", &[("n", "abck")]);
        check("a; n*0=\"=?utf-8?q?=C3\"; n*1=\"=A4?=\"", "a", &[("n", "ä")]);
    }
}
