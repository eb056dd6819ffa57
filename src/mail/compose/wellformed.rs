//! The last look at a letter before it leaves: anything but CRLF lines of 7-bit text with the right fields is
//! refused (T42, T43).

/// True where `bytes` may be sent: CRLF only, no octet above 0x7e and no control but tab, lines of at most
/// 998 octets (RFC 5322 §2.1.1), exactly one each of Date, From, To, Subject and Message-ID (§3.6), no Cc or
/// Bcc.
pub fn is_well_formed(bytes: &[u8]) -> bool {
    if !bytes.ends_with(b"\r\n") {
        return false;
    }
    let mut counts = [0_u32; 5];
    let mut in_head = true;
    let mut first = true;
    for line in bytes[..bytes.len() - 2].split(|&b| b == b'\n') {
        // All but the last piece of the split must end with the CR that stood before its LF.
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.len() > 998 || line.iter().any(|&b| b != b'\t' && !(0x20..=0x7e).contains(&b)) {
            return false;
        }
        if in_head && line.is_empty() {
            in_head = false;
        } else if in_head && !field(line, first, &mut counts) {
            return false;
        }
        first = false;
    }
    !in_head && counts == [1; 5] && no_bare_lf(bytes)
}

fn no_bare_lf(bytes: &[u8]) -> bool {
    bytes.iter().enumerate().all(|(at, &b)| b != b'\n' || (at > 0 && bytes[at - 1] == b'\r'))
}

/// One line of the header block: a field whose name is ftext, or the continuation of one that is not blank.
fn field(line: &[u8], first: bool, counts: &mut [u32; 5]) -> bool {
    if line.starts_with(b" ") || line.starts_with(b"\t") {
        return !first && line.iter().any(|b| !b" \t".contains(b));
    }
    let Some(colon) = line.iter().position(|&b| b == b':') else {
        return false;
    };
    let name = line[..colon].to_ascii_lowercase();
    if name.is_empty() || name.contains(&b' ') || name.contains(&b'\t') {
        return false;
    }
    for (count, wanted) in counts.iter_mut().zip(["date", "from", "to", "subject", "message-id"]) {
        *count += u32::from(name == wanted.as_bytes());
    }
    !["cc", "bcc", "sender", "return-receipt-to", "disposition-notification-to"]
        .iter()
        .any(|n| name == n.as_bytes())
}
