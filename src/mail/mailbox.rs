//! Address fields: strict for identity (T08, T09), lenient for showing. Both are one pass with counters, no
//! recursion (T36, T38).

use super::address::{AddrSpec, Mailbox, Sender};
use super::charset::unstructured;
use super::text::clean_line;

/// More addresses than this are not looked at (T38).
pub(super) const MAX_ADDRESSES: usize = 200;

/// The From fields of a mail, raw. Exactly one field with exactly one mailbox is a sender; groups, several
/// mailboxes, comments or quotes in the address, controls and a second `@` are what two parsers read in two
/// ways.
pub(super) fn sender<'a>(mut fields: impl Iterator<Item = &'a [u8]>) -> Sender {
    let Some(first) = fields.next() else {
        return Sender::Missing;
    };
    let lenient = || list(first).into_iter().next();
    if fields.next().is_some() {
        return Sender::Unclear { why: "more than one From field", shown: lenient() };
    }
    if first.trim_ascii().is_empty() {
        return Sender::Missing;
    }
    match strict(first) {
        Ok((name, address)) => Sender::One { name, address },
        Err(why) => match only_address(first) {
            Some((name, address)) => Sender::One { name, address },
            None => Sender::Unclear { why, shown: lenient() },
        },
    }
}

/// The field cannot be read by the grammar, though it may name one address beyond doubt.
pub(super) fn is_odd(field: &[u8]) -> bool {
    strict(field).is_err()
}

/// The one address of a field that no grammar has, such as `Lee, Alice <a@b.example>`: there is no other `@`
/// in it, be it encoded, so no program can find another sender (T08, T120). A closed group is none.
fn only_address(raw: &[u8]) -> Option<(String, AddrSpec)> {
    let trimmed = raw.trim_ascii();
    // A list that ends after its one mailbox, as address fields of programs do.
    let raw = trimmed.strip_suffix(b";").filter(|r| !r.contains(&b':')).unwrap_or(trimmed);
    // A program encoded all of the field, the address too: nobody can read another one there.
    let encoded = raw.starts_with(b"=?") && raw.ends_with(b"?=") && !raw.iter().any(|b| b"@<>".contains(b));
    let decoded = encoded.then(|| unstructured(raw));
    let spoken = without_spoken_at(decoded.as_deref().map_or(raw, str::as_bytes));
    let raw = spoken.as_slice();
    let odd = |&b: &u8| b == b';' || (b.is_ascii_control() && b != b'\t');
    if raw.iter().any(odd) || raw.iter().filter(|&&b| b == b'@').count() != 1 {
        return None;
    }
    let at = raw.iter().position(|&b| b == b'@')?;
    let ends = |b: &u8| b.is_ascii_whitespace() || b"<>,:".contains(b);
    let start = raw[..at].iter().rposition(ends).map_or(0, |n| n + 1);
    let end = raw[at..].iter().position(ends).map_or(raw.len(), |n| at + n);
    let address = AddrSpec::parse(std::str::from_utf8(&raw[start..end]).ok()?)?;
    if raw[end..].contains(&b'<') {
        return None;
    }
    let before = raw[..start].trim_ascii_end();
    let name = clean_name(&unstructured(&unquote(before.strip_suffix(b"<").unwrap_or(before))));
    (!name.contains(is_at)).then_some((name, address))
}

/// `Alice @ ACME <a@b.example>` says "at": where blanks stand around an `@` and no dot in the word behind it,
/// no program that delivers mail finds an address.
fn without_spoken_at(raw: &[u8]) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::with_capacity(raw.len());
    for (at, &b) in raw.iter().enumerate() {
        let spoken = |rest: &[u8]| {
            let ends = |b: &u8| b.is_ascii_whitespace() || b"<>@".contains(b);
            let word = rest.trim_ascii_start().split(ends).next().unwrap_or_default();
            rest[..1].trim_ascii().is_empty() && !word.is_empty() && !word.contains(&b'.')
        };
        let behind_blank = out.last().is_some_and(u8::is_ascii_whitespace);
        match b == b'@' && behind_blank && at + 1 < raw.len() && spoken(&raw[at + 1..]) {
            true => out.extend_from_slice(b"at"),
            false => out.push(b),
        }
    }
    out
}

/// What a reader takes for an `@`.
fn is_at(c: char) -> bool {
    matches!(c, '@' | '\u{ff20}' | '\u{fe6b}')
}

