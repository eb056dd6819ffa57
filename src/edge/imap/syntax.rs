//! How IMAP writes folder names, sets of UIDs and dates (RFC 9051, RFC 3501).

/// A folder name as a quoted string in modified UTF-7 (RFC 3501 §5.1.3); never a literal (T46).
pub fn quoted(folder: &str) -> Result<String, String> {
    if folder.chars().any(char::is_control) || folder.is_empty() {
        return Err("a folder name holds a control character".into());
    }
    let mut out = String::from("\"");
    let mut wide: Vec<u8> = Vec::new();
    let flush = |wide: &mut Vec<u8>, out: &mut String| {
        if !wide.is_empty() {
            out.push('&');
            out.push_str(&data_encoding::BASE64_NOPAD.encode(wide).replace('/', ","));
            out.push('-');
            wide.clear();
        }
    };
    for c in folder.chars() {
        if c.is_ascii() {
            flush(&mut wide, &mut out);
            match c {
                '&' => out.push_str("&-"),
                '"' | '\\' => out.extend(['\\', c]),
                _ => out.push(c),
            }
        } else {
            let mut units = [0; 2];
            wide.extend(c.encode_utf16(&mut units).iter().flat_map(|u| u.to_be_bytes()));
        }
    }
    flush(&mut wide, &mut out);
    out.push('"');
    Ok(out)
}

/// Ascending UIDs as a sequence set with ranges (RFC 9051 §4.1.1).
pub fn ranges(uids: &[u32]) -> String {
    let mut out: Vec<(u32, u32)> = Vec::new();
    for uid in uids {
        match out.last_mut() {
            Some((_, end)) if end.checked_add(1) == Some(*uid) => *end = *uid,
            _ => out.push((*uid, *uid)),
        }
    }
    let text = out.iter().map(|(a, b)| if a == b { a.to_string() } else { format!("{a}:{b}") });
    text.collect::<Vec<_>>().join(",")
}

/// `24-Nov-2026 18:08:51 +0100` in seconds since 1970; `None`: it is no date.
pub fn internal_date(text: &str) -> Option<i64> {
    let words = text.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
    let time = jiff::fmt::strtime::parse("%d-%b-%Y %H:%M:%S %z", &words).ok()?;
    Some(time.to_timestamp().ok()?.as_second())
}

/// A quoted string (RFC 9051 §4.3); `None`: it holds what must not stand in one.
pub fn quoted_ascii(text: &str) -> Option<String> {
    let fits = text.is_ascii() && !text.chars().any(char::is_control);
    fits.then(|| {
        // Room for all of it at once: it may be a secret, and what grows leaves copies behind.
        let mut quoted = String::with_capacity(text.len() * 2 + 2);
        quoted.push('"');
        for c in text.chars() {
            quoted.extend(matches!(c, '\\' | '"').then_some('\\'));
            quoted.push(c);
        }
        quoted.push('"');
        quoted
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t46_folder_names_cannot_leave_their_quotes() {
        let cases = [
            ("INBOX", "\"INBOX\""),
            ("a\"b\\c", "\"a\\\"b\\\\c\""),
            ("Entwürfe & mehr", "\"Entw&APw-rfe &- mehr\""),
            ("{5+}", "\"{5+}\""),
        ];
        for (folder, expected) in cases {
            assert_eq!(quoted(folder).as_deref(), Ok(expected));
        }
        assert!(quoted("a\"\r\nB DELETE INBOX").is_err() && quoted("").is_err());
    }

    #[test]
    fn sets_and_dates() {
        assert_eq!(ranges(&[1, 2, 3, 7, 9, 10]), "1:3,7,9:10");
        assert_eq!(internal_date("24-Nov-2026 18:08:51 +0100"), Some(1_795_540_131));
        assert_eq!(internal_date(" 1-Jan-1970 00:00:10 +0000"), Some(10));
    }
}
