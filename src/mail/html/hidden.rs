//! What the HTML of a mail shows: the source without the elements that are not seen (T20). One pass, no tree
//! (T49).

use super::words::{attribute, tag_end};

/// Elements that have no end tag: nothing is inside of them.
const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr",
];
/// Bytes of style sheets that are looked at.
const MAX_SHEET: usize = 256 * 1024;

/// The source without hidden elements and what is inside of them. In doubt an element is hidden: what is
/// hidden commands nothing, and its writer is told.
pub(in crate::mail) fn visible(html: &str) -> String {
    let names = hidden_names(html);
    let mut out = String::with_capacity(html.len());
    // Name of the hidden element that is open, and how many of that name are.
    let mut hidden: Option<(String, usize)> = None;
    let last_comment = html.rfind("-->").unwrap_or(0);
    let mut at = 0;
    while at < html.len() {
        let rest = &html[at..];
        let length = match rest.starts_with('<') {
            true if at < last_comment && rest.starts_with("<!--") => {
                rest.find("-->").map_or(rest.len(), |n| n + 3)
            }
            true => tag_end(rest),
            false => rest.find('<').unwrap_or(rest.len()),
        };
        let piece = &rest[..length];
        at += length;
        let Some((name, closing)) = element(piece) else {
            if hidden.is_none() {
                out.push_str(piece);
            }
            continue;
        };
        match &mut hidden {
            Some((open, depth)) if *open == name => {
                *depth = if closing { *depth - 1 } else { *depth + 1 };
                if *depth == 0 {
                    hidden = None;
                }
            }
            Some(_) => {}
            None if !closing && is_hidden(piece, &names) && !VOID.contains(&name.as_str()) => {
                hidden = Some((name, 1))
            }
            None => out.push_str(piece),
        }
    }
    out
}

/// Whether a line of the words can begin with `#`. It errs to one side only: true wherever no letter or digit
/// of ASCII stands between a `#` and the tag or line end before it, whatever is hidden, removed or decoded
/// there.
pub(in crate::mail) fn may_show_hash_line(html: &str) -> bool {
    let bytes = html.as_bytes();
    let (mut at, mut begins) = (0, true);
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'#' if begins => return true,
            b'>' | b'\n' | b'\r' => begins = true,
            b'&' => {
                if let Some(name) = reference(&html[at..]) {
                    if begins && is_hash(name) {
                        return true;
                    }
                    at += name.len() + 1;
                }
            }
            b if b.is_ascii_alphanumeric() => begins = false,
            _ => {}
        }
    }
    false
}

/// What stands between `&` and `;` where that can be a character reference.
fn reference(behind: &str) -> Option<&str> {
    let part = |b: &u8| b.is_ascii_alphanumeric() || *b == b'#';
    let length = behind.bytes().take(33).take_while(part).count();
    behind[length..].starts_with(';').then(|| &behind[..length])
}

/// Whether a reference stands for `#`, or for a character that cannot be told.
fn is_hash(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    match name.strip_prefix('#') {
        Some(number) => {
            let value =
                number.strip_prefix('x').map_or_else(|| number.parse(), |hex| u32::from_str_radix(hex, 16));
            value.ok().is_none_or(|value| value == u32::from(b'#'))
        }
        None => name == "num",
    }
}

/// The name of a tag in lower case, and whether it closes.
fn element(piece: &str) -> Option<(String, bool)> {
    let body = piece.strip_prefix('<')?;
    let closing = body.starts_with('/');
    let name: String =
        body.trim_start_matches('/').chars().take_while(|c| c.is_ascii_alphanumeric() || *c == ':').collect();
    name.starts_with(|c: char| c.is_ascii_alphabetic()).then(|| (name.to_ascii_lowercase(), closing))
}

fn is_hidden(tag: &str, names: &[String]) -> bool {
    let bare = tag.trim_end_matches(['>', '/']).to_ascii_lowercase();
    let word = bare.split_ascii_whitespace().skip(1).any(|w| w == "hidden" || w.starts_with("hidden="));
    let styled = attribute(tag, "style").is_some_and(|s| hides(&s));
    let given = ["class", "id"].into_iter().filter_map(|a| attribute(tag, a));
    let named = |value: String| {
        value.split_ascii_whitespace().any(|w| names.iter().any(|n| n.eq_ignore_ascii_case(w)))
    };
    word || styled || given.into_iter().any(named)
}

