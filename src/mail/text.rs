//! Cleaning of decoded text, format=flowed, safe file names (T40, T51, RFC 3676).

/// A character that no derived text may hold: C0 and C1 but tab and LF, and the bidi controls (T40, T07).
fn forbidden(c: char) -> bool {
    match c {
        '\t' | '\n' => false,
        '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        '\u{feff}' | '\u{fffe}' | '\u{ffff}' => true,
        c => c.is_control(),
    }
}

/// Text of several lines: LF line ends, nothing forbidden. Nearly all of any mail is plain ASCII, which is
/// copied in runs.
pub fn clean(text: &str) -> String {
    if text.bytes().all(|b| matches!(b, b'\t' | b'\n' | b' '..=b'~')) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let plain = |b: &u8| matches!(b, b' '..=b'~' | b'\n' | b'\t');
        let run = rest.bytes().position(|b| !plain(&b)).unwrap_or(rest.len());
        out.push_str(&rest[..run]);
        let mut chars = rest[run..].chars();
        match chars.next() {
            Some('\r') if chars.as_str().starts_with('\n') => {}
            Some('\r' | '\u{2028}' | '\u{2029}' | '\u{b}' | '\u{c}') => out.push('\n'),
            Some(c) if !forbidden(c) => out.push(c),
            _ => {}
        }
        rest = chars.as_str();
    }
    out
}

/// Text of one line: nothing forbidden, no tab or LF, white space at the ends gone, the inside as it is.
pub(super) fn clean_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut after_break = false;
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\u{2028}' | '\u{2029}' => {
                out.truncate(out.trim_end_matches(' ').len());
                out.push(' ');
                after_break = true;
            }
            ' ' | '\t' if after_break => {}
            c if forbidden(c) => {}
            c => {
                out.push(if c == '\t' { ' ' } else { c });
                after_break = false;
            }
        }
    }
    out.trim().to_owned()
}

/// RFC 3676 §4: a line that ends in a space goes on in the next one of the same quote depth; `-- ` never
/// does.
pub(super) fn unflow(text: &str, delete_space: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut open: Option<usize> = None;
    for line in text.split('\n') {
        let depth = line.bytes().take_while(|&b| b == b'>').count();
        let rest = &line[depth..];
        // §4.4: the stuffed space goes, but not where the line would then look quoted.
        let rest = match rest.strip_prefix(' ') {
            Some(stuffed) if depth > 0 || !stuffed.starts_with('>') => stuffed,
            _ => rest,
        };
        let signature = rest == "-- ";
        match open {
            Some(before) if before == depth && !signature => {}
            Some(_) => out.push('\n'),
            None => {}
        }
        if open != Some(depth) || signature {
            out.push_str(&">".repeat(depth));
            if depth > 0 && !rest.is_empty() {
                out.push(' ');
            }
        }
        if rest.ends_with(' ') && !signature {
            out.push_str(if delete_space { &rest[..rest.len() - 1] } else { rest });
            open = Some(depth);
        } else {
            out.push_str(rest);
            out.push('\n');
            open = None;
        }
    }
    if open.is_none() && out.ends_with('\n') {
        out.pop();
    }
    out
}

/// A file name that is safe to show and to store: cleaned first and checked after, at most 150 bytes, never a
/// path (T51).
pub(super) fn file_name(text: &str) -> String {
    let invisible = |c: char| match c {
        '\n' | '\t' | '\u{ad}' | '\u{180e}' | '\u{2028}' | '\u{2029}' => true,
        '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2064}' => true,
        c => forbidden(c),
    };
    let shown: String = text.chars().filter(|c| !invisible(*c)).collect();
    let last = shown.rsplit(['/', '\\']).find(|piece| !piece.trim().is_empty()).unwrap_or("");
    let name: String = last.chars().map(|c| if "<>:\"|?*".contains(c) { '_' } else { c }).collect();
    let name = name.trim_matches(|c: char| c == '.' || c.is_whitespace());
    let stem = name.split('.').next().unwrap_or("").trim().to_ascii_lowercase();
    let port =
        |p: &str| stem.len() == 4 && stem.starts_with(p) && stem.ends_with(|c: char| c.is_ascii_digit());
    let device = ["con", "prn", "aux", "nul"].contains(&stem.as_str()) || port("com") || port("lpt");
    let name = if device { format!("_{name}") } else { name.to_owned() };
    shorten(&name, 150)
}

/// Cuts in the middle, so that the extension stays.
fn shorten(name: &str, limit: usize) -> String {
    if name.len() <= limit {
        return name.to_owned();
    }
    let extension = name.rfind('.').map_or("", |at| &name[at..]);
    let extension = if extension.len() <= 20 { extension } else { "" };
    let mut end = limit - extension.len();
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{extension}", &name[..end])
}

/// The size of a file, for people.
pub fn shown_size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", bytes.div_ceil(1_000)),
        more => format!("{}.{} MB", more / 1_000_000, more % 1_000_000 / 100_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t51_file_names() {
        let check = |input: &str, wanted: &str| assert_eq!(file_name(input), wanted, "{input:?}");
        check("../../etc/passwd", "passwd");
        check("C:\\a\\b.txt", "b.txt");
        check("\u{200b}.htaccess", "htaccess");
        check("..", "");
        check("nul.txt", "_nul.txt");
        check("com1", "_com1");
        check("a\r\nb\u{202e}gpj.exe", "abgpj.exe");
        check("größe.pdf", "größe.pdf");
        check("a/", "a");
        check(&format!("{}.pdf", "ä".repeat(200)), &format!("{}.pdf", "ä".repeat(73)));
    }

    #[test]
    fn flowed_text_joins() {
        let check = |input: &str, wanted: &str| assert_eq!(unflow(input, false), wanted, "{input:?}");
        check("a \nb\nc", "a b\nc");
        check("> a \n> b\n>> c \n> d", "> a b\n>> c \n> d");
        check("a\n-- \nb", "a\n-- \nb");
        check(" >x \ny\n", " >x y\n");
        assert_eq!(unflow("a \nb", true), "ab");
    }

    #[test]
    fn t40_cleaning() {
        assert_eq!(clean("a\r\nb\rc\u{0}\u{7}\u{202e}\u{85}\td"), "a\nb\nc\td");
        assert_eq!(clean_line(" a\r\n b\u{0}\tc "), "a b c");
    }
}