/// What one pass over a mailbox finds outside of quotes and comments.
#[derive(Default)]
struct Scan {
    outside: Vec<u8>,
    angle: Option<Vec<u8>>,
    comment: Vec<u8>,
}

fn strict(raw: &[u8]) -> Result<(String, AddrSpec), &'static str> {
    if raw.iter().any(|&b| b == 0 || (b.is_ascii_control() && b != b'\t')) {
        return Err("a control character in From");
    }
    let scan = scan(raw)?;
    let outside = scan.outside.trim_ascii();
    let text = |bytes: &[u8]| {
        std::str::from_utf8(bytes).ok().map(str::to_owned).ok_or("an address that is not UTF-8")
    };
    let Some(angle) = scan.angle else {
        let text = text(outside)?;
        let address = AddrSpec::parse(&text).ok_or("an address that cannot be read strictly")?;
        return Ok((clean_name(&unstructured(&scan.comment)), address));
    };
    let text = text(&angle)?;
    if text.trim() != text {
        return Err("a space in the address");
    }
    let address = AddrSpec::parse(&text).ok_or("an address that cannot be read strictly")?;
    let name = unquote(outside);
    // `a@x <b@y>` without quotes is no phrase (RFC 5322 §3.2.5): some read a@x. The same address twice is
    // harmless.
    let bare = outside.contains(&b'@') && !outside.starts_with(b"\"");
    if bare && !names_itself(&String::from_utf8_lossy(&name), &address) {
        return Err("an address in the unquoted display name");
    }
    let name = if name.trim_ascii().is_empty() { scan.comment } else { name };
    Ok((clean_name(&unstructured(&name)), address))
}

/// Every word with an `@` is the address itself, in whatever quotes.
fn names_itself(name: &str, address: &AddrSpec) -> bool {
    let quote = |c: char| "'\"`´‘’‚‛“”„«»‹›()[]*".contains(c);
    let mut words = name.split_whitespace().filter(|word| word.contains('@'));
    words.all(|word| AddrSpec::parse(word.trim_matches(quote)).as_ref() == Some(address))
}

fn scan(raw: &[u8]) -> Result<Scan, &'static str> {
    let mut scan = Scan::default();
    let (mut quoted, mut escaped, mut depth, mut in_angle, mut closed) = (false, false, 0_u32, false, false);
    for &b in raw {
        let target = if depth > 0 { &mut scan.comment } else { &mut scan.outside };
        if escaped {
            escaped = false;
            target.push(b);
            continue;
        }
        match b {
            b'\\' if quoted || depth > 0 => {
                escaped = true;
                if depth == 0 {
                    scan.outside.push(b);
                }
            }
            // Odd dots may stand in quotes there; whatever else does is no address.
            b'"' if in_angle => {
                if let Some(angle) = &mut scan.angle {
                    angle.push(b);
                }
            }
            b'"' if depth == 0 => {
                quoted = !quoted;
                target.push(b);
            }
            _ if quoted => target.push(b),
            b'(' if in_angle => return Err("a comment in the address"),
            b'(' => depth += 1,
            b')' if depth == 0 => return Err("a comment that was never opened"),
            b')' => depth -= 1,
            _ if depth > 0 => target.push(b),
            b'<' if in_angle || closed => return Err("two addresses in angle brackets"),
            b'<' => {
                in_angle = true;
                scan.angle = Some(Vec::new());
            }
            b'>' if in_angle => (in_angle, closed) = (false, true),
            b'>' => return Err("an angle bracket that was never opened"),
            b',' | b';' | b':' => return Err("several mailboxes or a group in From"),
            b if in_angle => {
                if let Some(angle) = &mut scan.angle {
                    angle.push(b);
                }
            }
            b if closed && !b.is_ascii_whitespace() => return Err("words after the address"),
            b => target.push(b),
        }
    }
    if quoted || escaped || depth > 0 || in_angle {
        return Err("a quote, comment or bracket in From that does not end");
    }
    Ok(scan)
}