/// Declarations by which nobody sees an element.
fn hides(style: &str) -> bool {
    let style: String = style.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
    style.split(';').filter_map(|d| d.split_once(':')).any(|(property, value)| {
        let value = value.trim_end_matches("!important");
        let zero = value.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
        let zero = !zero.is_empty() && zero.chars().all(|c| c == '0' || c == '.');
        match property {
            "display" => value == "none",
            "visibility" => value == "hidden" || value == "collapse",
            "mso-hide" => value == "all",
            "font-size" | "opacity" | "max-height" | "max-width" | "height" | "width" => zero,
            _ => false,
        }
    })
}

/// Classes and ids that a style sheet of the mail hides.
fn hidden_names(html: &str) -> Vec<String> {
    let lower = html.to_ascii_lowercase();
    let mut out = Vec::new();
    let (mut rest, mut room) = (lower.as_str(), MAX_SHEET);
    while let Some(at) = rest.find("<style") {
        let inside = &rest[at..];
        let end = inside.find("</style").unwrap_or(inside.len());
        let sheet = &inside[..end];
        if sheet.len() > room {
            break;
        }
        room -= sheet.len();
        // Of nested rules, as in @media, the innermost has the declarations.
        for rule in sheet.split('}') {
            let Some((before, body)) = rule.rsplit_once('{') else { continue };
            if hides(body) {
                let selector = before.rsplit(['{', ';']).next().unwrap_or(before);
                let word = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
                let marked = selector.match_indices(['.', '#']).map(|(i, _)| &selector[i + 1..]);
                out.extend(
                    marked
                        .map(|s| s.chars().take_while(|c| word(*c)).collect::<String>())
                        .filter(|n| !n.is_empty()),
                );
            }
        }
        rest = &inside[end.max(1)..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::html::to_text;

    #[test]
    fn t20_what_is_hidden_is_not_seen() {
        let check = |input: &str, wanted: &str| assert_eq!(to_text(&visible(input)), wanted, "{input:?}");
        check("<div style='display:none'>#close</div>hello", "hello");
        check(
            "<p>a</p><span STYLE=\"color:red; Display : NONE !important\"><b>x<span>y</span></b></span>b",
            "a\n\nb",
        );
        check("<div hidden>x</div><div>y</div>", "y");
        check(
            "<div style='font-size:0px'>x</div><div style='opacity:0.0;'>y</div><i \
                style='visibility:hidden'>z</i>w",
            "w",
        );
        check("<div style='mso-hide:all;font-size:10px'>x</div><p style='font-size:10px'>y</p>", "y");
        check(
            "<style>@media print { .a, p.b > i#c { color:red; display:none } }</style><div class='x \
                A'>x</div><i id=c>y</i>z",
            "z",
        );
        check("<div style='display:none'>x<div>y</div>z", "");
        check("<!-- <div style='display:none'> -->x", "x");
        check("<br hidden><img style='display:none' alt=x>y<br>z", "[x]y\nz");
        check("1 < 2 <b>c", "1 < 2 c");
    }

    #[test]
    fn t20_where_a_line_can_begin_with_a_hash() {
        let check = |html: &str, wanted: bool| assert_eq!(may_show_hash_line(html), wanted, "{html:?}");
        for shown in [
            "#close",
            "<div>#close",
            "<div> \u{200b}&nbsp;&#8203;#close",
            "a<br>&num;close",
            "a<br>&#35;close",
            "a<br>&#x00023;close",
            "<pre>a\n#close</pre>",
            "x<span hidden>y</span>#close",
            "<p>&#99999999999;close",
        ] {
            check(shown, true);
        }
        for not in [
            "",
            "a #b",
            "<p>Order #5",
            "<p>it&#39;s",
            "<a href=\"x#y\">z</a>",
            "<i style='color:#fff'>a</i>",
            "&num",
        ] {
            check(not, false);
        }
    }

    #[test]
    fn t49_much_that_is_hidden_is_quick() {
        assert!(!may_show_hash_line(&format!("a{}", "#&#".repeat(400_000))));
        let deep = "<div style='display:none'>".repeat(40_000);
        assert_eq!(visible(&deep), "");
        assert!(visible(&"<style>".repeat(100_000)).len() >= 600_000);
        assert!(visible(&"<a ".repeat(100_000)).len() >= 200_000);
    }
}
