//! A body becomes lines.

use super::attribution;
use super::lines::BodyLine;

/// The lines of a body. Where a client set the attribution behind the last words, these are two lines.
pub(super) fn split(text: &str) -> Vec<BodyLine<'_>> {
    let mut raw: Vec<BodyLine<'_>> = text.split('\n').map(BodyLine::parse).collect();
    for at in 1..raw.len() {
        // An address was broken before its bracket: "skrev Ann <ann@example.com" and below it ">:".
        if raw[at].quoted && raw[at].text.len() < 40 && raw[at].text.trim_end().ends_with([':', '：']) {
            raw[at].quoted = !has_open_bracket(&raw[at.saturating_sub(2)..at]);
        }
    }
    let mut out = Vec::with_capacity(raw.len());
    let mut quoted_below = false;
    // From below: what stands under a line decides.
    for line in raw.iter().rev() {
        match attribution::behind_words(line.text, quoted_below).filter(|_| !line.is_quoted()) {
            Some(at) => {
                out.push(BodyLine { text: &line.text[at..], ..*line });
                out.push(BodyLine { text: line.text[..at].trim_end(), history: false, ..*line });
            }
            None => out.push(*line),
        }
        if !line.is_blank() {
            quoted_below = line.is_quoted();
        }
    }
    out.reverse();
    out
}

/// Whether more brackets open than close in lines that are not quoted.
fn has_open_bracket(lines: &[BodyLine<'_>]) -> bool {
    let texts = || lines.iter().filter(|l| !l.quoted && l.text.len() < 400).map(|l| l.text);
    texts().map(|t| t.matches('<').count()).sum::<usize>()
        > texts().map(|t| t.matches('>').count()).sum::<usize>()
}