/// The mailboxes of a field as far as they can be made out, groups flattened, at most [`MAX_ADDRESSES`].
pub(super) fn list(raw: &[u8]) -> Vec<Mailbox> {
    let mut out = Vec::new();
    let mut item = Item::default();
    let (mut quoted, mut escaped, mut depth, mut in_angle) = (false, false, 0_u32, false);
    for &b in raw {
        if escaped {
            escaped = false;
            item.push(b, depth, in_angle);
            continue;
        }
        match b {
            b'\\' if quoted || depth > 0 => {
                escaped = true;
                if depth == 0 && !in_angle {
                    item.push(b, depth, in_angle);
                }
            }
            b'"' if depth == 0 => {
                quoted = !quoted;
                item.push(b, depth, in_angle);
            }
            _ if quoted => item.push(b, depth, in_angle),
            b'(' => {
                depth += 1;
                if depth == 1 && !item.comment.is_empty() {
                    item.comment.push(b' ');
                }
            }
            b')' if depth > 0 => depth -= 1,
            _ if depth > 0 => item.push(b, depth, in_angle),
            b'<' => {
                in_angle = true;
                item.has_angle = true;
            }
            b'>' => in_angle = false,
            b':' if !in_angle => item = Item::default(),
            b',' | b';' if !in_angle => {
                item.finish(&mut out);
                item = Item::default();
                if out.len() >= MAX_ADDRESSES {
                    return out;
                }
            }
            b => item.push(b, depth, in_angle),
        }
    }
    item.finish(&mut out);
    out
}

#[derive(Default)]
struct Item {
    outside: Vec<u8>,
    angle: Vec<u8>,
    comment: Vec<u8>,
    has_angle: bool,
}

impl Item {
    fn push(&mut self, b: u8, depth: u32, in_angle: bool) {
        match (depth, in_angle) {
            (0, true) => self.angle.push(b),
            (0, false) => self.outside.push(b),
            _ => self.comment.push(b),
        }
    }

    fn finish(&mut self, out: &mut Vec<Mailbox>) {
        let outside = self.outside.trim_ascii();
        if outside.is_empty() && self.angle.is_empty() && !self.has_angle {
            return;
        }
        let (name, address) = if self.has_angle {
            let name = unquote(outside);
            (if name.trim_ascii().is_empty() { self.comment.clone() } else { name }, self.angle.clone())
        } else if outside.contains(&b'@') && !outside.starts_with(b"\"") {
            // `Name user@host`: the last word with an `@` is the address.
            match outside.iter().rposition(u8::is_ascii_whitespace) {
                Some(at)
                    if outside[at..].contains(&b'@')
                        && !outside[..at].contains(&b'@')
                        && !outside[..at].ends_with(b".") =>
                {
                    (unquote(&outside[..at]), outside[at + 1..].to_vec())
                }
                _ => (self.comment.clone(), outside.to_vec()),
            }
        } else if outside.contains(&b'@') {
            (self.comment.clone(), outside.to_vec())
        } else {
            // No address at all: what stands there is shown as a name.
            (unquote(outside), Vec::new())
        };
        let mut address: String = clean_line(&super::charset::decode(&address, None).0)
            .chars()
            .filter(|c| !c.is_whitespace())
            .collect();
        // RFC 5322 §4.4: an obsolete route is dropped.
        if address.starts_with('@')
            && let Some((_, last)) = address.split_once(':')
        {
            address = last.to_owned();
        }
        out.push(Mailbox { name: clean_name(&unstructured(&name)), address });
    }
}

/// A quoted string loses its quotes and backslashes; a mixture of atoms and quoted strings is joined.
fn unquote(phrase: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(phrase.len());
    let (mut quoted, mut escaped) = (false, false);
    for &b in phrase.trim_ascii() {
        match b {
            _ if escaped => {
                escaped = false;
                out.push(b);
            }
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b => out.push(b),
        }
    }
    out
}

/// T07: a display name with an address in it that is not the sender's own.
pub(super) fn claims_another(name: &str, address: &AddrSpec) -> bool {
    name.contains(is_at) && !name.eq_ignore_ascii_case(address.as_str())
}

