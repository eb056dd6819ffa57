//! Which parts of a mail its HTML shows (RFC 2392), and whether among its words or below them. Found once a
//! mail, however many parts there are (T122).

use std::collections::HashMap;

use crate::mail::html;
use crate::mail::inbound::InHtml;

/// The ids that HTML names.
#[derive(Default)]
pub(super) struct Pictures {
    /// Where each is named first.
    named: HashMap<String, usize>,
    /// Where the HTML itself begins a signature or an older mail.
    words_end: Option<usize>,
}

impl Pictures {
    /// Reads HTML; `None`: the mail has none.
    pub fn of(html: Option<&str>) -> Self {
        let Some(html) = html else { return Self::default() };
        let mut named = HashMap::new();
        for (at, scheme) in html.match_indices("cid:") {
            let value = html[at + scheme.len()..].split(['"', '\'', '<', '>']).next().unwrap_or_default();
            // Where no quote ends the value, a space does.
            let word = value.split_ascii_whitespace().next().unwrap_or_default();
            for id in [word, value] {
                named.entry(decoded(id)).or_insert(at);
            }
        }
        let words_end = if named.is_empty() { None } else { html::own_words_end(html) };
        Self { named, words_end }
    }

    /// Where the part with this id is shown.
    pub fn place(&self, id: &str) -> InHtml {
        match (self.named.get(id), self.words_end) {
            (None, _) => InHtml::Nowhere,
            (Some(at), Some(end)) if end < *at => InHtml::Below,
            (Some(_), _) => InHtml::Words,
        }
    }
}

/// RFC 2392 §2: an id is written as a URL writes it, with `%hh`; many programs write it as it is.
fn decoded(id: &str) -> String {
    let mut out = Vec::with_capacity(id.len());
    let mut rest = id.as_bytes();
    while let [first, tail @ ..] = rest {
        let pair = tail.get(..2).filter(|_| *first == b'%').and_then(|two| std::str::from_utf8(two).ok());
        match pair.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                rest = &tail[2..];
            }
            None => {
                out.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_picture_has_its_place() {
        let html = "<p>Look: <img src=\"cid:img10@x\"> <img src=cid:two%40x width=3>\
                    <img src='cid:a b@x'></p>\
                    <div class=\"gmail_signature\"><img src=\"cid:logo@x\"><img src=\"cid:img10@x\"></div>";
        let pictures = Pictures::of(Some(html));
        for id in ["img10@x", "two@x", "a b@x"] {
            assert_eq!(pictures.place(id), InHtml::Words, "{id}");
        }
        assert_eq!(pictures.place("logo@x"), InHtml::Below);
        for id in ["img1", "img1@x", "", "%40"] {
            assert_eq!(pictures.place(id), InHtml::Nowhere, "{id}");
        }
        assert_eq!(Pictures::of(None).place("img10@x"), InHtml::Nowhere);
    }
}
