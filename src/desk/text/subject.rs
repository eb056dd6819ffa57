//! The public name of a ticket in a subject: `[PREFIX-NUMBER]`, once, at the end (INTERFACE, Mail, 1st
//! point).

use crate::mail::inbound::SUBJECT_CHARS_MAX;
use crate::mail::subject::is_mark;

/// Every ticket number that a subject names.
pub fn ticket_numbers(subject: &str, prefix: &str) -> Vec<i64> {
    pieces(bounded(subject), prefix).into_iter().map(|(_, _, n)| n).collect()
}

/// The part of a subject that is looked at. Forms and the command line give subjects of any length, too.
fn bounded(subject: &str) -> &str {
    subject.char_indices().nth(SUBJECT_CHARS_MAX).map_or(subject, |(end, _)| &subject[..end])
}

/// A subject without tokens and without the reply and forward marks of mail clients in front.
pub fn without_tokens(subject: &str, prefix: &str) -> String {
    let subject = bounded(subject);
    let mut out = String::new();
    let mut at = 0;
    for (start, end, _) in pieces(subject, prefix) {
        out.push_str(&subject[at..start]);
        out.push(' ');
        at = end;
    }
    out.push_str(&subject[at..]);
    base(&out)
}

/// RFC 5256 §2.1: what is left without `Re:`, `(fwd)` and `[Fwd: ..]`. The tag of a list stays, marks behind
/// it go.
fn base(subject: &str) -> String {
    let mut rest = subject.trim();
    let mut words: Vec<&str> = Vec::new();
    loop {
        if let Some(next) = without_mark(rest).or_else(|| without_trailer(rest)).or_else(|| unwrapped(rest)) {
            rest = next;
        } else if let Some((tag, after)) = tag(rest).filter(|_| words.len() < MAX_TAGS) {
            words.push(tag);
            rest = after;
        } else {
            break;
        }
    }
    words.into_iter().chain(rest.split_whitespace()).collect::<Vec<_>>().join(" ")
}

/// Characters of a reply or forward mark, with a count such as `[2]`, up to its colon.
const MARK_CHARS_MAX: usize = 40;

/// Tags of lists that are looked past.
const MAX_TAGS: usize = 5;

/// `subject [PREFIX-NUMBER]`.
pub fn with_token(subject: &str, prefix: &str, number: i64) -> String {
    let bare = without_tokens(subject, prefix);
    let words = if bare.is_empty() { "(no subject)" } else { &bare };
    // RFC 5322 §2.1.1: a subject that clients still show; the rest is in the mail.
    let short: String = words.chars().take(180).collect();
    format!("{} [{prefix}-{number}]", short.trim_end())
}

/// (start, end, number) of every token.
fn pieces(subject: &str, prefix: &str) -> Vec<(usize, usize, i64)> {
    let open = format!("[{prefix}-");
    let mut out = Vec::new();
    let mut from = 0;
    while from < subject.len() {
        let Some(start) = find_ignoring_case(&subject[from..], &open).map(|i| i + from) else { break };
        let digits_at = start + open.len();
        let digits: &str = &subject[digits_at..];
        let n = digits.bytes().take_while(u8::is_ascii_digit).count();
        if (1..=15).contains(&n) && digits[n..].starts_with(']') {
            let number = digits[..n].parse().expect("15 digits fit");
            out.push((start, digits_at + n + 1, number));
        }
        from = digits_at;
    }
    out
}

fn find_ignoring_case(text: &str, what: &str) -> Option<usize> {
    let (t, w) = (text.as_bytes(), what.as_bytes());
    (0..t.len().saturating_sub(w.len() - 1))
        .find(|&i| t[i..i + w.len()].eq_ignore_ascii_case(w) && text.is_char_boundary(i))
}

/// The words before one `(fwd)` at the end.
fn without_trailer(subject: &str) -> Option<&str> {
    let inner = subject.strip_suffix(')')?;
    // No mark is longer than this; a look further back would make a long subject slow.
    let from = inner.char_indices().rev().take(20).find(|(_, c)| *c == '(')?.0;
    is_mark(inner[from + 1..].trim()).then(|| inner[..from].trim_end())
}

/// The subject within `[Fwd: subject]`.
fn unwrapped(subject: &str) -> Option<&str> {
    without_mark(subject.strip_prefix('[')?.strip_suffix(']')?)
}

/// A tag in front, and the words after it, if there are any.
fn tag(subject: &str) -> Option<(&str, &str)> {
    let end = subject.strip_prefix('[')?.char_indices().take(80).find(|(_, c)| *c == ']')?.0 + 2;
    let after = subject[end..].trim_start();
    (!after.is_empty()).then(|| (&subject[..end], after))
}

/// The words after one `Re:`, `AW:`, `Fwd:` and the like, also with a count as in `Re[2]:`.
fn without_mark(subject: &str) -> Option<&str> {
    // No mark with its count is longer than this; a look at all of it for each mark would make a square.
    let colon = subject.char_indices().take(MARK_CHARS_MAX).find(|(_, c)| [':', '：'].contains(c))?.0;
    let head = subject[..colon].trim_end();
    let head = head.split(['[', '(']).next().unwrap_or(head).trim_end();
    is_mark(head).then(|| subject[colon..].trim_start_matches([':', '：']).trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// T122: what stands behind the bound is neither searched nor stripped.
    #[test]
    fn t122_a_subject_is_looked_at_as_far_as_its_bound() {
        let long = format!("Printer {} [DESK-7]", "(fwd)".repeat(50_000));
        assert!(ticket_numbers(&long, "DESK").is_empty());
        assert!(without_tokens(&long, "DESK").chars().count() <= SUBJECT_CHARS_MAX);
        let far = format!("{}: Printer", "re ".repeat(20));
        assert_eq!(without_tokens(&far, "DESK"), far, "a mark stands at the beginning");
    }

    #[test]
    fn tokens_are_found_and_stand_once() {
        let cases = [
            ("Re: Printer [DESK-7]", "Printer [DESK-7]"),
            ("AW: Re: Fwd: [DESK-7] Printer [desk-7]", "Printer [DESK-7]"),
            ("Re[2]: Printer", "Printer [DESK-7]"),
            ("", "(no subject) [DESK-7]"),
            ("Fwd: hello (fwd) (WG)", "hello [DESK-7]"),
            ("[Fwd: Re: hello]", "hello [DESK-7]"),
            ("[list] Re: hello", "[list] hello [DESK-7]"),
            ("[hello world]", "[hello world] [DESK-7]"),
            ("(hello)", "(hello) [DESK-7]"),
            (": hello", ": hello [DESK-7]"),
            ("Reply: not a mark", "Reply: not a mark [DESK-7]"),
            ("[DESK-x] [DESK-] odd", "[DESK-x] [DESK-] odd [DESK-7]"),
        ];
        for (subject, expected) in cases {
            assert_eq!(with_token(subject, "DESK", 7), expected);
        }
        assert_eq!(ticket_numbers("x [DESK-12] y [desk-3] [DESKS-4]", "DESK"), [12, 3]);
    }
}