/// T07, T43: no control, no bidi mark, no line break, white space collapsed, at most 250 characters.
fn clean_name(text: &str) -> String {
    let line = clean_line(text);
    let line: Vec<&str> = line.split_whitespace().collect();
    line.join(" ")
        .trim_matches(['\'', '"'])
        .trim()
        .chars()
        .filter(|c| !matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2064}'))
        .take(250)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(field: &str, wanted: Option<(&str, &str)>) {
        let got = sender(std::iter::once(field.as_bytes()));
        let got = match &got {
            Sender::One { name, address } => Some((name.as_str(), address.as_str())),
            _ => None,
        };
        assert_eq!(got, wanted, "{field:?}");
    }

    #[test]
    fn t08_one_sender_or_none() {
        check("alice@example.com", Some(("", "alice@example.com")));
        check("Alice Lee <Alice@Example.com>", Some(("Alice Lee", "alice@example.com")));
        check("\"Lee, Alice\" <a@b.example>", Some(("Lee, Alice", "a@b.example")));
        check("a@b.example (Alice)", Some(("Alice", "a@b.example")));
        check("=?utf-8?q?J=C3=B6rg?= <a@b.example>", Some(("Jörg", "a@b.example")));
        check("=?utf-8?b?c3RhZmZAZGVzaw==?==?utf-8?Q?=00?=@evil.example", None);
        check("\"staff@desk\"@evil.example", None);
        check("staff@desk.example(@evil.example", None);
        check("staff@desk.example <a@evil.example>", None);
        check("a@b.example <a@b.example>", Some(("a@b.example", "a@b.example")));
        check("\"staff@desk.example\" <a@evil.example>", Some(("staff@desk.example", "a@evil.example")));
        check("a@b.example, c@d.example", None);
        // Odd, and there is one address to find in it, whoever looks.
        check("'a@b.example' <a@b.example>", Some(("a@b.example", "a@b.example")));
        check(
            "\u{2019}A@b.example\u{2019} <a@b.example>",
            Some(("\u{2019}A@b.example\u{2019}", "a@b.example")),
        );
        check("Lee, Alice <a@b.example>", Some(("Lee, Alice", "a@b.example")));
        check("Sales: Alice <a@b.example>", Some(("Sales: Alice", "a@b.example")));
        check("Alice \"The Fox <a@b.example>", Some(("Alice The Fox", "a@b.example")));
        check("Alice :) <a@b.example>", Some(("Alice :)", "a@b.example")));
        check("Alice <a@b.example", Some(("Alice", "a@b.example")));
        check("Alice a@b.example", Some(("Alice", "a@b.example")));
        check("<a..b.@c.example>", Some(("", "a..b.@c.example")));
        check("\"A\" <\"a..b\"@c.example>", Some(("A", "a..b@c.example")));
        check("Alice @ ACME <a@b.example>", Some(("Alice at ACME", "a@b.example")));
        check("Alice @ ACME Ltd. @ Home <a@b.example>", Some(("Alice at ACME Ltd. at Home", "a@b.example")));
        check("staff @ desk.example <a@evil.example>", None);
        check("staff@ desk <a@evil.example>", None);
        check("'staff@desk.example' <a@evil.example>", None);
        check("=?utf-8?q?staff=40desk.example?=, x <a@evil.example>", None);
        check("staff\u{ff20}desk.example, x <a@evil.example>", None);
        check("<\"staff@desk\"@evil.example>", None);
        check("<\"staff\"@evil.example>", None);
        check("staff: a@b.example;", None);
        check("<a@evil.example>:<staff@desk.example>", None);
        check("<a@b.example> <c@d.example>", None);
        check("mike@\u{217e}esk.example", None);
        check("m\u{131}ke@desk.example", None);
    }

    #[test]
    fn t07_names_are_one_harmless_line() {
        check("=?utf-8?q?a=0D=0ABcc=3A_x=E2=80=AE=00?= <a@b.example>", Some(("a Bcc: x", "a@b.example")));
    }

    #[test]
    fn t09_several_fields() {
        let two = [b"a@b.example".as_slice(), b"c@d.example".as_slice()];
        assert!(matches!(sender(two.into_iter()), Sender::Unclear { .. }));
        assert_eq!(sender([b"".as_slice()].into_iter()), Sender::Missing);
        assert_eq!(sender(std::iter::empty()), Sender::Missing);
    }

    #[test]
    fn lists_are_read_leniently() {
        let check = |field: &str, wanted: &[(&str, &str)]| {
            let got = list(field.as_bytes());
            let got: Vec<(&str, &str)> = got.iter().map(|m| (m.name.as_str(), m.address.as_str())).collect();
            assert_eq!(got, wanted, "{field:?}");
        };
        check("a@b.c, \"X, Y\" <d@e.f>", &[("", "a@b.c"), ("X, Y", "d@e.f")]);
        check("Group: a@b.c, D <d@e.f>;, g@h.i", &[("", "a@b.c"), ("D", "d@e.f"), ("", "g@h.i")]);
        check("undisclosed-recipients:;", &[]);
        check("a @ b . c (Ann)", &[("Ann", "a@b.c")]);
        check("<@x,@y:a@b.c>", &[("", "a@b.c")]);
        assert_eq!(list("a@b.c,".repeat(5000).as_bytes()).len(), MAX_ADDRESSES);
        assert!(list("(".repeat(100_000).as_bytes()).is_empty());
    }
}
