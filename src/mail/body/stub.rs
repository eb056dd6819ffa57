//! Is the plain version of a mail its words, or a stub in place of them (T117)? Programs that write HTML put
//! a sentence there, or the mark of an image.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::mail::html;

/// A longer text is nobody's stub; bytes.
const STUB_BYTES_MAX: usize = 800;
/// So many words more than the stub must the HTML hold.
const MORE_WORDS_MIN: usize = 4;
/// Bytes of HTML that are read to tell, pictures inside of it left out.
const HTML_BYTES_MAX: usize = 256 * 1024;
/// A longer value is a picture, or the like, and no address of a page; bytes.
const DATA_BYTES_MIN: usize = 500;

/// What the plain version is beside the HTML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plain {
    /// It says what there is to say.
    Words,
    /// It stands in place of the words, which the HTML holds.
    Stub,
    /// It is short and says something else: both are shown.
    Doubtful,
}

/// What a stub says about itself, in lower case.
const SAYINGS: &[&str] = &[
    "html",
    "browser",
    "navigateur",
    "navegador",
    "przegląd",
    "браузер",
    "ブラウザ",
    "浏览器",
    "瀏覽器",
    "plain text",
    "text version",
    "textversion",
    "version texte",
    "versión de texto",
    "mime format",
    "view online",
    "view this e",
    "view this m",
    "view it online",
    "read online",
    "online ansehen",
    "online lesen",
    "email client",
    "mail client",
    "mail program",
    "mailprogramm",
    "e-mail-programm",
    "web version",
    "webversion",
];

/// Marks of images, links and addresses of pages: no words of a person.
static MARKS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let images =
        r"image|inline image|inline|cid|bild|grafik|photo|picture|imagen|imagem|immagine|logo|afbeelding";
    let files = r"<?[\w.\-]{1,60}\.(?:png|jpe?g|gif|bmp|svg|webp|tiff?)>?";
    Regex::new(&format!(
        concat!(
            r"(?i)\[(?:{})[^\]\n]{{0,300}}\]|\[{}\]|<{}>|(?m:^\s*{}\s*$)",
            r"|<?\bhttps?://\S+|\x{{fffc}}"
        ),
        images, files, files, files
    ))
    .ok()
});

/// Commands at its top are words (T20), however short it is.
pub(super) fn weigh(plain: &str, source: &str) -> Plain {
    if plain.trim().is_empty() {
        return Plain::Stub;
    }
    if plain.len() > STUB_BYTES_MAX || plain.trim_start().starts_with('#') {
        return Plain::Words;
    }
    let bare = without_data(source);
    let source = bare.as_deref().unwrap_or(source);
    let most = source.len().min(HTML_BYTES_MAX);
    let end = (0..=most).rev().find(|at| source.is_char_boundary(*at)).unwrap_or(0);
    let begin = &source[..end];
    let cut = begin.len() < source.len();
    let without =
        |text: &str| MARKS.as_ref().map_or_else(|| text.to_owned(), |m| m.replace_all(text, " ").into());
    let said = words(&without(plain));
    let lower = plain.to_lowercase();
    let says_so = SAYINGS.iter().any(|s| lower.contains(s));
    let shown = words(&without(&html::to_text(begin)));
    let more = shown.difference(&said).count();
    if cut && more < MORE_WORDS_MIN {
        // What stands below may say anything.
        return Plain::Doubtful;
    }
    if said.is_empty() {
        return if shown.is_empty() { Plain::Words } else { Plain::Stub };
    }
    let common = shown.intersection(&said).count();
    if says_so && more >= MORE_WORDS_MIN {
        // A short one says nothing else; beside a longer one both are shown.
        return if shown.len() >= said.len() * 2 { Plain::Stub } else { Plain::Doubtful };
    }
    // Small words stand in any two texts: half of the stub's must be in the HTML.
    match common * 2 < said.len() && more >= MORE_WORDS_MIN {
        true => Plain::Doubtful,
        false => Plain::Words,
    }
}

/// HTML without the values that hold a whole picture (RFC 2397); `None`: there are none.
fn without_data(source: &str) -> Option<String> {
    let mut out = String::new();
    let mut from = 0;
    for (at, _) in source.match_indices("data:").filter(|_| source.len() > DATA_BYTES_MIN) {
        if at < from {
            continue;
        }
        let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '>' | ')' | '<');
        let end = source[at..].find(ends).map_or(source.len(), |n| at + n);
        if end - at > DATA_BYTES_MIN {
            out.push_str(&source[from..at]);
            from = end;
        }
    }
    (from > 0).then(|| out + &source[from..])
}

/// The words of a text in lower case; in a script without spaces each letter is one.
fn words(text: &str) -> HashSet<String> {
    let mut out = HashSet::new();
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).take(2000) {
        let letters: Vec<char> = word.chars().take(200).flat_map(char::to_lowercase).collect();
        match letters.iter().any(|c| u32::from(*c) > 0x2e80) {
            true => out.extend(letters.into_iter().map(String::from)),
            false => {
                out.insert(letters.into_iter().collect());
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Plain, weigh};

    #[test]
    fn t117_a_stub_hides_no_words() {
        let html = "<p>My printer 4711 is broken, please send somebody to Dargo Street.</p>";
        let check = |plain: &str, wanted: Plain| assert_eq!(weigh(plain, html), wanted, "{plain:?}");
        for stub in [
            "Your mail client does not support HTML.",
            "This is in HTML format. Please enable HTML.",
            "To view this email in your browser: https://shop.example/x",
            "ブラウザで表示",
        ] {
            assert_ne!(weigh(stub, html), Plain::Words, "{stub:?}");
        }
        for stub in [
            "",
            " \n",
            "Bitte aktivieren Sie HTML.",
            "[image: logo]",
            "[cid:image001.png@01D9]",
            "<image001.png>",
            "https://shop.example/view?id=1",
        ] {
            check(stub, Plain::Stub);
        }
        check("Contact form", Plain::Doubtful);
        check("Sent from my iPhone", Plain::Doubtful);
        check("Click here to view: https://shop.example/v", Plain::Doubtful);
        check("This email client does not support HTML", Plain::Doubtful);
        // A picture inside of the HTML, or very much of it, hides no words either.
        let picture = format!("<img src=\"data:image/png;base64,{}\">", "A".repeat(300_000));
        let style = format!("<style>{}</style>", ".a{color:red}".repeat(30_000));
        for (begin, stub) in [(&picture, Plain::Stub), (&style, Plain::Doubtful)] {
            let large = format!("{begin}{html}");
            for plain in ["[cid:image001.png]", "Please enable HTML"] {
                assert_eq!(weigh(plain, &large), stub, "{plain}");
            }
        }
        let large = format!("{html}{picture}");
        assert_eq!(
            weigh("My printer 4711 is broken, please send somebody to Dargo Street.", &large),
            Plain::Words
        );
        check("My printer 4711 is broken, please send somebody to Dargo Street.", Plain::Words);
        check("My printer is broken", Plain::Words);
        check("#close", Plain::Words);
        assert_eq!(
            weigh("My page in HTML is broken", "<p>My page in <b>HTML</b> is broken</p>"),
            Plain::Words
        );
        assert_eq!(weigh("[image: x]", "<img src=cid:x>"), Plain::Words);
    }
}
