//! HTML -> harmless HTML (T54) and HTML -> text that reads well. Both linear, both behind caps: cleaners and
//! layout engines slow down quadratically on deep nesting (T49).

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

mod containers;
mod hidden;
mod words;

pub(super) use hidden::{may_show_hash_line, visible};
pub use words::to_text;

use containers::{Container, container, is_cite};
use words::tag_end;
pub(super) use words::to_marked_text;

/// Above these the library is not asked; the text alone is shown (CRATES, parsing).
const MAX_BYTES: usize = 512 * 1024;
const MAX_DEPTH: usize = 256;

static CLEANER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let tags = [
        "a",
        "abbr",
        "address",
        "b",
        "bdi",
        "big",
        "blockquote",
        "br",
        "caption",
        "center",
        "cite",
        "code",
        "col",
        "colgroup",
        "dd",
        "del",
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "ins",
        "kbd",
        "li",
        "mark",
        "ol",
        "p",
        "pre",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "tt",
        "u",
        "ul",
        "var",
    ];
    let spans: HashSet<&str> = ["colspan", "rowspan"].into();
    let attributes: HashMap<&str, HashSet<&str>> = [
        ("a", ["href"].into()),
        ("img", ["src", "alt", "width", "height"].into()),
        ("td", spans.clone()),
        ("th", spans),
        ("ol", ["start"].into()),
    ]
    .into();
    let mut builder = ammonia::Builder::empty();
    builder
        .tags(tags.into())
        .clean_content_tags(
            [
                "script", "style", "title", "template", "svg", "math", "noscript", "iframe", "object",
                "select", "textarea",
            ]
            .into(),
        )
        .tag_attributes(attributes)
        .generic_attributes(["dir", "lang", "title"].into())
        .set_tag_attribute_value("a", "target", "_blank")
        .url_schemes(["http", "https", "mailto", "cid"].into())
        .url_relative(ammonia::UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer nofollow"))
        .strip_comments(true)
        .attribute_filter(address);
    builder
});

/// Pictures only from the mail itself (no request to a foreign host), links only to where a person may go.
fn address<'u>(element: &str, attribute: &str, value: &'u str) -> Option<Cow<'u, str>> {
    let scheme = |wanted: &[&str]| {
        let lower = value.trim_start().to_ascii_lowercase();
        wanted.iter().any(|w| lower.starts_with(w)).then_some(Cow::Borrowed(value))
    };
    match (element, attribute) {
        ("img", "src") => scheme(&["cid:"]),
        (_, "href") => scheme(&["http://", "https://", "mailto:"]),
        ("img", "width" | "height") | (_, "colspan" | "rowspan" | "start") => {
            (value.len() <= 4 && value.bytes().all(|b| b.is_ascii_digit())).then_some(Cow::Borrowed(value))
        }
        _ => Some(Cow::Borrowed(value)),
    }
}

/// A version that a page may show: no script, style, class, id, form, foreign element or remote content.
pub fn harmless(html: &str) -> String {
    if html.len() > MAX_BYTES || deep(html) {
        return format!("<pre>{}</pre>", escape(&to_text(html)));
    }
    // Controls and bidi marks may come as references, `&#x202e;` (T40): they are taken out of what is
    // written.
    let clean = |html: &str| super::text::clean(&CLEANER.clean(html).to_string());
    let once = clean(html);
    // What a browser would read in another way after one pass is cleaned again; a third reading is not waited
    // for.
    let twice = clean(&once);
    if once == twice {
        return once;
    }
    if clean(&twice) == twice { twice } else { format!("<pre>{}</pre>", escape(&to_text(html))) }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Counts open tags without building a tree; elements that close by themselves do not count.
fn deep(html: &str) -> bool {
    const SHALLOW: [&str; 22] = [
        "br", "p", "img", "hr", "li", "td", "tr", "th", "meta", "link", "input", "col", "area", "base",
        "wbr", "dt", "dd", "option", "source", "tbody", "embed", "param",
    ];
    let mut depth = 0_usize;
    for piece in html.split('<').skip(1) {
        let closing = piece.starts_with('/');
        let name: String = piece
            .trim_start_matches('/')
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .take(20)
            .collect::<String>()
            .to_ascii_lowercase();
        if name.is_empty() || SHALLOW.contains(&name.as_str()) {
            continue;
        }
        depth = if closing { depth.saturating_sub(1) } else { depth + 1 };
        if depth > MAX_DEPTH {
            return true;
        }
    }
    false
}

/// Where the first element begins that the HTML itself calls a signature or an older mail; `None`: there is
/// none.
pub(super) fn own_words_end(html: &str) -> Option<usize> {
    // Behind the last `>` no tag ends, and each tag is read once: no byte is looked at again and again.
    let tags = &html[..html.rfind('>')? + 1];
    let mut from = 0;
    while let Some(at) = tags[from..].find('<').map(|n| from + n) {
        let rest = &tags[at..];
        let name = rest[1..].get(..10).unwrap_or("").to_ascii_lowercase();
        let wraps =
            ["div", "table", "span", "hr", "section", "blockquote"].iter().any(|n| name.starts_with(n));
        from = at + 1;
        if wraps {
            let tag = &rest[..tag_end(rest)];
            let cites = || name.starts_with("blockquote") && is_cite(tag, false);
            if container(tag) != Container::Plain || cites() {
                return Some(at);
            }
            from = at + tag.len();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t54_harmless() {
        let check = |input: &str, wanted: &str| assert_eq!(harmless(input), wanted, "{input:?}");
        check("<p onclick=x style='a:b' id=i class=c>hi</p>", "<p>hi</p>");
        check("<script>alert(1)</script>a<svg><a href='javascript:x'>b</a></svg>", "a");
        check(
            "<a href='javascript:alert(1)'>a</a>",
            "<a target=\"_blank\" rel=\"noopener noreferrer nofollow\">a</a>",
        );
        check("<img src=http://x/y.png alt=z>", "<img alt=\"z\">");
        check("<img src='cid:a@b'>", "<img src=\"cid:a@b\">");
        check("<form action=x><input name=a>text</form>", "text");
    }

    #[test]
    fn t49_bombs_are_quick() {
        for bomb in [
            "<b>".repeat(20_000),
            "<div>".repeat(20_000),
            "<".repeat(20_000),
            "<a \"".repeat(20_000),
            "<!--".repeat(20_000),
            "&".repeat(20_000),
        ] {
            assert!(harmless(&bomb).len() <= bomb.len() * 5 + 20);
        }
    }
}
